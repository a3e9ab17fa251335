use crate::Import;
use crate::batch::{Batch, Candidate};
use crate::decision::{Decided, Decision};
use crate::in_order::in_order;
use crate::options::OnConflict;
use crate::plan::{Note, PlannedLink, Rules};
use crate::result::{linked, planned, proposed, repeated};
use shared::auth::Member;
use shared::http::{Outcome, RowBody, ShortBase};
use shared::model::{Access, Actor, Birth, Link, NewLink, Slug, SlugPrefix};
use shared::store::{CreateError, Created, StoreError};
use std::iter::{from_fn, once, repeat_with};
use std::time::Duration;
use tokio::time::Instant;

/// The number of links that are made concurrently. Rows begin in the order of the file, so that one number says where the
/// next request begins.
const CONCURRENT_WRITES: usize = 16;
/// After this time, no further row is begun. The rest of the function's time limit is for finishing the
/// rows that were begun.
const RUN_TIMEOUT: Duration = Duration::from_secs(20);

/// An import of one batch.
pub struct Run<'a> {
    /// The function.
    pub function: &'a Import,
    /// The caller, who becomes the creator of the links.
    pub member: &'a Member,
    /// The rules for the links.
    pub rules: &'a Rules<'a>,
    /// The beginning of the organization's short URLs.
    pub short_base: &'a ShortBase,
    /// When the request arrived.
    pub started: Instant,
}

/// What happened to a row.
enum Step<'a> {
    Done(Box<RowBody>),
    /// The same as for an earlier row of the batch. Contains the position of that row in the batch, from 0.
    Repeat(&'a Candidate<'a>, usize),
}

/// A link to create.
struct New<'a> {
    candidate: &'a Candidate<'a>,
    slug: Option<&'a Slug>,
    deleted: Option<&'a Birth>,
    notes: Vec<Note>,
}

impl Run<'_> {
    /// Imports the rows of a batch in their order. Returns the results of all rows. If the time runs out or the store
    /// fails, returns only the results of the first rows, at least one.
    ///
    /// # Errors
    /// The store failed before the first row was done. Other rows may nevertheless have become links. If the same
    /// request is sent again, it finds these links.
    pub async fn results(
        &self,
        batch: &Batch<'_>,
        decisions: &[Decided<'_>],
    ) -> Result<Vec<RowBody>, StoreError> {
        let actor = self.member.actor();
        let mut decided = decisions.iter();
        // With `map`, the compiler could not prove that this future is `Send`.
        let tasks = from_fn(|| Some(self.step(batch, decided.next()?, &actor)));
        let is_early = || self.started.elapsed() < RUN_TIMEOUT;
        let (steps, error) = in_order(tasks, CONCURRENT_WRITES, is_early).await;
        // The next request begins with the failed row. If later rows became links, that request finds these links.
        if let (Some(error), true) = (error, steps.is_empty()) {
            return Err(error);
        }
        let mut results: Vec<RowBody> = Vec::new();
        for step in steps {
            results.push(match step {
                Step::Done(result) => *result,
                Step::Repeat(candidate, place) => match results.get(place) {
                    Some(earlier) => repeat(candidate, earlier),
                    None => conflict(candidate, None),
                },
            });
        }
        Ok(results)
    }

    async fn step<'a>(
        &self,
        batch: &Batch<'_>,
        decided: &'a Decided<'a>,
        actor: &Actor,
    ) -> Result<Step<'a>, StoreError> {
        let (candidate, decision) = match decided {
            Ok((candidate, decision)) => (*candidate, decision),
            Err(result) => return Ok(Step::Done(Box::new((*result).clone()))),
        };
        let Candidate { row, link, .. } = candidate;
        let result = match decision {
            Decision::Repeat(place) => return Ok(Step::Repeat(candidate, *place)),
            Decision::Link(outcome, found) => self.found(candidate, found, *outcome),
            Decision::Conflict(free) => {
                let mut conflict = conflict(candidate, free.clone());
                let leading = self.function.links.leading_to(&self.member.org_id, &link.url).await?;
                conflict.notes.extend(leading.map(|slug| Note::SameTarget(slug).body()));
                conflict
            }
            Decision::Create { slug, is_renamed, deleted } => {
                let (slug, deleted) = (slug.as_ref(), deleted.as_ref());
                let mut notes = link.notes.clone();
                if let Some(slug) = slug.filter(|_| *is_renamed) {
                    changed_slug(&mut notes, slug);
                }
                let leading = self.function.links.leading_to(&self.member.org_id, &link.url).await?;
                notes.extend(leading.map(Note::SameTarget));
                let new = New { candidate, slug, deleted, notes };
                if self.rules.options.dry_run {
                    proposed(row, link, slug, &new.notes, self.short_base)
                } else {
                    self.create(batch, new, actor).await?
                }
            }
        };
        Ok(Step::Done(Box::new(result)))
    }

    /// Returns the result of a row whose link exists.
    fn found(&self, candidate: &Candidate<'_>, found: &Link, outcome: Outcome) -> RowBody {
        let Candidate { row, link, .. } = candidate;
        let mut notes = about_slug(link);
        let leads = |slug: &Slug| *slug == found.id || found.aliases.contains(slug);
        if link.slug.as_ref().is_some_and(|slug| !leads(slug)) {
            changed_slug(&mut notes, &found.id);
        }
        notes.extend((found.url != link.url).then_some(Note::TargetChanged));
        linked(row, found, outcome, &notes, self.short_base)
    }

    /// Makes a link, unless its slug has been taken since the lookup.
    async fn create(
        &self,
        batch: &Batch<'_>,
        mut new: New<'_>,
        actor: &Actor,
    ) -> Result<RowBody, StoreError> {
        let org = &self.member.org_id;
        let Some(slug) = new.slug else {
            let prefix = self.rules.options.prefix.as_ref().map_or("", SlugPrefix::as_str);
            let draw = || {
                let drawn = self.function.slugs.draw();
                Slug::try_from(format!("{prefix}{drawn}")).unwrap_or(drawn)
            };
            return Ok(match self.make(&new, actor, repeat_with(draw)).await? {
                Some(result) => result,
                None => conflict(new.candidate, None),
            });
        };
        if let Some(result) = self.make(&new, actor, once(slug.clone())).await? {
            return Ok(result);
        }
        let links = &self.function.links;
        if let Some(found) = links.read(org, slug).await?.filter(|found| found.url == new.candidate.link.url)
        {
            return Ok(self.found(new.candidate, &found, Outcome::Exists));
        }
        if self.rules.options.on_conflict == OnConflict::Skip {
            let free = links.free_slug(org, slug).await.ok().flatten();
            return Ok(conflict(new.candidate, free.filter(|free| !batch.claims.has(free))));
        }
        let successors: Vec<Slug> = slug.successors().filter(|slug| !batch.claims.has(slug)).collect();
        changed_slug(&mut new.notes, slug);
        match self.make(&new, actor, successors).await? {
            Some(result) => Ok(result),
            None => Ok(conflict(new.candidate, None)),
        }
    }

    /// Makes a link with the first free slug of `slugs`. Returns `None` if none of them is free.
    async fn make(
        &self,
        new: &New<'_>,
        actor: &Actor,
        slugs: impl IntoIterator<Item = Slug>,
    ) -> Result<Option<RowBody>, StoreError> {
        let (org, changes) = (&self.member.org_id, &self.function.changes);
        let link = self.new_link(&new.candidate.link);
        match changes.import(org, &link, &new.candidate.mark, new.deleted, actor, slugs).await {
            Ok(Created::New(made, _)) => {
                let mut notes = new.notes.clone();
                if new.slug.is_some_and(|slug| *slug != made.id) {
                    changed_slug(&mut notes, &made.id);
                }
                Ok(Some(linked(new.candidate.row, &made, Outcome::Created, &notes, self.short_base)))
            }
            Ok(Created::Before(made)) => Ok(Some(self.found(new.candidate, &made, Outcome::Replayed))),
            Err(CreateError::SlugTaken) => Ok(None),
            // In an import's mark, the key and the hash are equal, so no import has stored this key with another hash.
            Err(CreateError::KeyReused) => Err(StoreError::Corrupt("request_hash")),
            Err(CreateError::Store(error)) => Err(error),
        }
    }

    fn new_link(&self, link: &PlannedLink) -> NewLink {
        NewLink {
            url: link.url.clone(),
            creator_user_id: self.member.user_id.clone(),
            creator_name: self.member.name.clone(),
            created_at: self.rules.now,
            title: link.title.clone(),
            tags: link.tags.clone(),
            access: link.access,
            forward: link.forward,
            enabled: link.enabled,
            expires_at: link.expires_at,
        }
    }
}

fn conflict(candidate: &Candidate<'_>, free: Option<Slug>) -> RowBody {
    RowBody { suggested_id: free, ..planned(candidate.row, &candidate.link, Outcome::Conflict) }
}

/// Returns the result of a row that repeats an earlier row. `earlier` is the result of that earlier row.
fn repeat(candidate: &Candidate<'_>, earlier: &RowBody) -> RowBody {
    if earlier.result == Outcome::Conflict {
        return conflict(candidate, earlier.suggested_id.clone());
    }
    let Candidate { row, link, .. } = candidate;
    let mut notes = about_slug(link);
    if let (Some(slug), Some(id)) = (&link.slug, &earlier.id)
        && slug != id
    {
        changed_slug(&mut notes, id);
    }
    if earlier.access == Access::Members.as_str() && link.notes.contains(&Note::MembersOnly) {
        notes.push(Note::MembersOnly);
    }
    repeated(row, earlier, &notes)
}

/// Returns the notes about a link's slug.
fn about_slug(link: &PlannedLink) -> Vec<Note> {
    let is_about_slug =
        |note: &&Note| matches!(note, Note::SlugChanged(_) | Note::SlugDrawn | Note::SlugFolded);
    link.notes.iter().filter(is_about_slug).cloned().collect()
}

/// Notes that the link's slug is `slug`, and removes earlier notes that the slug was changed.
fn changed_slug(notes: &mut Vec<Note>, slug: &Slug) {
    notes.retain(|note| !matches!(note, Note::SlugChanged(_) | Note::SlugFolded));
    notes.insert(0, Note::SlugChanged(slug.clone()));
}

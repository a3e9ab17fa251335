use crate::batch::{Batch, Candidate};
use crate::claims::Place;
use crate::options::OnConflict;
use crate::plan::Rules;
use shared::http::{Outcome, RowBody};
use shared::model::{Birth, Link, OrgId, Slug, TargetUrl};
use shared::store::{ChangeStore, Imported, LinkStore, Occupant, StoreError};
use std::collections::{BTreeSet, HashMap};

/// For each row that needs another slug, the number of similar slugs that are looked up first. Usually one of these
/// slugs is free.
const FIRST_SUCCESSORS: usize = 4;

/// What happens to a candidate, depending on what is in the store.
#[derive(Debug)]
pub enum Decision {
    /// Nothing, because the row's link exists. The outcome says whether an earlier import of the row created that link.
    Link(Outcome, Box<Link>),
    /// The same as for an earlier row of the batch. Contains that row's position in the batch, from 0.
    Repeat(usize),
    /// Nothing, because the row's slug is taken. Contains a free slug, if one was found.
    Conflict(Option<Slug>),
    /// The row's link is made.
    Create {
        /// The slug; `None` to draw one.
        slug: Option<Slug>,
        /// Whether the slug differs from the planned one, which is taken.
        is_renamed: bool,
        /// The birth of the link that an earlier import of the row made, if that link has since been deleted.
        deleted: Option<Birth>,
    },
}

/// A candidate and what happens to it, or the result of a row that is refused or skipped.
pub type Decided<'a> = Result<(&'a Candidate<'a>, Decision), &'a RowBody>;

/// Decides what happens to the rows of a batch, in their order. Nothing is written. Slugs and marks are read in batches, so
/// that sending a file again is cheap.
///
/// # Errors
/// A call failed, or an item is malformed.
pub async fn decide<'a>(
    batch: &'a Batch<'a>,
    rules: &Rules<'_>,
    links: &LinkStore,
    changes: &ChangeStore,
) -> Result<Vec<Decided<'a>>, StoreError> {
    let org = rules.org;
    let candidates = || batch.candidates.iter().flatten();
    let marks: Vec<_> = candidates().map(|candidate| &candidate.mark).collect();
    let slugs = candidates().filter_map(|candidate| candidate.link.slug.clone()).collect();
    // Slugs are read before marks: if another request makes the row's link between these reads, the slug looks free,
    // but the mark is found.
    let occupants = links.occupants(org, &slugs).await?;
    let imported = changes.imported(org, &marks).await?;
    let store = Standing { start: batch.start, imported, occupants };
    let mut decisions: Vec<Decided<'a>> = batch
        .candidates
        .iter()
        .map(|row| match row {
            Ok(candidate) => Ok((candidate, store.decide(candidate))),
            Err(result) => Err(&**result),
        })
        .collect();

    let conflicts = decisions.iter_mut().flatten().filter_map(|(candidate, decision)| {
        let slug = candidate.link.slug.as_ref()?;
        matches!(decision, Decision::Conflict(_))
            .then_some(((slug, &candidate.link.url), (*candidate, decision)))
    });
    let (taken, conflicts): (Vec<_>, Vec<_>) = conflicts.unzip();
    let successors = successors(batch, &taken, org, links).await?;
    for ((candidate, decision), successor) in conflicts.into_iter().zip(successors) {
        *decision = match (rules.options.on_conflict, successor) {
            (_, Some(Successor::Same(found))) => Decision::Link(Outcome::Exists, found),
            (OnConflict::Rename, Some(Successor::Free(free))) => {
                Decision::Create { slug: Some(free), is_renamed: true, deleted: store.deleted(candidate) }
            }
            (OnConflict::Skip, Some(Successor::Free(free))) => Decision::Conflict(Some(free)),
            (_, None) => Decision::Conflict(None),
        };
    }
    Ok(decisions)
}

/// What the store has for the rows of a batch.
struct Standing {
    /// The index of the batch's first row among all rows of the file, counted from 0.
    start: usize,
    imported: HashMap<String, Imported>,
    occupants: HashMap<Slug, Occupant>,
}

impl Standing {
    fn decide(&self, candidate: &Candidate<'_>) -> Decision {
        let Candidate { link, mark, .. } = candidate;
        let repeated = match candidate.place {
            Place::RepeatOf(first) => Some(first),
            _ => None,
        };
        if let Some(place) = repeated.and_then(|first| first.checked_sub(self.start)) {
            return Decision::Repeat(place);
        }
        if let Some(Imported::Link(made)) = self.imported.get(&mark.key) {
            let outcome = if repeated.is_some() { Outcome::Exists } else { Outcome::Replayed };
            return Decision::Link(outcome, made.clone());
        }
        match link.slug.as_ref().and_then(|slug| self.occupants.get(slug)) {
            Some(Occupant::Link(found)) if found.url == link.url => {
                Decision::Link(Outcome::Exists, found.clone())
            }
            Some(_) => Decision::Conflict(None),
            None if candidate.place == Place::Disputed => Decision::Conflict(None),
            None => {
                let deleted = self.deleted(candidate);
                Decision::Create { slug: link.slug.clone(), is_renamed: false, deleted }
            }
        }
    }

    fn deleted(&self, candidate: &Candidate<'_>) -> Option<Birth> {
        match self.imported.get(&candidate.mark.key)? {
            Imported::Deleted(birth) => Some(birth.clone()),
            Imported::Link(_) => None,
        }
    }
}

/// A slug that a row can have instead of the taken one.
#[derive(Debug, Clone)]
enum Successor {
    /// A link with the row's destination has the slug, probably because an earlier import renamed the row.
    Same(Box<Link>),
    /// No link has the slug, and no row of the file claims it.
    Free(Slug),
}

/// For each taken slug and its row's destination, returns the slug's first successor that is free or belongs to a link
/// with this destination. No free slug is returned twice.
async fn successors(
    batch: &Batch<'_>,
    taken: &[(&Slug, &TargetUrl)],
    org: &OrgId,
    links: &LinkStore,
) -> Result<Vec<Option<Successor>>, StoreError> {
    let mut found: Vec<Option<Successor>> = vec![None; taken.len()];
    let mut used = BTreeSet::new();
    for max in [FIRST_SUCCESSORS, usize::MAX] {
        let missing = taken.iter().zip(&found).filter(|(_, found)| found.is_none());
        let slugs: BTreeSet<Slug> =
            missing.flat_map(|((taken, _), _)| taken.successors().take(max)).collect();
        if slugs.is_empty() {
            break;
        }
        let occupants = links.occupants(org, &slugs).await?;
        for ((taken, url), found) in taken.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
            *found = taken.successors().take(max).find_map(|slug| match occupants.get(&slug) {
                Some(Occupant::Link(link)) if link.url == **url => Some(Successor::Same(link.clone())),
                Some(_) => None,
                None if batch.claims.has(&slug) || used.contains(&slug) => None,
                None => Some(Successor::Free(slug)),
            });
            if let Some(Successor::Free(slug)) = found {
                used.insert(slug.clone());
            }
        }
    }
    Ok(found)
}

use crate::plan::PlannedLink;
use shared::model::{Access, Slug, TargetUrl};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The slugs that the rows of a file claim. Only rows that would become links claim a slug.
#[derive(Debug, Default)]
pub struct Claims {
    slugs: HashMap<Slug, Claim>,
    twins: HashMap<TwinKey, Twins>,
}

#[derive(Debug)]
struct Claim {
    url: TargetUrl,
    is_disputed: bool,
}

/// Slug, slug in the file and destination. The slug in the file counts only if the link gets a random slug.
type TwinKey = (Option<Slug>, String, String);

/// Rows that become one link.
#[derive(Debug)]
struct Twins {
    first: usize,
    access: Access,
}

/// How a row relates to the other rows of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The row is the first with its slug and destination.
    First,
    /// An earlier row has the same slug and destination. Contains its number, counted from 0.
    RepeatOf(usize),
    /// Rows with the same slug have different destinations.
    Disputed,
}

impl Claims {
    /// Adds a row's claim. `source` is the slug in the file.
    pub fn add(&mut self, row: usize, source: &str, link: &PlannedLink) {
        if let Some(slug) = &link.slug {
            let claim = Claim { url: link.url.clone(), is_disputed: false };
            let claim = self.slugs.entry(slug.clone()).or_insert(claim);
            claim.is_disputed |= claim.url != link.url;
        }
        match self.twins.entry(twin_key(source, link)) {
            Entry::Vacant(vacant) => {
                vacant.insert(Twins { first: row, access: link.access });
            }
            Entry::Occupied(mut twins) if link.access == Access::Members => {
                twins.get_mut().access = Access::Members;
            }
            Entry::Occupied(_) => {}
        }
    }

    /// Returns how a row relates to the other rows. All rows must have been added.
    pub fn place(&self, row: usize, source: &str, link: &PlannedLink) -> Place {
        let claim = link.slug.as_ref().and_then(|slug| self.slugs.get(slug));
        if claim.is_some_and(|claim| claim.is_disputed) {
            return Place::Disputed;
        }
        let first = self.twins.get(&twin_key(source, link)).map(|twins| twins.first);
        first.filter(|first| *first < row).map_or(Place::First, Place::RepeatOf)
    }

    /// Returns whether the row's link must be for members only although the row itself does not require this: another
    /// row that becomes the same link does. All rows must have been added.
    pub fn is_closed(&self, source: &str, link: &PlannedLink) -> bool {
        let twins = self.twins.get(&twin_key(source, link));
        link.access != Access::Members && twins.is_some_and(|twins| twins.access == Access::Members)
    }

    /// Returns whether a row claims the slug.
    pub fn has(&self, slug: &Slug) -> bool {
        self.slugs.contains_key(slug)
    }
}

fn twin_key(source: &str, link: &PlannedLink) -> TwinKey {
    let source = if link.slug.is_none() { source } else { "" };
    (link.slug.clone(), source.to_owned(), link.url.as_str().to_owned())
}

use crate::plan::PlannedLink;
use shared::model::{Access, Slug, TargetUrl};
use std::collections::HashMap;

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

/// Rows with the same slug and destination.
#[derive(Debug, Default)]
struct Twins {
    /// The first row that would become a link, counted from 0.
    first: Option<usize>,
    are_closed: bool,
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
        let twins = self.twins.entry(twin_key(source, link)).or_default();
        twins.first.get_or_insert(row);
        twins.are_closed |= link.access == Access::Members;
    }

    /// Adds a skipped row. It claims no slug, but if it is for members only, rows with the same slug and destination are too.
    pub fn add_skipped(&mut self, source: &str, link: &PlannedLink) {
        let twins = self.twins.entry(twin_key(source, link)).or_default();
        twins.are_closed |= link.access == Access::Members;
    }

    /// Returns how a row relates to the other rows. All rows must have been added.
    pub fn place(&self, row: usize, source: &str, link: &PlannedLink) -> Place {
        let claim = link.slug.as_ref().and_then(|slug| self.slugs.get(slug));
        if claim.is_some_and(|claim| claim.is_disputed) {
            return Place::Disputed;
        }
        let first = self.twins.get(&twin_key(source, link)).and_then(|twins| twins.first);
        first.filter(|first| *first < row).map_or(Place::First, Place::RepeatOf)
    }

    /// Returns whether the row's link must be for members only although the row itself does not require this: another
    /// row with the same slug and destination does. All rows must have been added.
    pub fn is_closed(&self, source: &str, link: &PlannedLink) -> bool {
        let twins = self.twins.get(&twin_key(source, link));
        link.access != Access::Members && twins.is_some_and(|twins| twins.are_closed)
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

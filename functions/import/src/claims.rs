use crate::plan::PlannedLink;
use shared::model::{Slug, TargetUrl};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The slugs that the rows of a file claim. Only rows that would become links claim a slug.
#[derive(Debug, Default)]
pub struct Claims {
    slugs: HashMap<Slug, Claim>,
    /// For rows that get a random slug: the first row with each pair (slug in the file, destination).
    drawn: HashMap<(String, String), usize>,
}

#[derive(Debug)]
struct Claim {
    first: usize,
    url: TargetUrl,
    is_disputed: bool,
}

/// How a row relates to the other rows of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The row is the first with its slug and destination. Rows are counted from 0.
    First,
    /// An earlier row has the same slug and destination.
    RepeatOf(usize),
    /// Rows with the same slug have different destinations.
    Disputed,
}

impl Claims {
    /// Adds a row's claim. `source` is the slug in the file.
    pub fn add(&mut self, row: usize, source: &str, link: &PlannedLink) {
        let Some(slug) = &link.slug else {
            self.drawn.entry(drawn(source, link)).or_insert(row);
            return;
        };
        match self.slugs.entry(slug.clone()) {
            Entry::Occupied(mut claim) => claim.get_mut().is_disputed |= claim.get().url != link.url,
            Entry::Vacant(vacant) => {
                vacant.insert(Claim { first: row, url: link.url.clone(), is_disputed: false });
            }
        }
    }

    /// Returns how a row relates to the other rows. All rows must have been added.
    pub fn place(&self, row: usize, source: &str, link: &PlannedLink) -> Place {
        let first = match &link.slug {
            Some(slug) => match self.slugs.get(slug) {
                Some(claim) if claim.is_disputed => return Place::Disputed,
                claim => claim.map(|claim| claim.first),
            },
            None => self.drawn.get(&drawn(source, link)).copied(),
        };
        first.filter(|first| *first < row).map_or(Place::First, Place::RepeatOf)
    }

    /// Returns whether a row claims the slug.
    pub fn has(&self, slug: &Slug) -> bool {
        self.slugs.contains_key(slug)
    }
}

fn drawn(source: &str, link: &PlannedLink) -> (String, String) {
    (source.to_owned(), link.url.as_str().to_owned())
}

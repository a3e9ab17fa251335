use crate::file::{Expiry, Row};
use crate::plan::{Note, PlannedLink};
use shared::http::{Outcome, RowBody, RowFault, ShortBase};
use shared::model::{Link, Slug};

/// The maximum length, in characters, of each value that is shown for a refused row.
const MAX_SHOWN: usize = 300;
/// The maximum number of tags that are shown for a refused row.
const MAX_SHOWN_TAGS: usize = 10;

/// Returns a row's result, which contains the values from the row's plan.
pub fn planned(row: &Row, link: &PlannedLink, result: Outcome) -> RowBody {
    RowBody {
        result,
        id: link.slug.clone(),
        url: link.url.as_str().to_owned(),
        title: link.title.as_ref().map(ToString::to_string),
        tags: link.tags.iter().map(ToString::to_string).collect(),
        access: link.access.as_str().to_owned(),
        forward: link.forward.as_str().to_owned(),
        enabled: link.enabled,
        expires_at: link.expires_at.map(|at| at.to_string()),
        notes: link.notes.iter().map(Note::body).collect(),
        ..as_found(row)
    }
}

/// Returns a dry run's result for a row that would become a link. If the slug would be random, the result
/// has no slug.
pub fn proposed(
    row: &Row,
    link: &PlannedLink,
    slug: Option<&Slug>,
    notes: &[Note],
    base: &ShortBase,
) -> RowBody {
    RowBody {
        id: slug.cloned(),
        short_url: slug.map(|slug| base.url_of(slug)),
        notes: notes.iter().map(Note::body).collect(),
        ..planned(row, link, Outcome::Created)
    }
}

/// Returns the result of a row whose link is in the store.
pub fn linked(row: &Row, link: &Link, result: Outcome, notes: &[Note], base: &ShortBase) -> RowBody {
    RowBody {
        result,
        id: Some(link.id.clone()),
        url: link.url.as_str().to_owned(),
        title: link.title.as_ref().map(ToString::to_string),
        tags: link.tags.iter().map(ToString::to_string).collect(),
        access: link.access.as_str().to_owned(),
        forward: link.forward.as_str().to_owned(),
        enabled: link.enabled,
        expires_at: link.expires_at.map(|at| at.to_string()),
        short_url: Some(base.url_of(&link.id)),
        notes: notes.iter().map(Note::body).collect(),
        ..as_found(row)
    }
}

/// Returns the result of a row that repeats an earlier row of the file, and so has the same link. `earlier` is the
/// earlier row's result.
pub fn repeated(row: &Row, earlier: &RowBody, notes: &[Note]) -> RowBody {
    RowBody {
        row: row.number,
        result: Outcome::Exists,
        source: row.source().map(shown),
        notes: notes.iter().map(Note::body).collect(),
        ..earlier.clone()
    }
}

/// Returns the result of a row that breaks rules.
pub fn refused(row: &Row, faults: Vec<RowFault>) -> RowBody {
    RowBody { errors: faults, ..as_found(row) }
}

/// Returns the result of a refused row, with its values as the file has them. The other results replace these values.
fn as_found(row: &Row) -> RowBody {
    RowBody {
        row: row.number,
        result: Outcome::Refused,
        source: row.source().map(shown),
        id: None,
        url: shown(&row.url),
        title: row.title.as_deref().map(shown),
        tags: row.tags.iter().take(MAX_SHOWN_TAGS).map(|tag| shown(tag)).collect(),
        access: shown(row.access.as_deref().unwrap_or("public")),
        forward: shown(row.forward.as_deref().unwrap_or("none")),
        enabled: row.enabled,
        expires_at: row.expires_at.as_ref().map(|expiry| match expiry {
            Expiry::At(at) => at.to_string(),
            Expiry::Invalid(text) => shown(text),
        }),
        short_url: None,
        suggested_id: None,
        notes: Vec::new(),
        errors: Vec::new(),
    }
}

/// Makes text safe to show: cuts it at 300 characters, and replaces each control character with U+FFFD.
fn shown(text: &str) -> String {
    let sign = |character: char| if character.is_control() { '\u{fffd}' } else { character };
    text.chars().take(MAX_SHOWN).map(sign).collect()
}

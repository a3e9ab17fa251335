use shared::model::{Invalid, Timestamp};

/// A row of a file. Its texts are those of the file, decoded. Only the source's own rules have been checked, not those
/// of Signpost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The line at which the row begins or, in a JSON array, the row's position, counted from 1.
    pub number: u64,
    /// The slug, which may have characters that our slugs do not have. `None` if a slug must be drawn.
    pub slug: Option<String>,
    /// The link's slug in the other link shortener, if the file has a separate value for it.
    pub source: Option<String>,
    /// The destination. It may be empty.
    pub url: String,
    /// The title, with the file's white space and line breaks. `None` if the title is missing or blank.
    pub title: Option<String>,
    /// The tags, trimmed, in the order of the file, at most [`Row::MAX_TAGS`].
    pub tags: Vec<String>,
    /// Whether the link is switched on. Archived and banned links are not.
    pub enabled: bool,
    /// When the link expires.
    pub expires_at: Option<Expiry>,
    /// Who can follow the link, in the words of our API.
    pub access: Option<String>,
    /// What the link forwards, in the words of our API.
    pub forward: Option<String>,
    /// Why the row cannot become a link, whatever its other values are.
    pub refused: Option<Invalid>,
}

/// A row's expiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expiry {
    /// A time.
    At(Timestamp),
    /// Text that is not a time.
    Invalid(String),
}

impl Row {
    /// The maximum number of tags of a row. A link can have far fewer, so further tags would only cost memory.
    pub const MAX_TAGS: usize = 100;

    /// Returns an enabled row without values.
    pub(super) fn new(number: u64) -> Self {
        Self { number, enabled: true, ..Self::default() }
    }

    /// Returns a refused row for text that is not a row. The row's URL is the beginning of that text.
    pub(super) fn unusable(number: u64, text: &str, why: Invalid) -> Self {
        let url = text.chars().take(300).collect();
        Self { url, refused: Some(why), ..Self::new(number) }
    }

    /// Refuses the row. The first reason counts.
    pub(super) fn refuse(&mut self, code: &'static str, message: impl Into<String>) {
        if self.refused.is_none() {
            self.refused = Some(Invalid::new(code, message));
        }
    }
}

use crate::file::Source;
use shared::error::ApiError;
use shared::http::Request;
use shared::model::{Invalid, SlugPrefix, Tag};

/// The maximum number of rows of one request, which is also the default.
const MAX_ROWS: usize = 1000;
/// The maximum length of a prefix, so that the slug after it has room.
const MAX_PREFIX: usize = 32;

/// The query parameters of an import.
#[derive(Debug)]
pub struct Options {
    /// Where the file comes from; `None` if the function must recognize the source.
    pub format: Option<Source>,
    /// Whether to report what would happen, and write nothing.
    pub dry_run: bool,
    /// The number of the first row to import.
    pub from: u64,
    /// The maximum number of rows to import.
    pub limit: usize,
    /// The tag of the import that this request begins or continues.
    pub import: Option<Tag>,
    /// What happens to a row whose slug is taken.
    pub on_conflict: OnConflict,
    /// What happens to a row whose expiry has passed.
    pub disabled: Disabled,
    /// What is put in front of each slug.
    pub prefix: Option<SlugPrefix>,
    /// A tag for each link, in addition to the import's own tag.
    pub tag: Option<Tag>,
}

/// What happens to a row whose slug is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnConflict {
    /// It is reported.
    Skip,
    /// The link gets a similar slug that is free.
    Rename,
}

/// What happens to a row whose expiry has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disabled {
    /// The row is left out.
    Skip,
    /// The row's link is made, but is switched off.
    Keep,
}

impl Options {
    /// Reads the query parameters.
    ///
    /// # Errors
    /// A parameter is unknown or breaks a rule. The error lists all such parameters.
    pub fn from_request(request: &Request) -> Result<Self, ApiError> {
        let mut query = request.query();
        let options = Self {
            format: query.take_or_default("format", format),
            // An empty value is a fault, so that a script whose variable is empty does not write.
            dry_run: query.take("dry_run", flag).unwrap_or(false),
            from: query.take_or_default("from", from).unwrap_or(0),
            limit: query.take_or_default("limit", limit).unwrap_or(MAX_ROWS),
            import: query.take_or_default("import", import),
            on_conflict: query.take_or_default("on_conflict", on_conflict).unwrap_or(OnConflict::Skip),
            disabled: query.take_or_default("disabled", disabled).unwrap_or(Disabled::Skip),
            prefix: query.take_or_default("prefix", prefix),
            tag: query.take_or_default("tag", Tag::try_from),
        };
        query.finish()?;
        Ok(options)
    }
}

fn format(word: String) -> Result<Source, Invalid> {
    let rule = || {
        let words = Source::ALL.map(Source::as_str).join("', '");
        Invalid::new("unknown_word", format!("format must be one of '{words}'"))
    };
    Source::from_word(&word).ok_or_else(rule)
}

fn flag(word: String) -> Result<bool, Invalid> {
    word.parse().map_err(|_| Invalid::new("unknown_word", "dry_run must be 'true' or 'false'"))
}

fn from(text: String) -> Result<u64, Invalid> {
    number(&text).ok_or_else(|| Invalid::new("out_of_range", "from must be the number of a row"))
}

fn limit(text: String) -> Result<usize, Invalid> {
    let rule = || Invalid::new("out_of_range", format!("limit must be a number from 1 to {MAX_ROWS}"));
    number(&text)
        .and_then(|limit| usize::try_from(limit).ok())
        .filter(|limit| *limit <= MAX_ROWS)
        .ok_or_else(rule)
}

/// Parses a positive number without a sign or leading zeros: `+5` and `007` are more likely mistakes than numbers.
fn number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| digits)
}

fn import(text: String) -> Result<Tag, Invalid> {
    let rule = || Invalid::new("invalid_tag", "import must be a tag such as 'imported-20261126-x4k2pq'");
    let tag = Tag::try_from(text).map_err(|_| rule())?;
    if tag.is_of_import() { Ok(tag) } else { Err(rule()) }
}

fn on_conflict(word: String) -> Result<OnConflict, Invalid> {
    match word.as_str() {
        "skip" => Ok(OnConflict::Skip),
        "rename" => Ok(OnConflict::Rename),
        _ => Err(Invalid::new("unknown_word", "on_conflict must be 'skip' or 'rename'")),
    }
}

fn disabled(word: String) -> Result<Disabled, Invalid> {
    match word.as_str() {
        "skip" => Ok(Disabled::Skip),
        "keep" => Ok(Disabled::Keep),
        _ => Err(Invalid::new("unknown_word", "disabled must be 'skip' or 'keep'")),
    }
}

fn prefix(text: String) -> Result<SlugPrefix, Invalid> {
    if text.len() > MAX_PREFIX {
        return Err(Invalid::new("too_long", format!("a prefix must have at most {MAX_PREFIX} characters")));
    }
    SlugPrefix::try_from(text)
}

//! Reads a file that another link shortener exported, or a plain table. Pure: no store, no HTTP.

use shared::model::{Invalid, Timestamp};
use std::fmt;

/// Where a file comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Bitly: its API's JSON, or a CSV file.
    Bitly,
    /// Dub's CSV.
    Dub,
    /// Shlink: the web client's CSV, or its import standard.
    Shlink,
    /// Kutt's API.
    Kutt,
    /// YOURLS: its API's JSON, its table, or its plugins' CSV.
    Yourls,
    /// Short.io's API.
    ShortIo,
    /// Rebrandly's API.
    Rebrandly,
    /// TinyURL's CSV.
    TinyUrl,
    /// golink's NDJSON.
    Golink,
    /// Sink's JSON.
    Sink,
    /// A plain table, JSON or NDJSON with our field names.
    Plain,
}

impl Source {
    /// All sources.
    pub const ALL: [Self; 11] = [
        Self::Bitly,
        Self::Dub,
        Self::Shlink,
        Self::Kutt,
        Self::Yourls,
        Self::ShortIo,
        Self::Rebrandly,
        Self::TinyUrl,
        Self::Golink,
        Self::Sink,
        Self::Plain,
    ];

    /// Returns its name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bitly => "bitly",
            Self::Dub => "dub",
            Self::Shlink => "shlink",
            Self::Kutt => "kutt",
            Self::Yourls => "yourls",
            Self::ShortIo => "short.io",
            Self::Rebrandly => "rebrandly",
            Self::TinyUrl => "tinyurl",
            Self::Golink => "golink",
            Self::Sink => "sink",
            Self::Plain => "plain",
        }
    }

    /// Returns the source with this name, if any.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == word)
    }
}

/// A file's rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where the file comes from.
    pub source: Source,
    /// The rows, in the file's order.
    pub rows: Vec<Row>,
}

/// A row of a file: text as found, decoded. Only what the source alone knows has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line at which the row begins, or the position in a JSON array, from 1.
    pub number: u64,
    /// The slug; `None` if one is to be drawn.
    pub slug: Option<String>,
    /// The destination.
    pub url: String,
    /// The title.
    pub title: Option<String>,
    /// The tags.
    pub tags: Vec<String>,
    /// False if the link is archived, banned or switched off.
    pub enabled: bool,
    /// The expiry.
    pub expires_at: Option<Expiry>,
    /// Who can follow the link, in our own words. Only in a plain file.
    pub access: Option<String>,
    /// What the link forwards, in our own words.
    pub forward: Option<String>,
    /// The rule that this row breaks, if it cannot be a link.
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

/// The reason why a file cannot be read. Displays as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// The file is empty.
    Empty,
    /// The header is not recognized.
    NoHeader,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "The file is empty; export it again.",
            Self::NoHeader => "The first line is not a header that Signpost knows; it needs a column 'url'.",
        })
    }
}

impl std::error::Error for Unreadable {}

/// Reads a file. `source` says where it comes from; `None` recognizes it by its header.
///
/// # Errors
/// The file is empty, or its header is not recognized.
pub fn read(bytes: &[u8], source: Option<Source>) -> Result<File, Unreadable> {
    if bytes.trim_ascii().is_empty() {
        return Err(Unreadable::Empty);
    }
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let header = reader.headers().map_err(|_| Unreadable::NoHeader)?.clone();
    let column = |name: &str| header.iter().position(|cell| cell == name);
    let url = column("url").ok_or(Unreadable::NoHeader)?;
    let records = reader.records().filter_map(Result::ok);
    let rows = records.map(|record| {
        let cell = |name: &str| {
            let cell = record.get(column(name)?)?;
            (!cell.is_empty()).then(|| cell.to_owned())
        };
        let tags = cell("tags").unwrap_or_default();
        Row {
            number: record.position().map_or(0, csv::Position::line),
            slug: cell("id"),
            url: record.get(url).unwrap_or_default().to_owned(),
            title: cell("title"),
            tags: tags.split([',', '|']).filter(|tag| !tag.is_empty()).map(str::to_owned).collect(),
            enabled: cell("enabled").as_deref() != Some("false"),
            expires_at: cell("expires_at")
                .map(|text| Timestamp::from_rfc_3339(&text).map_or(Expiry::Invalid(text), Expiry::At)),
            access: cell("access"),
            forward: cell("forward"),
            refused: None,
        }
    });
    Ok(File { source: source.unwrap_or(Source::Plain), rows: rows.collect() })
}

use super::column::Names;
use super::layout::Layout;
use super::{bitly, dub, golink, kutt, plain, rebrandly, shlink, short_io, sink, tiny_url, yourls};

/// Where a file comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Bitly.
    Bitly,
    /// Dub.
    Dub,
    /// Shlink.
    Shlink,
    /// Kutt.
    Kutt,
    /// YOURLS. A list of URLs without a header is one of its formats.
    Yourls,
    /// Short.io.
    ShortIo,
    /// Rebrandly.
    Rebrandly,
    /// TinyURL.
    TinyUrl,
    /// golink.
    Golink,
    /// Sink.
    Sink,
    /// A table or JSON with our own names: a spreadsheet or our export.
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

    /// Returns the source's word in the API.
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

    /// Returns the source with this word, if any.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == word)
    }

    /// Returns the source's name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bitly => "Bitly",
            Self::Dub => "Dub",
            Self::Shlink => "Shlink",
            Self::Kutt => "Kutt",
            Self::Yourls => "YOURLS",
            Self::ShortIo => "Short.io",
            Self::Rebrandly => "Rebrandly",
            Self::TinyUrl => "TinyURL",
            Self::Golink => "golink",
            Self::Sink => "Sink",
            Self::Plain => "a plain table",
        }
    }

    /// Returns the first source in the order of [`Source::ALL`] that has these columns or members.
    ///
    /// # Errors
    /// If the names belong to a source whose column or member for the destination is missing, the error contains that
    /// source. If the names belong to no source, the error is `None`.
    pub(super) fn recognize(names: &Names) -> Result<Self, Option<Self>> {
        let mut like = Self::ALL.into_iter().filter(|source| source.has_signs(names));
        let recognized = like.clone().find(|source| source.has_target(names));
        recognized.ok_or_else(|| like.next())
    }

    /// Returns whether a file can come from this source, which the caller has named. It can if the file has columns
    /// that only this source has, or this source's usual column for the destination.
    pub(super) fn can_have(self, names: &Names) -> bool {
        self.has_signs(names) || self.layout().target.first().is_some_and(|column| names.contains(column))
    }

    /// Returns whether a file has one of this source's columns for the destination.
    pub(super) fn has_target(self, names: &Names) -> bool {
        self.layout().target.iter().any(|column| names.contains(column))
    }

    /// Returns whether a file has columns or members that only this source has.
    pub(super) fn has_signs(self, names: &Names) -> bool {
        (self.layout().recognizes)(names)
    }

    pub(super) fn layout(self) -> &'static Layout {
        match self {
            Self::Bitly => &bitly::LAYOUT,
            Self::Dub => &dub::LAYOUT,
            Self::Shlink => &shlink::LAYOUT,
            Self::Kutt => &kutt::LAYOUT,
            Self::Yourls => &yourls::LAYOUT,
            Self::ShortIo => &short_io::LAYOUT,
            Self::Rebrandly => &rebrandly::LAYOUT,
            Self::TinyUrl => &tiny_url::LAYOUT,
            Self::Golink => &golink::LAYOUT,
            Self::Sink => &sink::LAYOUT,
            Self::Plain => &plain::LAYOUT,
        }
    }
}

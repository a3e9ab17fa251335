use super::TargetUrl;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The parts of the visitor's URL that a link adds to its destination.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Forward {
    /// Nothing.
    #[default]
    None,
    /// The query string.
    Query,
    /// The path after the slug, and the query string.
    Path,
}

/// What follows the slug in a short URL, and can be forwarded: a path and a query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suffix<'a> {
    /// The path, percent-decoded once. It is empty or begins with a slash.
    pub path: Cow<'a, str>,
    /// The query string as it was sent, without the question mark.
    pub query: Cow<'a, str>,
}

/// The maximum length of a destination including the forwarded suffix. The limit without a suffix is the same.
const MAX_BYTES: usize = TargetUrl::MAX_BYTES;

/// The path percent-encode set of the URL Standard (<https://url.spec.whatwg.org/#path-percent-encode-set>) plus `%`:
/// the path is decoded, so a `%` in it does not begin an escape sequence.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'%');
/// The special-query percent-encode set of the URL Standard
/// (<https://url.spec.whatwg.org/#special-query-percent-encode-set>). The query string is still encoded, so its `%` stays.
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'\'');

/// The characters that must be encoded in a parameter's value: all except the unreserved characters and the slash (RFC
/// 3986, section 3.4).
const PARAMETER: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

impl Forward {
    /// All values.
    pub const ALL: [Self; 3] = [Self::None, Self::Query, Self::Path];

    /// Returns the value's name in the API and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Query => "query",
            Self::Path => "path",
        }
    }

    /// Returns the value with this name, if any.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|forward| forward.as_str() == word)
    }

    /// Returns the part of `suffix` that the link forwards, or `None` if that part is empty.
    pub fn part_of(self, suffix: Suffix<'_>) -> Option<Suffix<'_>> {
        let part = match self {
            Self::None => Suffix::default(),
            Self::Query => Suffix { path: "".into(), ..suffix },
            Self::Path => suffix,
        };
        (part != Suffix::default()).then_some(part)
    }
}

impl Serialize for Forward {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Suffix<'_> {
    /// Reads a suffix from the query string of the members' route, in the form that [`Suffix::to_query`] writes. Other
    /// parameters are ignored. Returns `None` if the query string contains no such suffix.
    pub fn from_query(query: &str) -> Option<Suffix<'static>> {
        let value = |name| {
            let value = parameters(query).find_map(|parameter| parameter.strip_prefix(name));
            let decoded = percent_decode_str(value.unwrap_or_default()).decode_utf8().ok()?;
            Some(Cow::Owned(decoded.into_owned()))
        };
        let suffix = Suffix { path: value("path=")?, query: value("query=")? };
        (suffix.path.is_empty() || suffix.path.starts_with('/')).then_some(suffix)
    }

    /// Returns the suffix as a query string with its question mark, or nothing if the suffix is empty.
    pub fn to_query(&self) -> String {
        let parameters = [("path", &self.path), ("query", &self.query)].into_iter();
        let parameters = parameters.filter(|(_, value)| !value.is_empty());
        let encoded =
            parameters.map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, PARAMETER)));
        let encoded = encoded.collect::<Vec<_>>().join("&");
        if encoded.is_empty() { encoded } else { format!("?{encoded}") }
    }
}

impl TargetUrl {
    /// Returns the URL, with the suffix appended if there is one ([`TargetUrl::with_suffix`]).
    pub fn with(self, suffix: Option<&Suffix<'_>>) -> Option<String> {
        suffix.map_or_else(|| Some(self.as_str().to_owned()), |suffix| self.with_suffix(suffix))
    }

    /// Appends the suffix's path to the URL's path, and the suffix's query to the URL's query. Nothing else in the URL
    /// changes, and its existing path and query stay in front. A parameter of the suffix is dropped if the URL has a
    /// parameter with the same name.
    ///
    /// Returns `None` if the suffix cannot be appended safely: its path has a dot segment, a backslash or a control character,
    /// in any spelling; its query has a raw control character; or the result is longer than 2,048 bytes.
    ///
    /// The suffix is appended as text. A stored destination is canonical, so the ends of its path and query are known
    /// without parsing it, and no visitor waits for a parser. Tests compare the result with that of the URL Standard's
    /// setters, in the crate `url` and in Node.
    pub fn with_suffix(&self, suffix: &Suffix<'_>) -> Option<String> {
        if !is_safe_path(&suffix.path) || suffix.query.contains(char::is_control) {
            return None;
        }
        let (url, fragment) = split_before(self.as_str(), '#');
        let (url, own_query) = split_before(url, '?');
        let mut appended = match &*suffix.path {
            "" => url.to_owned(),
            // `https://example.com/wiki/` and `/Home` result in `https://example.com/wiki/Home`.
            path => format!("{}{}", url.strip_suffix('/').unwrap_or(url), utf8_percent_encode(path, PATH)),
        };
        appended.push_str(own_query);
        let own_names: BTreeSet<Cow<'_, [u8]>> =
            parameters(own_query.trim_start_matches('?')).map(name).collect();
        for parameter in parameters(&suffix.query).filter(|parameter| !own_names.contains(&name(parameter))) {
            let separator = match appended.split_once('?') {
                None => "?",
                Some((_, "")) => "",
                Some(_) => "&",
            };
            appended.push_str(separator);
            appended.extend(utf8_percent_encode(parameter, QUERY));
        }
        appended.push_str(fragment);
        (appended.len() <= MAX_BYTES).then_some(appended)
    }
}

/// Splits the text before the first `separator`, or at the end of the text if it has no separator.
fn split_before(text: &str, separator: char) -> (&str, &str) {
    text.split_at(text.find(separator).unwrap_or(text.len()))
}

/// Returns the parameters of a query string, still encoded and without empty parameters.
fn parameters(query: &str) -> impl Iterator<Item = &str> {
    query.split('&').filter(|parameter| !parameter.is_empty())
}

/// Returns a parameter's name, decoded as `application/x-www-form-urlencoded`
/// (<https://url.spec.whatwg.org/#urlencoded-parsing>).
fn name(parameter: &str) -> Cow<'_, [u8]> {
    let name = parameter.split('=').next().unwrap_or_default();
    if name.contains('+') {
        percent_decode_str(&name.replace('+', " ")).collect::<Vec<u8>>().into()
    } else {
        percent_decode_str(name).into()
    }
}

/// Returns whether a path has no dot segment, no backslash and no control character, however often they are encoded. A
/// server may decode a path more than once. It may also ignore white space at the end of a segment, and everything in
/// the segment after a semicolon.
fn is_safe_path(path: &str) -> bool {
    let mut decoded = Cow::Borrowed(path);
    // Each pass of the loop makes the text shorter, so the loop ends.
    while let Cow::Owned(again) = percent_decode_str(&decoded).decode_utf8_lossy() {
        if again.len() >= decoded.len() {
            break;
        }
        decoded = Cow::Owned(again);
    }
    let is_dot_segment = |segment: &str| {
        let segment = segment.split(';').next().unwrap_or_default().trim();
        matches!(segment, "." | "..")
    };
    !decoded.chars().any(|character| character == '\\' || character.is_control())
        && !decoded.split('/').any(is_dot_segment)
}

#[cfg(test)]
mod tests;

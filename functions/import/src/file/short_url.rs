//! Short URLs of other shorteners.

use percent_encoding::percent_decode_str;

/// Returns the slug of a short URL: its path, percent-decoded, without slashes around it. The scheme, host, query and
/// fragment are ignored, and the scheme can be missing. Returns `None` if the URL has no path, or is the root of its
/// domain.
///
/// A text without a dot or slash is itself a slug.
pub(super) fn slug(short_url: &str) -> Option<String> {
    let text = short_url.trim();
    let (has_scheme, rest) = match text.split_once("://") {
        Some((_, rest)) => (true, rest),
        None => (false, text),
    };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let path = match rest.split_once('/') {
        Some((_, path)) => path,
        None if has_scheme || rest.contains(['.', ':']) => return None,
        None => rest,
    };
    self::path(path)
}

/// Returns a path percent-decoded and without slashes around it. Text that is not percent-encoded UTF-8 stays as it is.
pub(super) fn path(text: &str) -> Option<String> {
    let path = percent_decode_str(text).decode_utf8().unwrap_or(text.into());
    let path = path.trim_matches(|character: char| character == '/' || character.is_whitespace());
    (!path.is_empty()).then(|| path.to_owned())
}

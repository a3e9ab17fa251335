//! The header `Accept`. The crate `headers-accept` prefers the type that the client lists first. But only browsers should
//! get a page, and only clients that name CSV or NDJSON should get an export.

/// The specificity of a range such as `text/csv`, which names the media type in full.
const NAMED: u8 = 2;

/// Returns whether the header `Accept` (RFC 9110, section 12.5.1) prefers `text/html` to a problem document. Equal
/// weights, as in `*/*`, are not a preference: browsers send `text/html` explicitly.
pub(super) fn prefers_html(header: &str) -> bool {
    let problem =
        ["application/problem+json", "application/json"].map(|media_type| quality(header, media_type));
    let html = quality(header, "text/html");
    html > 0 && problem.into_iter().all(|problem| html > problem)
}

/// Returns the media type that the header `Accept` prefers to `default`: the one with the highest weight, or the first
/// of several with that weight. A type counts only if the header names it, because `*/*` and `text/*` ask for no
/// particular type. If the header does not name `default`, an alternative needs only an equal weight:
/// `text/csv, */*` prefers `text/csv`.
pub(super) fn preferred<'a>(header: &str, default: &str, alternatives: &[&'a str]) -> Option<&'a str> {
    let named = alternatives.iter().filter_map(|media_type| {
        let (specificity, weight) = most_specific(header, media_type)?;
        (specificity == NAMED && weight > 0).then_some((weight, *media_type))
    });
    let (weight, media_type) = named.rev().max_by_key(|(weight, _)| *weight)?;
    let is_preferred = match most_specific(header, default) {
        Some((NAMED, other)) => weight > other,
        Some((_, other)) => weight >= other,
        None => true,
    };
    is_preferred.then_some(media_type)
}

/// Returns the weight of a media type in thousandths: the weight of the most specific matching range, or 0.
fn quality(header: &str, media_type: &str) -> u16 {
    most_specific(header, media_type).map_or(0, |(_, weight)| weight)
}

/// Returns the specificity and the weight, in thousandths, of the most specific range that matches a media type.
fn most_specific(header: &str, media_type: &str) -> Option<(u8, u16)> {
    let ranges = header.split(',').filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next()?.to_ascii_lowercase();
        let specificity = match name.split_once('/')? {
            _ if name == media_type => NAMED,
            (kind, "*") if media_type.starts_with(&format!("{kind}/")) => 1,
            ("*", "*") => 0,
            _ => return None,
        };
        let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        Some((specificity, weight.map_or(1000, thousandths)))
    });
    ranges.max_by_key(|(specificity, _)| *specificity)
}

/// Parses a weight from 0 to 1 (RFC 9110, section 12.4.2). Returns 0 for an invalid weight.
fn thousandths(weight: &str) -> u16 {
    let weight = weight.parse::<f32>().ok().filter(|weight| (0.0..=1.0).contains(weight));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the result is 0 to 1000")]
    weight.map_or(0, |weight| (weight * 1000.0) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_prefer_a_page() {
        for header in [
            "text/html",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
            "TEXT/HTML; charset=utf-8, application/json;q=0.9",
            "text/*, */*;q=0.1",
            "application/json;q=0.2, text/html;q=0.3",
        ] {
            assert!(prefers_html(header), "{header}");
        }
    }

    #[test]
    fn a_type_is_preferred_if_it_is_named_and_nothing_else_has_a_higher_weight() {
        let preferred = |header| {
            preferred(header, "application/json", &["text/csv", "application/x-ndjson"]).unwrap_or("")
        };
        for (header, expected) in [
            ("text/csv", "text/csv"),
            ("Text/CSV; charset=utf-8; header=present", "text/csv"),
            ("application/x-ndjson", "application/x-ndjson"),
            ("text/csv, application/x-ndjson", "text/csv"),
            ("application/x-ndjson, text/csv", "text/csv"),
            ("text/csv;q=0.5, application/x-ndjson;q=0.6", "application/x-ndjson"),
            ("text/csv, application/json;q=0.9", "text/csv"),
            ("text/csv, */*", "text/csv"),
            ("text/csv;q=0.4, */*;q=0.5", ""),
            ("text/csv;q=0.4, application/*;q=0.5", ""),
            ("text/csv, application/json", ""),
            ("text/csv;q=0.8, application/json;q=0.9", ""),
            ("text/csv;q=0", ""),
            ("text/csv;q=0, application/x-ndjson;q=0.1", "application/x-ndjson"),
            ("text/csv;q=2", ""),
            ("text/*", ""),
            ("*/*", ""),
            ("", ""),
            ("application/json", ""),
            ("text/csvx, text/plain", ""),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", ""),
        ] {
            assert_eq!(preferred(header), expected, "{header}");
        }
    }

    #[test]
    fn programs_prefer_a_problem() {
        for header in [
            "",
            "*/*",
            "application/json",
            "application/problem+json",
            "text/html, application/json",
            "text/html;q=0",
            "application/json, text/html;q=0.9",
            "text/html;q=x",
            "text/html;q=2",
            "*/*, text/html;q=0.5",
            "image/png",
            "application/json, text/*;q=0.9, */*;q=0.8",
            ",;,/",
            "text/html;q=NaN",
        ] {
            assert!(!prefers_html(header), "{header}");
        }
    }
}

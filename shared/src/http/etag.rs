use crate::error::ApiError;
use crate::model::{Birth, Link, Precondition, Timestamp, Version, VersionOf};

/// The maximum number of entity tags. No client needs more entity tags, and each tag makes the store's condition
/// expression longer.
const MAX_TAGS: usize = 10;

/// Returns the link's entity tag (RFC 9110, section 8.8.3): `"{birth}-{version}"`. The tag contains the birth, because
/// a link that reuses the slug of a deleted link is a different link. If the link has no stored `birth`, the tag
/// contains its creation time instead.
pub fn etag(link: &Link) -> String {
    format!("\"{}\"", tag(&link.current_version()))
}

fn tag(version: &Version) -> String {
    match &version.link {
        VersionOf::Birth(birth) => format!("{birth}-{}", version.number),
        VersionOf::CreatedAt(created_at) => format!("{}-{}", created_at.millis(), version.number),
    }
}

/// Parses `If-Match` (RFC 9110, section 13.1.1). A weak tag, or one that [`etag`] does not write, matches no version.
///
/// The crate `headers` parses this header too, but does not expose the tags, which the store's condition needs.
pub(super) fn precondition(header: &str) -> Result<Precondition, ApiError> {
    if header.trim() == "*" {
        return Ok(Precondition::None);
    }
    let rule = ApiError::invalid_if_match;
    let mut versions = Vec::new();
    let mut tags = 0;
    // Empty elements of a list are ignored (RFC 9110, section 5.6.1.2).
    let between = |byte: char| byte == ',' || byte == ' ' || byte == '\t';
    let mut rest = header.trim_start_matches(between);
    while !rest.is_empty() {
        tags += 1;
        let weak = rest.strip_prefix("W/");
        let opaque = weak.unwrap_or(rest).strip_prefix('"').ok_or_else(rule)?;
        let (text, behind) = opaque.split_once('"').ok_or_else(rule)?;
        let visible = text.bytes().all(|byte| byte == b'!' || byte > b'"' && byte != 0x7f);
        if tags > MAX_TAGS || !visible || !(behind.is_empty() || behind.starts_with(between)) {
            return Err(rule());
        }
        if weak.is_none() {
            versions.extend(version(text));
        }
        rest = behind.trim_start_matches(between);
    }
    Ok(Precondition::OneOf(versions))
}

/// Parses the version in an entity tag. Only the exact text that [`etag`] writes is accepted.
fn version(text: &str) -> Option<Version> {
    // A birth can contain hyphens, but a version cannot.
    let (link, number) = text.rsplit_once('-')?;
    // A link's `birth` can consist of digits. Text that is longer than a creation time, or begins with a zero, is a
    // `birth`.
    let millis = link.parse().ok().filter(|millis: &i64| millis.to_string() == link);
    let created_at = millis.and_then(|millis| Timestamp::try_from(millis).ok());
    let link = match created_at {
        Some(created_at) => VersionOf::CreatedAt(created_at),
        None => VersionOf::Birth(link.parse::<Birth>().ok()?),
    };
    let version = Version { link, number: number.parse().ok()? };
    (tag(&version) == text).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(header: &str) -> Option<Vec<(i64, u64)>> {
        match precondition(header).ok()? {
            Precondition::None => None,
            Precondition::OneOf(versions) => {
                let parts = versions.into_iter().map(|version| match version.link {
                    VersionOf::CreatedAt(created_at) => (created_at.millis(), version.number),
                    VersionOf::Birth(birth) => panic!("{birth}"),
                });
                Some(parts.collect())
            }
        }
    }

    #[test]
    fn a_birth_and_a_version_are_read_as_they_are_written() {
        for birth in
            ["V1StGXR8_Z5jdHi6", "----------------", "-1StGXR8_Z5jd-16", "0000000000000001", "a-1#17"]
        {
            let text = format!("{birth}-23");
            let read = version(&text).unwrap();
            assert_eq!(read, Version { link: VersionOf::Birth(birth.parse().unwrap()), number: 23 });
            assert_eq!(tag(&read), text);
            for text in
                [format!("{birth}x-23"), format!("{birth}-023"), format!("{birth}-"), birth.to_owned()]
            {
                assert_eq!(version(&text), None, "{text}");
            }
        }
    }

    #[test]
    fn tags_of_ours_are_versions_and_all_others_match_nothing() {
        for (header, expected) in [
            (r#""17-2""#, vec![(17, 2)]),
            (r#" "17-2" , "18-1" "#, vec![(17, 2), (18, 1)]),
            (r#""17-2","18-1""#, vec![(17, 2), (18, 1)]),
            (r#"W/"17-2""#, vec![]),
            (r#"W/"17-2", "17-2""#, vec![(17, 2)]),
            ("", vec![]),
            (" , ,", vec![]),
            (r#","17-2",,"#, vec![(17, 2)]),
            (r#""""#, vec![]),
            (r#""a,b""#, vec![]),
            (r#""017-2""#, vec![]),
            (r#""17-+2""#, vec![]),
            (r#""-17-2""#, vec![]),
            (r#""17-2-3""#, vec![]),
            (r#""99999999999999999999-1""#, vec![]),
        ] {
            assert_eq!(versions(header), Some(expected), "{header}");
        }
    }

    #[test]
    fn a_star_asks_for_nothing() {
        assert_eq!(precondition(" * ").unwrap(), Precondition::None);
    }

    #[test]
    fn what_is_no_list_of_tags_is_refused() {
        let many = [r#""17-2""#; 11].join(",");
        for header in
            ["17-2", "\"17-2", "17-2\"", r#""1"x"#, r#""1""2""#, r#"w/"1""#, r#"*,"1""#, "\"a b\"", &many]
        {
            assert!(precondition(header).is_err(), "{header}");
        }
    }
}

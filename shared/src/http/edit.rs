use crate::http::body::{boolean, nullable};
use crate::http::{Fields, string};
use crate::model::{Access, Invalid, LinkEdit, Tag, TargetUrl, Timestamp, Title};

/// The maximum number of tags of a link.
const MAX_TAGS: usize = 10;

/// Takes the fields that a create or an edit can set: `url`, parsed by `url`, and `title`, `tags`, `access`, `enabled`
/// and `expires_at`. All are optional. Null clears a title, tags or an expiry.
///
/// `expiry` parses `expires_at`: [`future_time`] or [`any_time`].
pub fn edit(
    fields: &mut Fields,
    url: impl FnOnce(String) -> Result<TargetUrl, Invalid>,
    expiry: impl FnOnce(&str) -> Result<Timestamp, Invalid>,
) -> LinkEdit {
    LinkEdit {
        url: fields.take("url", string(url)),
        title: fields.take("title", nullable(string(Title::from_request))),
        tags: fields.take_all("tags", MAX_TAGS, Tag::try_from),
        access: fields.take("access", string(access)),
        enabled: fields.take("enabled", boolean),
        expires_at: fields.take("expires_at", nullable(string(|text| expiry(&text)))),
    }
}

fn access(word: String) -> Result<Access, Invalid> {
    Access::from_word(&word)
        .ok_or_else(|| Invalid::new("invalid_access", "access must be 'public' or 'members'"))
}

/// Parses an expiry that must be in the future at `now`. Fractions of a second are dropped.
///
/// # Errors
/// The text is not a time, or the time has passed.
pub fn future_time(text: &str, now: Timestamp) -> Result<Timestamp, Invalid> {
    any_time(text).and_then(|time| if time > now { Ok(time) } else { Err(Invalid::not_in_the_future()) })
}

/// Parses an expiry that may have passed. Fractions of a second are dropped.
///
/// # Errors
/// The text is not a time.
pub fn any_time(text: &str) -> Result<Timestamp, Invalid> {
    Ok(Timestamp::from_rfc_3339(text)?.whole_second())
}

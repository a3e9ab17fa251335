use crate::http::body::{boolean, nullable};
use crate::http::{Fields, string};
use crate::model::{Access, Invalid, LinkEdit, Tag, TargetUrl, Timestamp, Title};

/// How many words a link is filed under at most.
const MOST_TAGS: usize = 10;

/// Takes what a creator or an editor decides of a link: `url`, which `url` reads further, and `title`, `tags`, `access`,
/// `enabled`, `expires_at`. None of them has to be there. Null clears a title, the tags, an expiry.
///
/// `expiry` reads `expires_at` further: [`time_to_come`] or [`any_time`].
pub fn edit(
    fields: &mut Fields,
    url: impl FnOnce(String) -> Result<TargetUrl, Invalid>,
    expiry: impl FnOnce(&str) -> Result<Timestamp, Invalid>,
) -> LinkEdit {
    LinkEdit {
        url: fields.take("url", string(url)),
        title: fields.take("title", nullable(string(Title::asked_for))),
        tags: fields.take_all("tags", MOST_TAGS, Tag::try_from),
        access: fields.take("access", string(access)),
        enabled: fields.take("enabled", boolean),
        expires_at: fields.take("expires_at", nullable(string(|text| expiry(&text)))),
    }
}

fn access(word: String) -> Result<Access, Invalid> {
    Access::from_word(&word)
        .ok_or_else(|| Invalid::new("invalid_access", "access must be 'public' or 'members'"))
}

/// Reads the expiry of a new link, which lies in the future at `now`, in whole seconds: what is finer is cut.
///
/// # Errors
/// It is not a time, or it has passed.
pub fn time_to_come(text: &str, now: Timestamp) -> Result<Timestamp, Invalid> {
    any_time(text).and_then(|time| if time > now { Ok(time) } else { Err(Invalid::not_in_the_future()) })
}

/// Reads an expiry that may have passed, in whole seconds: what is finer is cut.
///
/// # Errors
/// It is not a time.
pub fn any_time(text: &str) -> Result<Timestamp, Invalid> {
    Ok(Timestamp::from_rfc_3339(text)?.whole_second())
}

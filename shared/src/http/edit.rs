use crate::http::body::{boolean, nullable};
use crate::http::{Fields, string};
use crate::model::{Access, Invalid, LinkEdit, Tag, TargetUrl, Timestamp, Title};

/// How many words a link is filed under at most.
const MOST_TAGS: usize = 10;

/// Takes what a creator or an editor decides of a link: `url`, which `url` reads further, and `title`, `tags`, `access`,
/// `enabled`, `expires_at`. None of them has to be there. Null clears a title, the tags, an expiry.
///
/// An expiry lies behind `now`, and is a whole second: what is finer is cut.
pub fn edit(
    fields: &mut Fields,
    url: impl FnOnce(String) -> Result<TargetUrl, Invalid>,
    now: Timestamp,
) -> LinkEdit {
    LinkEdit {
        url: fields.take("url", string(url)),
        title: fields.take("title", nullable(string(Title::asked_for))),
        tags: fields.take_all("tags", MOST_TAGS, Tag::try_from),
        access: fields.take("access", string(access)),
        enabled: fields.take("enabled", boolean),
        expires_at: fields.take("expires_at", nullable(string(|text| expiry(&text, now)))),
    }
}

fn access(word: String) -> Result<Access, Invalid> {
    Access::from_word(&word).ok_or_else(|| Invalid::new("invalid_access", "access is 'public' or 'members'"))
}

fn expiry(text: &str, now: Timestamp) -> Result<Timestamp, Invalid> {
    let expires_at = Timestamp::from_rfc_3339(text)?.whole_second();
    if expires_at > now {
        Ok(expires_at)
    } else {
        Err(Invalid::new("not_in_the_future", "an expiry lies in the future"))
    }
}

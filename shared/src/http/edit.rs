use crate::error::ApiError;
use crate::http::body::{boolean, nullable};
use crate::http::{Fields, string};
use crate::model::{Access, Invalid, LinkEdit, Slug, Tag, TargetUrl, Timestamp, Title};
use std::collections::BTreeSet;

/// The maximum number of tags of a link.
const MAX_TAGS: usize = 10;

/// The body of a request that creates a link.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        rename = "NewLink",
        description = "The link to create.",
        deny_unknown_fields,
        extend("required" = ["url"])
    )
)]
pub struct NewLinkBody {
    /// The destination: an absolute http or https URL of at most 2,048 bytes after normalization, without a user name or
    /// password. It must not lead to Signpost itself or, unless the operator allows it, to a private address or a private
    /// network's name. White space around it is trimmed.
    pub url: TargetUrl,
    /// The slug: 1 to 64 letters, digits, `_` or `-`, beginning with a letter or digit. Upper case becomes lower case.
    /// `link` is reserved. If no slug is sent, a random one is generated.
    #[cfg_attr(feature = "schema", schemars(with = "Slug"))]
    pub id: Option<Slug>,
    /// The link's title, for the team. At least one character must be visible.
    pub title: Option<Title>,
    /// The link's tags. Upper case becomes lower case, and duplicates are removed.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<Tag>>", length(max = 10)))]
    pub tags: BTreeSet<Tag>,
    /// Who can follow the link.
    #[cfg_attr(feature = "schema", schemars(extend("default" = Access::Public)))]
    pub access: Access,
    /// Whether the link is switched on. A link that is switched off does not redirect.
    #[cfg_attr(feature = "schema", schemars(extend("default" = true)))]
    pub enabled: bool,
    /// When the link stops redirecting: a time in the future, with any offset from UTC. Fractions of a second are dropped.
    pub expires_at: Option<Timestamp>,
}

/// The body of a request that edits a link. `None` leaves a value unchanged; `Some(None)` means null and clears the
/// value.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        rename = "LinkEdit",
        description = "The fields to change. Fields that are not sent stay unchanged; null clears a field.",
        deny_unknown_fields,
        transform = crate::schema::all_optional
    )
)]
pub struct LinkEditBody {
    /// The new destination. The same rules apply as for a new link.
    #[cfg_attr(feature = "schema", schemars(with = "TargetUrl"))]
    url: Option<TargetUrl>,
    /// The link's title; null removes it.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Title>"))]
    title: Option<Option<Title>>,
    /// The link's new tags, which replace all existing tags; null removes them all.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<Tag>>", length(max = 10)))]
    tags: Option<BTreeSet<Tag>>,
    /// Who can follow the link.
    #[cfg_attr(feature = "schema", schemars(with = "Access"))]
    access: Option<Access>,
    /// Whether the link is switched on. A link that is switched off does not redirect.
    #[cfg_attr(feature = "schema", schemars(with = "bool"))]
    enabled: Option<bool>,
    /// When the link stops redirecting: a time in the future, with any offset from UTC; null for never. Fractions of a
    /// second are dropped. The link's current expiry is accepted even if it has passed.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Timestamp>"))]
    expires_at: Option<Option<Timestamp>>,
}

impl NewLinkBody {
    /// Reads the body at the time `now`: `url` parses the destination, and `id` parses the slug.
    ///
    /// # Errors
    /// A field is missing, unknown or breaks a rule.
    pub fn read(
        mut fields: Fields,
        url: impl FnOnce(String) -> Result<TargetUrl, Invalid>,
        id: impl FnOnce(String) -> Result<Slug, Invalid>,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        fields.require("url");
        let values = LinkEditBody::take(&mut fields, url, |text| future_time(text, now));
        let id = fields.take("id", string(id));
        let new = values.url.map(|url| Self {
            url,
            id,
            title: values.title.flatten(),
            tags: values.tags.unwrap_or_default(),
            access: values.access.unwrap_or(Access::Public),
            enabled: values.enabled.unwrap_or(true),
            expires_at: values.expires_at.flatten(),
        });
        fields.finish(new)
    }
}

impl LinkEditBody {
    /// Takes the fields of an edit: `url` parses the destination. An expiry in the past is accepted.
    pub fn read(fields: &mut Fields, url: impl FnOnce(String) -> Result<TargetUrl, Invalid>) -> LinkEdit {
        let Self { url, title, tags, access, enabled, expires_at } = Self::take(fields, url, any_time);
        LinkEdit { url, title, tags, access, enabled, expires_at }
    }

    fn take(
        fields: &mut Fields,
        url: impl FnOnce(String) -> Result<TargetUrl, Invalid>,
        expiry: impl FnOnce(&str) -> Result<Timestamp, Invalid>,
    ) -> Self {
        Self {
            url: fields.take("url", string(url)),
            title: fields.take("title", nullable(string(Title::from_request))),
            tags: fields.take_all("tags", MAX_TAGS, Tag::try_from),
            access: fields.take("access", string(access)),
            enabled: fields.take("enabled", boolean),
            expires_at: fields.take("expires_at", nullable(string(|text| expiry(&text)))),
        }
    }
}

fn access(word: String) -> Result<Access, Invalid> {
    Access::from_word(&word)
        .ok_or_else(|| Invalid::new("invalid_access", "access must be 'public' or 'members'"))
}

/// Parses an expiry that must be in the future at `now`. Fractions of a second are dropped.
fn future_time(text: &str, now: Timestamp) -> Result<Timestamp, Invalid> {
    any_time(text).and_then(|time| if time > now { Ok(time) } else { Err(Invalid::not_in_the_future()) })
}

/// Parses an expiry, which can be in the past. Fractions of a second are dropped.
fn any_time(text: &str) -> Result<Timestamp, Invalid> {
    Ok(Timestamp::from_rfc_3339(text)?.whole_second())
}

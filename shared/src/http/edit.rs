use crate::error::ApiError;
use crate::http::body::{boolean, nullable};
use crate::http::{Fields, string};
use crate::model::{Access, Forward, Invalid, LinkEdit, Slug, Tag, TargetUrl, Timestamp, Title, UserId};
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
    /// The part of a visitor's URL that is added to the destination: nothing, the query string, or both the query
    /// string and the path after the slug.
    #[cfg_attr(feature = "schema", schemars(extend("default" = Forward::None)))]
    pub forward: Forward,
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
    /// The new slug. The same rules apply as for a new link. The current slug becomes an alias, which still leads to the
    /// link.
    #[cfg_attr(feature = "schema", schemars(with = "Slug"))]
    id: Option<Slug>,
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
    /// The part of a visitor's URL that is added to the destination: nothing, the query string, or both the query
    /// string and the path after the slug.
    #[cfg_attr(feature = "schema", schemars(with = "Forward"))]
    forward: Option<Forward>,
    /// Whether the link is switched on. A link that is switched off does not redirect.
    #[cfg_attr(feature = "schema", schemars(with = "bool"))]
    enabled: Option<bool>,
    /// When the link stops redirecting: a time in the future, with any offset from UTC; null for never. Fractions of a
    /// second are dropped. The link's current expiry is accepted even if it has passed.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Timestamp>"))]
    expires_at: Option<Option<Timestamp>>,
    /// The id of the user to whom the link is handed over. That user can then edit and delete the link. Only callers
    /// who manage all links can send this field. The creator's name is null until the new creator edits the link.
    #[cfg_attr(feature = "schema", schemars(with = "UserId"))]
    creator_user_id: Option<UserId>,
}

impl NewLinkBody {
    /// Reads a request's body. `now` is the current time, `url` parses the destination, and `id` parses the slug.
    ///
    /// # Errors
    /// A field is missing or unknown, or breaks a rule.
    pub fn read(
        mut fields: Fields,
        url: impl FnOnce(String) -> Result<TargetUrl, Invalid>,
        id: impl FnOnce(String) -> Result<Slug, Invalid>,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        fields.require("url");
        let values = LinkEditBody::take(&mut fields, url, id, |text| future_time(text, now));
        let new = values.url.map(|url| Self {
            url,
            id: values.id,
            title: values.title.flatten(),
            tags: values.tags.unwrap_or_default(),
            access: values.access.unwrap_or(Access::Public),
            forward: values.forward.unwrap_or_default(),
            enabled: values.enabled.unwrap_or(true),
            expires_at: values.expires_at.flatten(),
        });
        fields.finish(new)
    }
}

impl LinkEditBody {
    /// Takes the fields of an edit. `url` parses the destination, `id` parses the slug, and `creator` parses the user
    /// to whom the link is handed over. The expiry can be in the past.
    pub fn read(
        fields: &mut Fields,
        url: impl FnOnce(String) -> Result<TargetUrl, Invalid>,
        id: impl FnOnce(String) -> Result<Slug, Invalid>,
        creator: impl FnOnce(String) -> Result<UserId, Invalid>,
    ) -> LinkEdit {
        let values = Self::take(fields, url, id, any_time);
        let creator_user_id = fields.take("creator_user_id", string(creator));
        let Self { id, url, title, tags, access, forward, enabled, expires_at, creator_user_id } =
            Self { creator_user_id, ..values };
        LinkEdit { id, url, title, tags, access, forward, enabled, expires_at, creator_user_id }
    }

    fn take(
        fields: &mut Fields,
        url: impl FnOnce(String) -> Result<TargetUrl, Invalid>,
        id: impl FnOnce(String) -> Result<Slug, Invalid>,
        expiry: impl FnOnce(&str) -> Result<Timestamp, Invalid>,
    ) -> Self {
        Self {
            id: fields.take("id", string(id)),
            url: fields.take("url", string(url)),
            title: fields.take("title", nullable(string(Title::from_request))),
            tags: fields.take_all("tags", MAX_TAGS, Tag::try_from),
            access: fields.take("access", string(access)),
            forward: fields.take("forward", string(forward)),
            enabled: fields.take("enabled", boolean),
            expires_at: fields.take("expires_at", nullable(string(|text| expiry(&text)))),
            creator_user_id: None,
        }
    }
}

fn access(word: String) -> Result<Access, Invalid> {
    Access::from_word(&word)
        .ok_or_else(|| Invalid::new("invalid_access", "access must be 'public' or 'members'"))
}

fn forward(word: String) -> Result<Forward, Invalid> {
    Forward::from_word(&word)
        .ok_or_else(|| Invalid::new("invalid_forward", "forward must be 'none', 'query' or 'path'"))
}

/// Parses an expiry that must be in the future at `now`. Fractions of a second are dropped.
fn future_time(text: &str, now: Timestamp) -> Result<Timestamp, Invalid> {
    any_time(text).and_then(|time| if time > now { Ok(time) } else { Err(Invalid::not_in_the_future()) })
}

/// Parses an expiry, which can be in the past. Fractions of a second are dropped.
fn any_time(text: &str) -> Result<Timestamp, Invalid> {
    Ok(Timestamp::from_rfc_3339(text)?.whole_second())
}

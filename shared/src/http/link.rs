use crate::http::ShortBase;
use crate::model::{
    Access, Birth, DisplayName, Forward, Link, OrgId, Slug, Tag, TargetUrl, Timestamp, Title, UserId,
};
use crate::store::Total;
use serde::Serialize;
use std::collections::BTreeSet;

/// The JSON form of a link. It always has the same seventeen fields. If the link's clicks were requested, they are
/// added. The names of the fields are independent of the attribute names in the table.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Link", description = "A link.")
)]
pub struct LinkBody<'a> {
    /// The organization that the link belongs to.
    org_id: &'a OrgId,
    /// The link's slug: its id within the organization, and the last segment of its short URL.
    id: &'a Slug,
    /// The link's permanent identity, different for every link of the organization, even if a slug is reused.
    birth: Birth,
    /// The short URL to share. It redirects to `url`.
    short_url: String,
    /// The link's destination.
    url: &'a TargetUrl,
    /// The link's title, for the team.
    title: Option<&'a Title>,
    /// The link's tags, sorted and without duplicates.
    tags: &'a BTreeSet<Tag>,
    /// Who can follow the link: anyone who has its short URL (`public`), or only members of the organization (`members`).
    access: Access,
    /// The part of a visitor's URL that is added to the destination: nothing, the query string, or both the query
    /// string and the path after the slug.
    forward: Forward,
    /// Whether the link is switched on. A link that is switched off does not redirect.
    enabled: bool,
    /// The time at which the link stops redirecting; null if it never stops.
    expires_at: Option<Timestamp>,
    /// The id of the user who created the link, or of the user to whom the link was handed over.
    creator_user_id: &'a UserId,
    /// The creator's name when the link was created, or the e-mail address or username if the sign-in provider gave no
    /// name. For an organization's API key, it is the organization's name. Null if the provider gave none of these, if
    /// the link was created before names were stored, if an operator has removed the name, or if the link was handed
    /// over and its new creator has not edited it yet.
    creator_name: Option<&'a DisplayName>,
    /// The time at which the link was created.
    created_at: Timestamp,
    /// The time of the last edit. Until the first edit, it is the same as `created_at`.
    updated_at: Timestamp,
    /// 1 for a new link, incremented by each edit.
    version: u64,
    /// The link's earlier slugs, which still lead to it, sorted. At most five.
    aliases: &'a BTreeSet<Slug>,
    /// People's clicks since the link was created. Present only in a list with `include=clicks`.
    #[serde(skip_serializing_if = "Option::is_none")]
    clicks: Option<u64>,
    /// Bots' clicks since the link was created. Present only in a list with `include=clicks`.
    #[serde(skip_serializing_if = "Option::is_none")]
    bots: Option<u64>,
}

impl<'a> LinkBody<'a> {
    /// Creates the JSON form of a link. [`ShortUrls::base`](crate::http::ShortUrls::base) returns the short base.
    pub fn new(link: &'a Link, short_base: &ShortBase) -> Self {
        Self {
            org_id: &link.org_id,
            id: &link.id,
            birth: link.birth(),
            short_url: short_base.url_of(&link.id),
            url: &link.url,
            title: link.title.as_ref(),
            tags: &link.tags,
            access: link.access,
            forward: link.forward,
            enabled: link.enabled,
            expires_at: link.expires_at,
            creator_user_id: &link.creator_user_id,
            creator_name: link.creator_name.as_ref(),
            created_at: link.created_at,
            updated_at: link.updated_at,
            version: link.version,
            aliases: &link.aliases,
            clicks: None,
            bots: None,
        }
    }

    /// Returns the JSON form with the numbers of people's and bots' clicks.
    pub fn with_clicks(self, total: Total) -> Self {
        Self { clicks: Some(total.clicks), bots: Some(total.bots), ..self }
    }
}

/// The JSON form of a page of links.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Page", description = "A page of links.")
)]
pub struct PageBody<'a> {
    /// The links, newest first.
    pub data: Vec<LinkBody<'a>>,
    /// The `cursor` of the next page; null on the last page.
    pub next_cursor: Option<String>,
    /// The beginning of all short URLs of the organization, without a slash at the end.
    pub short_base: &'a str,
}

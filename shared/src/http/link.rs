use crate::model::{Link, Tag};
use serde::Serialize;

/// A link on the wire: thirteen members, none ever left out. The table has names of its own.
#[derive(Debug, Serialize)]
pub struct LinkBody<'a> {
    org_id: &'a str,
    id: &'a str,
    short_url: String,
    url: &'a str,
    title: Option<&'a str>,
    tags: Vec<&'a str>,
    access: &'static str,
    enabled: bool,
    expires_at: Option<String>,
    creator_user_id: &'a str,
    created_at: String,
    updated_at: String,
    version: u64,
}

impl<'a> LinkBody<'a> {
    /// The link; its short URL begins as [`ShortUrls::of`](crate::http::ShortUrls::of) says.
    pub fn new(link: &'a Link, short_base: &str) -> Self {
        Self {
            org_id: link.org_id.as_str(),
            id: link.id.as_str(),
            short_url: format!("{short_base}/{}", link.id),
            url: link.url.as_str(),
            title: link.title.as_ref().map(|title| title.as_str()),
            tags: link.tags.iter().map(Tag::as_str).collect(),
            access: link.access.as_str(),
            enabled: link.enabled,
            expires_at: link.expires_at.map(|time| time.to_string()),
            creator_user_id: link.creator_user_id.as_str(),
            created_at: link.created_at.to_string(),
            updated_at: link.updated_at.to_string(),
            version: link.version,
        }
    }
}

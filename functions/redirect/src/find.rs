//! Finds the link that a path leads to.

use crate::{Redirect, elsewhere};
use shared::error::ApiError;
use shared::model::{Destination, Forward, Namespace, OrgId, ShortPath, Slug, Timestamp};

/// The link that a path leads to.
pub struct Found<'a> {
    pub org: OrgId,
    pub slug: Slug,
    pub destination: Destination,
    pub is_preview: bool,
    /// The path after the slug.
    pub suffix: &'a str,
}

impl Redirect {
    /// Finds the link of a short URL. Text after the slug is ignored or, if the link forwards paths, kept.
    ///
    /// A path can also lead to a link at the root, if that link forwards paths. The link at the root costs one more
    /// read, and is looked up only if no other link matches.
    ///
    /// # Errors
    /// The path is a short URL, but there is no such link; or the store fails. `Ok(None)` if the path is not a short URL.
    pub(crate) async fn find<'a>(
        &self,
        path: &'a str,
        now: Timestamp,
    ) -> Result<Option<Found<'a>>, ApiError> {
        let exact = ShortPath::parse(path);
        let mut missing = None;
        if let Some(short) = exact {
            let slug = short.slug.clone();
            match self.look_up(short, now).await? {
                Some(found) => return Ok(Some(found)),
                None => missing = Some(slug),
            }
        }
        if !elsewhere::is_route(path) {
            for short in ShortPath::parse_with_suffix(path) {
                match self.look_up(short, now).await? {
                    Some(found) if found.destination.forward == Forward::Path => return Ok(Some(found)),
                    _ => {}
                }
            }
        }
        missing.map_or(Ok(None), |slug| Err(ApiError::NoSuchLink(slug)))
    }

    async fn look_up<'a>(&self, short: ShortPath<'a>, now: Timestamp) -> Result<Option<Found<'a>>, ApiError> {
        let ShortPath { namespace, slug, is_preview, suffix } = short;
        let org = match namespace {
            Namespace::Organization(org) => Some(org),
            Namespace::Handle(handle) => self.links.organization_of(&handle, now).await?,
            Namespace::Root => self.root_org.clone(),
        };
        let Some(org) = org else { return Ok(None) };
        let Some(mut destination) = self.links.redirect(&org, &slug, now).await? else { return Ok(None) };
        let slug = destination.alias_of.take().unwrap_or(slug);
        Ok(Some(Found { org, slug, destination, is_preview, suffix }))
    }
}

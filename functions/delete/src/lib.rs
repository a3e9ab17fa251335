//! `DELETE /{org_id}/link/{slug}`: deletes a link. Members can delete their own links, and admins any link.

use lambda_http::{Body, Response};
use shared::error::ApiError;
use shared::http::{Authenticator, LinkBody, Request, ShortUrls, json};
use shared::lambda::{HttpLambda, Lambda, Services};
use shared::model::Timestamp;
use shared::settings::{Error, Settings};
use shared::store::{LinkStore, Scope};
use std::sync::Arc;

/// The function and everything that it uses.
#[derive(Debug)]
pub struct Delete {
    callers: Authenticator,
    links: Arc<LinkStore>,
    short_urls: ShortUrls,
}

impl Lambda for Delete {
    type Services = Services;

    fn from_settings(settings: &Settings, services: &Services) -> Result<Self, Error> {
        Ok(Self {
            callers: services.authenticator(settings)?,
            links: services.links(settings)?,
            short_urls: ShortUrls::from_settings(settings)?,
        })
    }

    async fn prime(&self) {
        self.links.prime_delete().await;
    }
}

impl HttpLambda for Delete {
    /// Deletes the link and returns it.
    ///
    /// # Errors
    /// In this order: the caller is not authenticated, or not a member of the organization; the precondition is invalid;
    /// there is no such link; it is another member's and the caller is not an admin; it is not at the required version; the
    /// store fails. The retry of a delete whose response was lost can fail because there is no such link.
    async fn handle(&self, request: Request, now: Timestamp) -> Result<Response<Body>, ApiError> {
        let member = self.callers.member(&request, now).await?;

        request.query().finish()?;
        let precondition = request.precondition()?;
        let slug = request.slug().ok_or(ApiError::NotFound)?;
        let scope = if member.manages_all_links { Scope::All } else { Scope::Own(&member.user_id) };

        let org = &member.org_id;
        let link = self.links.delete(org, &slug, scope, &precondition).await?;

        let short_base = self.short_urls.base(org, &request, &self.links, now).await;
        json(Response::builder(), &LinkBody::new(&link, &short_base))
    }
}

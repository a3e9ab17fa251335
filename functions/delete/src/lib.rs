//! `DELETE /{org_id}/link/{slug}`: deletes a link. Members can delete their own links, and admins any link.

use lambda_http::{Body, Response};
use shared::error::ApiError;
use shared::http::{Authenticator, LinkBody, Request, ShortUrls, json, with_change};
use shared::lambda::{HttpLambda, Lambda, Services};
use shared::model::Timestamp;
use shared::settings::{Error, Settings};
use shared::store::{ChangeStore, LinkStore};
use std::sync::Arc;

/// The function and everything that it uses.
#[derive(Debug)]
pub struct Delete {
    callers: Authenticator,
    links: Arc<LinkStore>,
    changes: Arc<ChangeStore>,
    short_urls: ShortUrls,
}

impl Lambda for Delete {
    type Services = Services;

    fn from_settings(settings: &Settings, services: &Services) -> Result<Self, Error> {
        Ok(Self {
            callers: services.authenticator(settings)?,
            links: services.links(settings)?,
            changes: services.changes(settings)?,
            short_urls: ShortUrls::from_settings(settings)?,
        })
    }

    async fn prime(&self) {
        self.changes.prime_change().await;
    }
}

impl HttpLambda for Delete {
    /// Deletes the link and returns it.
    ///
    /// # Errors
    /// In this order: the caller is not authenticated, or not a member of the organization; the precondition is invalid;
    /// the link does not exist; the link is another member's and the caller cannot edit all links; the link is not at
    /// the required version; the store fails.
    async fn handle(&self, request: Request, now: Timestamp) -> Result<Response<Body>, ApiError> {
        let member = self.callers.member(&request, now).await?;

        request.query().finish()?;
        let precondition = request.precondition()?;
        let slug = request.slug().ok_or(ApiError::NotFound)?;

        let org = &member.org_id;
        let deleted = self.changes.delete(org, &slug, &member.editor(), &precondition, now).await?;

        let short_base = self.short_urls.base(org, &request, &self.links, now).await;
        let response = with_change(Response::builder(), deleted.record.as_ref());
        json(response, &LinkBody::new(&deleted.link, &short_base))
    }
}

//! `GET /{org_id}/link/{slug}` returns a link, and `GET /{org_id}/link/{slug}/qr` returns the QR code of the link's
//! short URL.

mod layout;
mod picture;

use lambda_http::http::header::ETAG;
use lambda_http::{Body, Response};
use picture::Picture;
use shared::error::ApiError;
use shared::http::{Authenticator, LinkBody, Request, ShortUrls, etag, json};
use shared::lambda::{HttpLambda, Lambda, Services};
use shared::model::Timestamp;
use shared::settings::{Error, Settings};
use shared::store::LinkStore;
use std::sync::Arc;

/// The function and everything that it uses.
#[derive(Debug)]
pub struct Read {
    callers: Authenticator,
    links: Arc<LinkStore>,
    short_urls: ShortUrls,
}

impl Lambda for Read {
    type Services = Services;

    fn from_settings(settings: &Settings, services: &Services) -> Result<Self, Error> {
        Ok(Self {
            callers: services.authenticator(settings)?,
            links: services.links(settings)?,
            short_urls: ShortUrls::from_settings(settings)?,
        })
    }

    async fn prime(&self) {
        self.links.prime_read().await;
    }
}

impl HttpLambda for Read {
    /// Returns the link or, if the path ends with `qr`, an image of the QR code of its short URL.
    ///
    /// # Errors
    /// In this order: the caller is not authenticated, or not a member of the organization; a query parameter is
    /// unknown or breaks a rule; there is no such link; the store fails; the QR code does not fit in the requested
    /// size.
    async fn handle(&self, request: Request, now: Timestamp) -> Result<Response<Body>, ApiError> {
        let member = self.callers.member(&request, now).await?;

        let picture = request.path_goes_on_with("qr").then(|| Picture::requested(&request)).transpose()?;
        if picture.is_none() {
            request.query().finish()?;
        }
        let slug = request.slug().ok_or(ApiError::NotFound)?;

        let org = &member.org_id;
        let link = self.links.read(org, &slug).await?.ok_or(ApiError::NotFound)?;

        let short_base = self.short_urls.base(org, &request, &self.links, now).await;
        match picture {
            Some(picture) => picture.answer(&link.id, &short_base.url_of(&link.id)),
            None => json(Response::builder().header(ETAG, etag(&link)), &LinkBody::new(&link, &short_base)),
        }
    }
}

//! `GET /{org_id}/link/{slug}/clicks` returns how often a link was clicked, when, from which sites and countries, and with
//! which devices. `GET /{org_id}/-/clicks` returns how often all links of the organization were clicked, with details of the
//! most clicked links.

mod link;
mod organization;
mod range;

use lambda_http::{Body, Response};
use shared::error::ApiError;
use shared::http::{Authenticator, Request, ShortUrls};
use shared::lambda::{HttpLambda, Lambda, Services};
use shared::model::Timestamp;
use shared::settings::{Error, Settings};
use shared::store::{ClickStore, LinkStore};
use std::sync::Arc;
use std::time::Duration;

/// The function and everything that it uses.
#[derive(Debug)]
pub struct Stats {
    callers: Authenticator,
    links: Arc<LinkStore>,
    clicks: Arc<ClickStore>,
    short_urls: ShortUrls,
}

impl Lambda for Stats {
    type Services = Services;

    fn from_settings(settings: &Settings, services: &Services) -> Result<Self, Error> {
        Ok(Self {
            callers: services.authenticator(settings)?,
            links: services.links(settings)?,
            clicks: services.clicks(settings)?,
            short_urls: ShortUrls::from_settings(settings)?,
        })
    }

    async fn prime(&self) {
        self.links.prime_read().await;
    }
}

impl HttpLambda for Stats {
    /// An overview spends at most ten seconds on reading the clicks by day, and then reads the details of up to a hundred
    /// links. For the same reason the function has a full processor. To read one link's clicks, it needs neither this
    /// time nor this processor.
    const TIMEOUT: Duration = Duration::from_secs(20);

    /// Returns the clicks of the link in the path, or of the organization if the path has no link.
    ///
    /// # Errors
    /// In this order: the caller is not authenticated, or not a member of the organization; a query parameter is unknown or
    /// breaks a rule; there is no such link; the store fails.
    async fn handle(&self, request: Request, now: Timestamp) -> Result<Response<Body>, ApiError> {
        let member = self.callers.member(&request, now).await?;

        let org = &member.org_id;
        if request.path_goes_on_with("clicks") {
            self.of_link(&request, org, now).await
        } else {
            self.of_organization(&request, org, now).await
        }
    }
}

//! `GET` and `HEAD /{org_id}/-/open/{slug}`: redirects members to a link's destination, even if the link is for members only.

mod admission;
mod page;
mod sign_in;

use admission::Admission;
use lambda_http::http::StatusCode;
use lambda_http::http::header::LOCATION;
use lambda_http::{Body, Response};
use shared::clicks::ClickLog;
use shared::error::ApiError;
use shared::http::{Authenticator, Request};
use shared::lambda::{Audience, HttpLambda, Lambda, Services};
use shared::model::{LinkKey, Suffix, Timestamp};
use shared::settings::{Error, Settings};
use shared::store::LinkStore;
use sign_in::SignIn;
use std::sync::Arc;

/// The function and everything that it uses.
#[derive(Debug)]
pub struct Open {
    callers: Authenticator,
    sign_in: SignIn,
    links: Arc<LinkStore>,
    clicks: ClickLog,
}

impl Lambda for Open {
    type Services = Services;

    fn from_settings(settings: &Settings, services: &Services) -> Result<Self, Error> {
        Ok(Self {
            callers: services.authenticator(settings)?,
            sign_in: SignIn::from_settings(settings)?,
            links: services.links(settings)?,
            clicks: services.click_log(settings)?,
        })
    }

    async fn prime(&self) {
        self.links.prime_read().await;
    }
}

impl HttpLambda for Open {
    const AUDIENCE: Audience = Audience::Visitors;

    /// Redirects a member to the link's destination with 302 and counts a click. A browser that is not signed in is
    /// redirected to sign in first. A user who is signed in with the wrong account can switch accounts.
    ///
    /// # Errors
    /// In this order: the caller is not authenticated, or not a member of the organization; the link does not exist, is
    /// switched off or has expired; the store fails. If a person makes the request, an invalid slug is reported first.
    async fn handle(&self, request: Request, now: Timestamp) -> Result<Response<Body>, ApiError> {
        let member = match self.admit(&request, now).await? {
            Admission::Member(member) => member,
            Admission::Refused(response) => return Ok(response),
        };

        let slug = request.slug().ok_or(ApiError::NotFound)?;
        let suffix = Suffix::from_query(request.raw_query()).ok_or(ApiError::NotFound)?;

        let Some(mut destination) = self.links.redirect(&member.org_id, &slug, now).await? else {
            return Err(ApiError::NoSuchLink(slug));
        };
        let slug = destination.alias_of.take().unwrap_or(slug);

        destination.must_be_open(now)?;
        let suffix = destination.forward.part_of(suffix);
        let location = destination.url.with(suffix.as_ref()).ok_or(ApiError::NotFound)?;
        let link = LinkKey { org_id: member.org_id, birth: destination.birth };
        if let Some(visit) = request.visit() {
            self.clicks.click(&visit, link, slug, now);
        }
        Ok(Response::builder()
            .status(StatusCode::FOUND)
            .header(LOCATION, location)
            .header("x-robots-tag", "noindex")
            .body(Body::Empty)?)
    }
}

//! The API's `$default` route, which receives all requests that match no other route. `GET` and `HEAD` of
//! `/{org_id}/{slug}`, `/@{handle}/{slug}` and `/{slug}` redirect a visitor to the link's destination.

mod elsewhere;
mod preview;

use lambda_http::http::header::LOCATION;
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Response};
use shared::clicks::ClickLog;
use shared::error::ApiError;
use shared::http::Request;
use shared::lambda::{Audience, HttpLambda, Lambda, Services};
use shared::model::{Access, LinkKey, Namespace, OrgId, ShortPath, Timestamp};
use shared::settings::{Error, Settings};
use shared::store::LinkStore;
use std::sync::Arc;

/// The methods that a short URL supports.
const READING: &str = "GET, HEAD";

/// The function and everything that it uses.
#[derive(Debug)]
pub struct Redirect {
    links: Arc<LinkStore>,
    clicks: ClickLog,
    root_org: Option<OrgId>,
}

impl Lambda for Redirect {
    type Services = Services;

    fn from_settings(settings: &Settings, services: &Services) -> Result<Self, Error> {
        Ok(Self {
            links: services.links(settings)?,
            clicks: services.click_log(settings)?,
            root_org: settings.root_org()?,
        })
    }

    async fn prime(&self) {
        self.links.prime_read().await;
    }
}

impl HttpLambda for Redirect {
    const AUDIENCE: Audience = Audience::Visitors;

    /// Redirects the visitor to the link's destination with 302 or, for a link for members only, to the route that
    /// authenticates them.
    ///
    /// The path identifies the link ([`ShortPath`]); a path without an organization belongs to `root_org`. A redirect to
    /// the destination counts as a click; the members' route counts its own clicks. `/robots.txt` and
    /// `/favicon.ico` are returned without calling the store.
    ///
    /// With a `+` after the slug, the response is a page that shows the destination, and no click is counted.
    ///
    /// # Errors
    /// In this order: the path does not support the method, or is not a short URL; there is no such link, it is switched
    /// off or has expired; a preview is requested and the link is for members only; the store fails.
    async fn handle(&self, request: Request, now: Timestamp) -> Result<Response<Body>, ApiError> {
        let Some(ShortPath { namespace, slug, is_preview, .. }) = ShortPath::parse(request.path()) else {
            return elsewhere::answer(request.method(), request.path());
        };
        if ![Method::GET, Method::HEAD].contains(request.method()) {
            return Err(ApiError::MethodNotAllowed { allow: READING });
        }
        let org = match namespace {
            Namespace::Organization(org) => Some(org),
            Namespace::Handle(handle) => self.links.organization_of(&handle, now).await?,
            Namespace::Root => self.root_org.clone(),
        };
        let Some(org) = org else { return Err(ApiError::NoSuchLink(slug)) };

        let Some(mut destination) = self.links.redirect(&org, &slug, now).await? else {
            return Err(ApiError::NoSuchLink(slug));
        };
        let slug = destination.alias_of.take().unwrap_or(slug);

        destination.must_be_open(now)?;
        if is_preview {
            return preview::answer(&request, &org, &slug, &destination);
        }
        let location = match destination.access {
            Access::Public => {
                if let Some(visit) = request.visit() {
                    let link = LinkKey { org_id: org, birth: destination.birth };
                    self.clicks.click(&visit, link, slug, now);
                }
                destination.url.as_str().to_owned()
            }
            Access::Members => format!("/{org}/-/open/{slug}"),
        };
        Ok(Response::builder()
            .status(StatusCode::FOUND)
            .header(LOCATION, location)
            .header("x-robots-tag", "noindex")
            .body(Body::Empty)?)
    }
}

//! The API's `$default` route, which receives all requests that match no other route. `GET` and `HEAD` of
//! `/{org_id}/{slug}`, `/@{handle}/{slug}` and `/{slug}` redirect a visitor to the link's destination.

mod elsewhere;
mod find;
mod preview;

use find::Found;
use lambda_http::http::header::LOCATION;
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Response};
use shared::clicks::ClickLog;
use shared::error::ApiError;
use shared::http::Request;
use shared::lambda::{Audience, HttpLambda, Lambda, Services};
use shared::model::{Access, LinkKey, OrgId, ShortPath, Suffix, Timestamp};
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

    /// Redirects the visitor to the link's destination with 302. If the link is for members only, redirects the visitor
    /// to the route that authenticates members.
    ///
    /// The path identifies the link ([`ShortPath`]); a path without an organization belongs to `root_org`. A redirect to
    /// the destination counts as a click; the members' route counts its own clicks. `/robots.txt` and
    /// `/favicon.ico` are returned without calling the store.
    ///
    /// If the link forwards the query or the path, that part of the visitor's URL is appended to the destination.
    ///
    /// With a `+` after the slug, the response is a page that shows the destination, and no click is counted.
    ///
    /// # Errors
    /// In this order: the path does not support the method, or is not a short URL; the link does not exist, is switched
    /// off or has expired; a preview is requested and the link is for members only; the path or query
    /// cannot be forwarded safely; the store fails.
    async fn handle(&self, request: Request, now: Timestamp) -> Result<Response<Body>, ApiError> {
        let (method, path) = (request.method(), request.path());
        if ![Method::GET, Method::HEAD].contains(method) {
            let allow = ShortPath::parse(path).map(|_| ApiError::MethodNotAllowed { allow: READING });
            return allow.map_or_else(|| elsewhere::answer(method, path), Err);
        }

        let Some(found) = self.find(path, now).await? else { return elsewhere::answer(method, path) };

        let Found { org, slug, destination, is_preview, suffix } = found;
        destination.must_be_open(now)?;
        if is_preview {
            return preview::answer(&request, &org, &slug, &destination);
        }
        let suffix = Suffix { path: suffix.into(), query: request.raw_query().into() };
        let suffix = destination.forward.part_of(suffix);
        let destination_url = destination.url.with(suffix.as_ref()).ok_or(ApiError::NotFound)?;
        let location = match destination.access {
            Access::Public => {
                if let Some(visit) = request.visit() {
                    let link = LinkKey { org_id: org, birth: destination.birth };
                    self.clicks.click(&visit, link, slug, now);
                }
                destination_url
            }
            Access::Members => {
                let suffix = suffix.map(|suffix| suffix.to_query()).unwrap_or_default();
                format!("/{org}/-/open/{slug}{suffix}")
            }
        };
        Ok(Response::builder()
            .status(StatusCode::FOUND)
            .header(LOCATION, location)
            .header("x-robots-tag", "noindex")
            .body(Body::Empty)?)
    }
}

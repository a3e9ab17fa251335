//! Protects the local ports against pages of other sites.
//!
//! Browsers allow any page to send requests to a loopback address. Two rules reject such requests. The first rule is
//! about pages on other origins. `Origin` names the page's origin (<https://fetch.spec.whatwg.org/#origin-header>), or
//! `Sec-Fetch-Site` says that the page is on another origin (<https://www.w3.org/TR/fetch-metadata/>). The second rule
//! is about pages whose own host name resolves to a loopback address (DNS rebinding). The browser treats their requests
//! as same-origin, but `Host` contains the page's host name, which is not an allowed host.
//!
//! Links on any site work, because a navigation has no `Origin` and is allowed whatever its `Sec-Fetch-Site` says.
//! Requests from programs other than browsers have neither header.

mod host;

pub use host::{AllowedHosts, Host};

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::sync::Arc;

/// The rules for one port. Clones share them.
#[derive(Debug, Clone)]
pub struct Guard(Arc<Rules>);

#[derive(Debug)]
struct Rules {
    hosts: AllowedHosts,
    /// Other allowed origins, as browsers send them.
    origins: Vec<String>,
    /// Whether any page can load resources for which browsers send no `Origin`, such as an image through a short URL.
    is_public: bool,
}

/// Why a request is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    NoHost,
    ForeignHost,
    ForeignOrigin,
}

impl Guard {
    /// Creates the rules for the API: pages on `origins` can call it, and any page can link to it.
    pub fn public(hosts: AllowedHosts, origins: Vec<String>) -> Self {
        Self(Arc::new(Rules { hosts, origins, is_public: true }))
    }

    /// Creates the rules for the issuer and the store: only their own pages can call them, and browsers can navigate to
    /// them.
    pub fn private(hosts: AllowedHosts) -> Self {
        Self(Arc::new(Rules { hosts, origins: Vec::new(), is_public: false }))
    }

    /// Middleware for `axum::middleware::from_fn_with_state` that rejects requests that break the rules.
    pub async fn check(State(guard): State<Self>, request: Request, next: Next) -> Response {
        match guard.0.refuse(&request) {
            None => next.run(request).await,
            Some(refusal) => refusal.into_response(),
        }
    }
}

impl Rules {
    fn refuse(&self, request: &Request) -> Option<Refusal> {
        // RFC 9112, section 3.2: a request has exactly one `Host` header, except that HTTP/1.0 does not require it. No
        // browser speaks HTTP/1.0.
        let mut hosts = request.headers().get_all(HOST).iter();
        let host = match (hosts.next(), hosts.next()) {
            (Some(host), None) => Some(host),
            (None, _) if request.version() < Version::HTTP_11 => None,
            _ => return Some(Refusal::NoHost),
        };
        let named = host.map(|host| host.to_str().ok().and_then(|host| host.parse::<Host>().ok()));
        // RFC 9112, section 3.2.2: a host in the request target takes precedence over the header `Host`.
        let target = request.uri().authority().map(|authority| authority.as_str().parse::<Host>().ok());
        let mut all = named.iter().chain(&target);
        if !all.all(|host| host.as_ref().is_some_and(|host| self.hosts.allow(host))) {
            return Some(Refusal::ForeignHost);
        }
        let own = named.flatten();
        (!self.allows_origin(request.headers(), own.as_ref(), request.method()))
            .then_some(Refusal::ForeignOrigin)
    }

    fn allows_origin(&self, headers: &HeaderMap, own: Option<&Host>, method: &Method) -> bool {
        let fetch = |name: &str| headers.get(name).map_or(Some(""), |value| value.to_str().ok());
        let mut origins = headers.get_all(ORIGIN).iter();
        match (origins.next().map(|origin| origin.to_str()), origins.next()) {
            // A page can hide its own origin, but it cannot change `Sec-Fetch-Site`.
            (Some(Ok("null")), None) => fetch("sec-fetch-site") == Some("same-origin"),
            (Some(Ok(origin)), None) => {
                self.origins.iter().any(|allowed| allowed == origin)
                    || Host::of_origin(origin).is_some_and(|origin| Some(&origin) == own)
            }
            (Some(_), _) => false,
            (None, _) => match fetch("sec-fetch-site") {
                Some("" | "same-origin" | "none") => true,
                Some(_) if self.is_public => *method == Method::GET || *method == Method::HEAD,
                Some(_) => {
                    *method == Method::GET
                        && fetch("sec-fetch-mode") == Some("navigate")
                        && fetch("sec-fetch-dest") == Some("document")
                }
                None => false,
            },
        }
    }
}

impl IntoResponse for Refusal {
    /// Returns an error in the same format as API Gateway's own errors. The AWS SDK reads the error message from
    /// the JSON fields of this format.
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::NoHost => (StatusCode::BAD_REQUEST, "The request must have exactly one Host header."),
            Self::ForeignHost => (
                StatusCode::MISDIRECTED_REQUEST,
                "This host name is not allowed; if it is yours, start Signpost with --allow-host and this name.",
            ),
            Self::ForeignOrigin => (
                StatusCode::FORBIDDEN,
                "Requests from this origin are not allowed; if it is yours and calls the API, add it to CORS_ORIGINS.",
            ),
        };
        (status, Json(json!({ "__type": "AccessDeniedException", "message": message }))).into_response()
    }
}

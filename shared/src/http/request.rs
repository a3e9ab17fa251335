use crate::error::ApiError;
use crate::http::deed::{Actor, Deed};
use crate::http::{Fields, Query, body, etag};
use crate::model::{Handle, IdempotencyKey, OrgId, Precondition, Slug, UserId};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// What a handler may know of a request. API Gateway has decoded the path once; nothing decodes it again.
///
/// It holds the token and does not print itself, so that no log can hold it by accident.
#[derive(Default)]
pub struct Request {
    path: HashMap<String, String>,
    query: String,
    headers: HashMap<String, String>,
    body: String,
    is_base64: bool,
    context: Context,
    deed: Option<Arc<Deed>>,
}

/// Where a request came in, for the log.
pub(super) struct Origin {
    pub route: String,
    pub request_id: String,
}

/// The parts of the event that are used. Any of them may be null or missing; all others are passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    path_parameters: Option<HashMap<String, String>>,
    raw_query_string: Option<String>,
    headers: Option<HashMap<String, String>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
    request_context: Option<Context>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    domain_name: Option<String>,
    route_key: Option<String>,
    request_id: Option<String>,
    http: Option<Http>,
}

#[derive(Debug, Default, Deserialize)]
struct Http {
    method: Option<String>,
    path: Option<String>,
}

impl Request {
    /// Reads an event.
    ///
    /// # Errors
    /// It is not an event of an HTTP API.
    pub(super) fn from_event(event: &RawValue) -> Result<Self, ApiError> {
        let event: Event = serde_json::from_str(event.get()).map_err(|_| {
            ApiError::MalformedBody("The event is not one of an HTTP API (payload format 2.0).".to_owned())
        })?;
        let mut headers: HashMap<String, String> = HashMap::new();
        for (name, value) in event.headers.unwrap_or_default() {
            // Two headers of one name arrive joined by a comma; emulators that keep the case must not differ.
            let joined = headers.entry(name.to_ascii_lowercase()).or_default();
            if !joined.is_empty() {
                joined.push(',');
            }
            joined.push_str(&value);
        }
        Ok(Self {
            path: event.path_parameters.unwrap_or_default(),
            query: event.raw_query_string.unwrap_or_default(),
            headers,
            body: event.body.unwrap_or_default(),
            is_base64: event.is_base64_encoded.unwrap_or_default(),
            context: event.request_context.unwrap_or_default(),
            deed: None,
        })
    }

    /// The same request, whose handler tells `deed` what it learns.
    pub(super) fn telling(self, deed: &Arc<Deed>) -> Self {
        Self { deed: Some(Arc::clone(deed)), ..self }
    }

    /// Notes for the log who asks for a change, and who does so in their name. The first word counts.
    pub fn is_by(&self, user_id: &UserId, impersonator: Option<&UserId>) {
        if let Some(deed) = &self.deed {
            let (user_id, impersonator) = (user_id.clone(), impersonator.cloned());
            let _ = deed.actor.set(Actor { user_id, impersonator, org_id: self.org_id() });
            self.slug().iter().for_each(|slug| self.is_about(slug));
        }
    }

    /// Notes for the log which link a change is about, where the path does not name it. The first word counts.
    pub fn is_about(&self, link: &Slug) {
        if let Some(deed) = &self.deed {
            let _ = deed.link.set(link.clone());
        }
    }

    /// The organization in the path, if it could be one.
    pub fn org_id(&self) -> Option<OrgId> {
        self.path.get("org_id")?.parse().ok()
    }

    /// The handle that stands in the path, after an `@`, in an organization's place.
    pub fn handle(&self) -> Option<Handle> {
        self.path.get("org_id")?.strip_prefix('@')?.parse().ok()
    }

    /// Whether the path names an organization, in whatever way.
    pub fn names_an_organization(&self) -> bool {
        self.path.contains_key("org_id")
    }

    /// The slug in the path, if it could be one.
    pub fn slug(&self) -> Option<Slug> {
        self.path.get("slug")?.parse().ok()
    }

    /// The query string's parameters.
    pub fn query(&self) -> Query {
        Query::parse(&self.query)
    }

    /// The header `Authorization`, as it came.
    pub fn authorization(&self) -> Option<&str> {
        self.header("authorization")
    }

    /// The body, a JSON object.
    ///
    /// # Errors
    /// It is not declared to be JSON, too large, no JSON, or no object; in this order.
    pub fn fields(&self) -> Result<Fields, ApiError> {
        Fields::read(self.header("content-type"), &self.body, self.is_base64)
    }

    /// The body to the byte, as it was sent.
    ///
    /// # Errors
    /// It is too large, or not readable.
    pub fn body(&self) -> Result<Cow<'_, [u8]>, ApiError> {
        body::bytes(&self.body, self.is_base64)
    }

    /// The header `If-Match`: what a link must still be to be changed.
    ///
    /// # Errors
    /// It is no list of entity tags, or a long one.
    pub fn precondition(&self) -> Result<Precondition, ApiError> {
        self.header("if-match").map_or(Ok(Precondition::None), etag::precondition)
    }

    /// The header `Idempotency-Key`: what the client calls this request by, if by anything.
    ///
    /// # Errors
    /// It is none.
    pub fn idempotency_key(&self) -> Result<Option<IdempotencyKey>, ApiError> {
        let key = self.header("idempotency-key").map(str::parse).transpose();
        key.map_err(|_| ApiError::invalid_idempotency_key())
    }

    /// Whether a browser asks before its user does (Fetch Standard, `Sec-Purpose`; older ones send `Purpose`).
    pub fn is_prefetch(&self) -> bool {
        let purposes = [self.header("sec-purpose"), self.header("purpose"), self.header("x-moz")];
        purposes.into_iter().flatten().any(|purpose| {
            let mut words = purpose.split([';', ',', ' ']);
            words.any(|word| {
                ["prefetch", "prerender", "preview"].contains(&word.to_ascii_lowercase().as_str())
            })
        })
    }

    /// The header `Referer`, as it came.
    pub fn referrer(&self) -> Option<&str> {
        self.header("referer")
    }

    /// The header `User-Agent`; nothing, where it was not sent.
    pub fn user_agent(&self) -> &str {
        self.header("user-agent").unwrap_or_default()
    }

    /// The header `CloudFront-Viewer-Country`, which a visitor can send too.
    pub fn viewer_country(&self) -> Option<&str> {
        self.header("cloudfront-viewer-country")
    }

    /// Returns the header `Accept-Encoding`; empty if the client sent none.
    pub fn accept_encoding(&self) -> &str {
        self.header("accept-encoding").unwrap_or_default()
    }

    /// Returns the header `If-None-Match`; empty if the client sent none.
    pub fn if_none_match(&self) -> &str {
        self.header("if-none-match").unwrap_or_default()
    }

    /// The header `Accept`; nothing, where it was not sent.
    pub(super) fn accept(&self) -> &str {
        self.header("accept").unwrap_or_default()
    }

    /// The host name that the request came to, as API Gateway knows it: no header of the caller's decides it.
    pub fn domain_name(&self) -> &str {
        self.context.domain_name.as_deref().unwrap_or("localhost")
    }

    /// The method, in upper case.
    pub fn method(&self) -> &str {
        self.context.http.as_ref().and_then(|http| http.method.as_deref()).unwrap_or_default()
    }

    /// Whether the path has this segment behind the slug: that tells apart the routes of one function.
    pub fn path_goes_on_with(&self, segment: &str) -> bool {
        let slug = self.path.get("slug").map(String::as_str).unwrap_or_default();
        self.path().ends_with(&format!("/{slug}/{segment}"))
    }

    /// The path, decoded once. Where a route has variables, they are to be had apart.
    pub fn path(&self) -> &str {
        self.context.http.as_ref().and_then(|http| http.path.as_deref()).unwrap_or_default()
    }

    pub(super) fn origin(&self) -> Origin {
        let context = &self.context;
        Origin {
            route: context.route_key.clone().unwrap_or_default(),
            request_id: context.request_id.clone().unwrap_or_default(),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

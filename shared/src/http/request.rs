use crate::clicks::Visit;
use crate::error::{ApiError, Unauthenticated};
use crate::http::accept::{preferred, prefers_html};
use crate::http::audit::{AuditRecord, AuditedCaller};
use crate::http::{Fields, Query, body, etag, event, query};
#[cfg(feature = "auth")]
use crate::http::{SignInFailure, log};
#[cfg(feature = "auth")]
use crate::model::Timestamp;
use crate::model::{IdempotencyKey, OrgId, Precondition, RecordId, Slug, Tag, UserId};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequestContext;
use lambda_http::http::Method;
use lambda_http::http::header::AsHeaderName;
use lambda_http::http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, IF_MATCH, IF_NONE_MATCH, REFERER,
    USER_AGENT,
};
use lambda_http::request::RequestContext;
use lambda_http::{Body, RequestExt};
use serde_json::value::RawValue;
use std::sync::Arc;

const PURPOSE_HEADERS: [&str; 5] = ["sec-purpose", "purpose", "x-purpose", "x-moz", "x-sec-purpose"];
/// Query parameters in which clients mistakenly send a token. The first parameter is from RFC 6750 (section 2.3).
const TOKEN_PARAMETERS: [&str; 5] = ["access_token", "token", "authorization", "bearer", "api_key"];

/// A request. API Gateway has decoded the path once; nothing decodes it again.
///
/// This type does not implement `Debug`, so that the token in a request cannot be logged by accident.
pub struct Request {
    http: lambda_http::http::Request<Body>,
    audit: Option<Arc<AuditRecord>>,
}

/// The route and id of a request, for the log.
pub(super) struct Origin {
    pub route: String,
    pub request_id: String,
}

impl Request {
    /// Converts an event to a request.
    ///
    /// # Errors
    /// The event is not from an HTTP API, its body is not valid base64, or its URL is too long.
    pub(super) fn from_event(event: &RawValue) -> Result<Self, ApiError> {
        Ok(Self { http: event::to_request(event)?, audit: None })
    }

    /// Returns the request with the audit record that its handler fills in.
    pub(super) fn with_audit_record(self, record: &Arc<AuditRecord>) -> Self {
        Self { audit: Some(Arc::clone(record)), ..self }
    }

    /// Records the caller for the audit log. Only the first call has an effect.
    pub fn record_caller(&self, user_id: &UserId, impersonator: Option<&UserId>) {
        if let Some(record) = &self.audit {
            let (user_id, impersonator) = (user_id.clone(), impersonator.cloned());
            let _ = record.caller.set(AuditedCaller { user_id, impersonator, org_id: self.org_id().ok() });
            self.slug().iter().for_each(|slug| self.record_link(slug));
        }
    }

    /// Records the changed link for the audit log. A handler must call this method if the path does not contain the
    /// link's slug. Only the first call has an effect.
    pub fn record_link(&self, link: &Slug) {
        if let Some(record) = &self.audit {
            let _ = record.link.set(link.clone());
        }
    }

    /// Records the tag of an import for the audit log. `None` stands for a dry run: it changes nothing, so a successful one is
    /// not logged. Only the first call has an effect.
    pub fn record_import(&self, tag: Option<&Tag>) {
        if let Some(record) = &self.audit {
            let _ = record.import.set(tag.cloned());
        }
    }

    /// Logs a failed sign-in.
    #[cfg(feature = "auth")]
    pub fn log_sign_in_failure(&self, failure: &SignInFailure<'_>, now: Timestamp) {
        log::sign_in_failure(failure, &self.origin(), now);
    }

    /// Returns the method.
    pub fn method(&self) -> &Method {
        self.http.method()
    }

    /// Returns the path, decoded once. The route's variables have methods of their own.
    pub fn path(&self) -> &str {
        self.http.raw_http_path()
    }

    /// Returns the headers. Each header occurs once, with its values joined by commas.
    pub fn headers(&self) -> &HeaderMap {
        self.http.headers()
    }

    /// Returns the query string as it was sent, without the question mark.
    pub fn raw_query(&self) -> &str {
        self.http.uri().query().unwrap_or_default()
    }

    /// Returns the parameters of the query string.
    pub fn query(&self) -> Query {
        Query::parse(self.raw_query())
    }

    /// Returns the query string of the next page: the query string of this request, but with another `cursor`. The
    /// cursor needs no encoding, and the other parameters stay as they were sent.
    pub fn query_of_next_page(&self, cursor: &str) -> String {
        query::with(self.raw_query(), "cursor", cursor)
    }

    /// Returns the organization id in the path.
    ///
    /// # Errors
    /// The path contains a handle, or an invalid id.
    pub fn org_id(&self) -> Result<OrgId, ApiError> {
        let segment = self.variable("org_id").unwrap_or_default();
        if segment.starts_with('@') {
            return Err(ApiError::handle_for_an_id());
        }
        segment.parse().map_err(|_| ApiError::invalid_org_id())
    }

    /// Returns the slug in the path, or `None` if the path contains no valid slug.
    pub fn slug(&self) -> Option<Slug> {
        self.variable("slug")?.parse().ok()
    }

    /// Returns the history record's id from the path, or `None` if the path contains no valid one.
    pub fn record(&self) -> Option<RecordId> {
        self.variable("record")?.parse().ok()
    }

    /// Returns whether `segment` follows the slug in the path. A function with several routes distinguishes them by
    /// this segment.
    pub fn path_goes_on_with(&self, segment: &str) -> bool {
        let slug = self.variable("slug").unwrap_or_default();
        self.path().ends_with(&format!("/{slug}/{segment}"))
    }

    /// Returns the body's fields; the body must be a JSON object.
    ///
    /// # Errors
    /// Checked in this order: the media type is not JSON; the body is too large, is not valid JSON or is not an object.
    pub fn fields(&self) -> Result<Fields, ApiError> {
        Fields::read(self.header(CONTENT_TYPE), self.http.body())
    }

    /// Returns the body as bytes.
    ///
    /// # Errors
    /// The body is too large.
    pub fn body(&self) -> Result<&[u8], ApiError> {
        body::bytes(self.http.body())
    }

    /// Returns the body, which is a file of any media type.
    ///
    /// # Errors
    /// The file has more than 4,000,000 bytes.
    pub fn file(&self) -> Result<&[u8], ApiError> {
        body::file(self.http.body())
    }

    /// Returns the header `Authorization`.
    ///
    /// # Errors
    /// The header was not sent. A token in the query string is ignored.
    pub fn authorization(&self) -> Result<&str, ApiError> {
        self.header(AUTHORIZATION).ok_or_else(|| {
            let query = self.query();
            let in_query = TOKEN_PARAMETERS.iter().any(|name| query.has(name));
            let reason = if in_query { Unauthenticated::InQuery } else { Unauthenticated::Missing };
            ApiError::Unauthenticated(reason)
        })
    }

    /// Returns the header `If-Match` as a precondition: the link is changed only if it has one of these versions.
    ///
    /// # Errors
    /// The header is not a list of entity tags, or the list is too long.
    pub fn precondition(&self) -> Result<Precondition, ApiError> {
        self.header(IF_MATCH).map_or(Ok(Precondition::None), etag::precondition)
    }

    /// Returns the header `Idempotency-Key`.
    ///
    /// # Errors
    /// The header is not a valid key.
    pub fn idempotency_key(&self) -> Result<Option<IdempotencyKey>, ApiError> {
        let key = self.header("idempotency-key").map(str::parse).transpose();
        key.map_err(|_| ApiError::invalid_idempotency_key())
    }

    /// Returns whether the client sent the request although the user has not opened the link.
    ///
    /// Browsers send `Sec-Purpose` (<https://wicg.github.io/nav-speculation/prefetch.html#sec-purpose-header>). Older
    /// browsers send `Purpose`, `X-Purpose` (Safari, Facebook's app) or `X-Moz` (Firefox); pages that prefetch with a
    /// script (Turbo) send `X-Sec-Purpose`.
    pub fn is_prefetch(&self) -> bool {
        let purposes = PURPOSE_HEADERS.into_iter().filter_map(|name| self.header(name));
        let mut words =
            purposes.flat_map(|purpose| purpose.split(|c: char| !c.is_ascii_alphanumeric() && c != '-'));
        words.any(|word| {
            ["prefetch", "prerender", "preview"].iter().any(|known| word.eq_ignore_ascii_case(known))
        })
    }

    /// Returns the visit to count as a click; `None` for `HEAD` and prefetches, which are not clicks.
    pub fn visit(&self) -> Option<Visit<'_>> {
        let is_click = self.method() == Method::GET && !self.is_prefetch();
        is_click.then(|| Visit {
            referrer: self.header(REFERER),
            user_agent: self.header(USER_AGENT).unwrap_or_default(),
            country: self.header("cloudfront-viewer-country"),
        })
    }

    /// Returns the header `Accept-Encoding`, or an empty string.
    pub fn accept_encoding(&self) -> &str {
        self.header(ACCEPT_ENCODING).unwrap_or_default()
    }

    /// Returns the header `If-None-Match`, or an empty string.
    pub fn if_none_match(&self) -> &str {
        self.header(IF_NONE_MATCH).unwrap_or_default()
    }

    /// Returns whether the client prefers an HTML page to a problem document, as browsers do.
    pub fn prefers_html(&self) -> bool {
        prefers_html(self.accept())
    }

    /// Returns which of these media types the client prefers to JSON; `None` for JSON. A type counts only if the header
    /// `Accept` names it, so browsers and `*/*` get JSON.
    pub fn preferred_to_json<'a>(&self, alternatives: &[&'a str]) -> Option<&'a str> {
        preferred(self.accept(), "application/json", alternatives)
    }

    /// Returns the header `Accept`, or an empty string.
    pub(super) fn accept(&self) -> &str {
        self.header(ACCEPT).unwrap_or_default()
    }

    /// Returns the host name that received the request, as API Gateway reports it. The caller's headers do not affect
    /// this host name.
    pub fn domain_name(&self) -> &str {
        self.context().and_then(|context| context.domain_name.as_deref()).unwrap_or("localhost")
    }

    /// Returns the API's id, as API Gateway reports it.
    pub fn api_id(&self) -> Option<&str> {
        self.context()?.apiid.as_deref()
    }

    pub(super) fn origin(&self) -> Origin {
        let context = self.context();
        Origin {
            route: context.and_then(|context| context.route_key.clone()).unwrap_or_default(),
            request_id: context.and_then(|context| context.request_id.clone()).unwrap_or_default(),
        }
    }

    fn context(&self) -> Option<&ApiGatewayV2httpRequestContext> {
        match self.http.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => Some(context),
            _ => None,
        }
    }

    /// Returns the segment of the path that matches a variable of the route.
    fn variable(&self, name: &str) -> Option<&str> {
        self.http.path_parameters_ref()?.first(name)
    }

    pub(super) fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        // `to_str` would reject UTF-8, and the header would be treated as missing.
        str::from_utf8(self.headers().get(name)?.as_bytes()).ok()
    }
}

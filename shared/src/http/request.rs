use crate::error::{ApiError, Unauthenticated};
use crate::http::accept::prefers_html;
use crate::http::audit::{AuditRecord, AuditedCaller};
use crate::http::{Fields, Query, body, etag, event};
#[cfg(feature = "auth")]
use crate::http::{SignInFailure, log};
#[cfg(feature = "auth")]
use crate::model::Timestamp;
use crate::model::{IdempotencyKey, OrgId, Precondition, Slug, UserId};
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
/// Query parameters in which clients put a token; the first is RFC 6750's (section 2.3).
const TOKEN_PARAMETERS: [&str; 5] = ["access_token", "token", "authorization", "bearer", "api_key"];

/// A request, in the terms of Signpost. API Gateway has decoded the path once; nothing decodes it again.
///
/// It holds the token and does not implement `Debug`, so that no log can hold it by accident.
pub struct Request {
    http: lambda_http::http::Request<Body>,
    audit: Option<Arc<AuditRecord>>,
}

/// Where a request came in, for the log.
pub(super) struct Origin {
    pub route: String,
    pub request_id: String,
}

impl Request {
    /// Reads an event.
    ///
    /// # Errors
    /// It is not an event of an HTTP API, or its body is not valid base64.
    pub(super) fn from_event(event: &RawValue) -> Result<Self, ApiError> {
        Ok(Self { http: event::to_request(event)?, audit: None })
    }

    /// The same request; what its handler records goes into `record`.
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

    /// Records the changed link for the audit log, if the path does not name it. Only the first call has an effect.
    pub fn record_link(&self, link: &Slug) {
        if let Some(record) = &self.audit {
            let _ = record.link.set(link.clone());
        }
    }

    /// Logs a sign-in that failed.
    #[cfg(feature = "auth")]
    pub fn log_sign_in_failure(&self, failure: &SignInFailure<'_>, now: Timestamp) {
        log::sign_in_failure(failure, &self.origin(), now);
    }

    /// The method.
    pub fn method(&self) -> &Method {
        self.http.method()
    }

    /// The path, decoded once. A route's variables are available apart.
    pub fn path(&self) -> &str {
        self.http.raw_http_path()
    }

    /// The headers. Values of one name are joined by commas, so each name is there once.
    pub fn headers(&self) -> &HeaderMap {
        self.http.headers()
    }

    /// The query string's parameters.
    pub fn query(&self) -> Query {
        Query::parse(self.http.uri().query().unwrap_or_default())
    }

    /// The organization's id in the path.
    ///
    /// # Errors
    /// That segment is a handle, or not an id.
    pub fn org_id(&self) -> Result<OrgId, ApiError> {
        let segment = self.variable("org_id").unwrap_or_default();
        if segment.starts_with('@') {
            return Err(ApiError::handle_for_an_id());
        }
        segment.parse().map_err(|_| ApiError::invalid_org_id())
    }

    /// The slug in the path, if that segment is a valid slug.
    pub fn slug(&self) -> Option<Slug> {
        self.variable("slug")?.parse().ok()
    }

    /// Whether `segment` follows the slug in the path. This tells apart the routes of one function.
    pub fn path_goes_on_with(&self, segment: &str) -> bool {
        let slug = self.variable("slug").unwrap_or_default();
        self.path().ends_with(&format!("/{slug}/{segment}"))
    }

    /// The body, a JSON object.
    ///
    /// # Errors
    /// In this order: its media type is not JSON, it is too large, it is not JSON, it is not an object.
    pub fn fields(&self) -> Result<Fields, ApiError> {
        Fields::read(self.header(CONTENT_TYPE), self.http.body())
    }

    /// The body, byte for byte.
    ///
    /// # Errors
    /// It is too large.
    pub fn body(&self) -> Result<&[u8], ApiError> {
        body::bytes(self.http.body())
    }

    /// The header `Authorization`.
    ///
    /// # Errors
    /// It was not sent. A token in the query string is not read in its place.
    pub fn authorization(&self) -> Result<&str, ApiError> {
        self.header(AUTHORIZATION).ok_or_else(|| {
            let query = self.query();
            let in_query = TOKEN_PARAMETERS.iter().any(|name| query.has(name));
            let reason = if in_query { Unauthenticated::InQuery } else { Unauthenticated::Missing };
            ApiError::Unauthenticated(reason)
        })
    }

    /// The header `If-Match`: the versions of a link that may be changed.
    ///
    /// # Errors
    /// It is not a list of entity tags, or the list is too long.
    pub fn precondition(&self) -> Result<Precondition, ApiError> {
        self.header(IF_MATCH).map_or(Ok(Precondition::None), etag::precondition)
    }

    /// The header `Idempotency-Key`.
    ///
    /// # Errors
    /// It is not a valid key.
    pub fn idempotency_key(&self) -> Result<Option<IdempotencyKey>, ApiError> {
        let key = self.header("idempotency-key").map(str::parse).transpose();
        key.map_err(|_| ApiError::invalid_idempotency_key())
    }

    /// Whether a browser or an app asks before its user does, or to show a preview.
    ///
    /// Browsers send `Sec-Purpose` (<https://wicg.github.io/nav-speculation/prefetch.html#sec-purpose-header>). Older ones
    /// send `Purpose`, `X-Purpose` (Safari, Facebook's app) or `X-Moz` (Firefox); pages that prefetch with a script (Turbo)
    /// send `X-Sec-Purpose`.
    pub fn is_prefetch(&self) -> bool {
        let purposes = PURPOSE_HEADERS.into_iter().filter_map(|name| self.header(name));
        let mut words =
            purposes.flat_map(|purpose| purpose.split(|c: char| !c.is_ascii_alphanumeric() && c != '-'));
        words.any(|word| {
            ["prefetch", "prerender", "preview"].iter().any(|known| word.eq_ignore_ascii_case(known))
        })
    }

    /// The header `Referer`.
    pub fn referrer(&self) -> Option<&str> {
        self.header(REFERER)
    }

    /// The header `User-Agent`; empty if it was not sent.
    pub fn user_agent(&self) -> &str {
        self.header(USER_AGENT).unwrap_or_default()
    }

    /// The header `CloudFront-Viewer-Country`, which a visitor can send too.
    pub fn viewer_country(&self) -> Option<&str> {
        self.header("cloudfront-viewer-country")
    }

    /// The header `Accept-Encoding`; empty if it was not sent.
    pub fn accept_encoding(&self) -> &str {
        self.header(ACCEPT_ENCODING).unwrap_or_default()
    }

    /// The header `If-None-Match`; empty if it was not sent.
    pub fn if_none_match(&self) -> &str {
        self.header(IF_NONE_MATCH).unwrap_or_default()
    }

    /// Whether a page is preferred to a problem document, as browsers do.
    pub fn prefers_html(&self) -> bool {
        prefers_html(self.accept())
    }

    /// The header `Accept`; empty if it was not sent.
    pub(super) fn accept(&self) -> &str {
        self.header(ACCEPT).unwrap_or_default()
    }

    /// The host name that received the request, as API Gateway knows it. No header of the caller's decides it.
    pub fn domain_name(&self) -> &str {
        self.context().and_then(|context| context.domain_name.as_deref()).unwrap_or("localhost")
    }

    /// The API's id, as API Gateway knows it.
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

    /// What stands in the path for a route's variable.
    fn variable(&self, name: &str) -> Option<&str> {
        self.http.path_parameters_ref()?.first(name)
    }

    pub(super) fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        // `to_str` would refuse UTF-8, and what is refused would count as not sent.
        str::from_utf8(self.headers().get(name)?.as_bytes()).ok()
    }
}

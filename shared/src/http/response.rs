use crate::error::ApiError;
use crate::http::Problem;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use std::collections::BTreeMap;

/// A response as API Gateway takes it (payload format 2.0), all five fields present.
///
/// Nothing that Signpost answers of links may be kept by a cache on the way, so every response says `no-store` unless it
/// says otherwise.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    status_code: u16,
    headers: BTreeMap<&'static str, String>,
    multi_value_headers: BTreeMap<&'static str, Vec<String>>,
    body: String,
    is_base64_encoded: bool,
    cookies: [String; 0],
}

impl Response {
    /// A response without a body.
    pub fn empty(status: u16) -> Self {
        let headers = [("cache-control", "no-store"), ("x-content-type-options", "nosniff")];
        Self {
            status_code: status,
            headers: headers.map(|(name, value)| (name, value.to_owned())).into(),
            multi_value_headers: BTreeMap::new(),
            body: String::new(),
            is_base64_encoded: false,
            cookies: [],
        }
    }

    /// A response of JSON.
    ///
    /// # Errors
    /// The body does not serialise, which is a fault of ours.
    pub fn json(status: u16, body: &impl Serialize) -> Result<Self, ApiError> {
        let body = serde_json::to_string(body)
            .map_err(|_| ApiError::Internal("a body did not serialise".to_owned()))?;
        Ok(Self::text(status, "application/json", body))
    }

    /// A response of text, of whatever media type.
    pub fn text(status: u16, content_type: &'static str, body: String) -> Self {
        Self { body, ..Self::empty(status) }.header("content-type", content_type)
    }

    /// A response of any bytes, such as an image. An event's answer is JSON, so they travel in base64.
    pub fn bytes(status: u16, content_type: &'static str, body: &[u8]) -> Self {
        let response = Self::text(status, content_type, BASE64_STANDARD.encode(body));
        Self { is_base64_encoded: true, ..response }
    }

    /// The same response with one more header. Its name is lower case; its value holds no line end.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.insert(name, value.into());
        self
    }

    pub(super) fn problem(error: &ApiError) -> Self {
        let (status, _) = error.status();
        // There is nothing in it that could fail to serialise, and an answer without a body beats none.
        let body = serde_json::to_string(&Problem::of(error)).unwrap_or_default();
        let response = Self::text(status, "application/problem+json", body);
        error.header().into_iter().fold(response, |response, (name, value)| response.header(name, value))
    }

    /// The same response with a page for its body.
    pub(super) fn with_html(self, body: String) -> Self {
        Self { body, ..self }.header("content-type", "text/html; charset=utf-8")
    }

    pub(super) fn status(&self) -> u16 {
        self.status_code
    }

    pub(super) fn without_body(mut self) -> Self {
        self.body.clear();
        self.is_base64_encoded = false;
        self
    }
}

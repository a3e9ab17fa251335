use crate::failure::Failure;
use crate::flow::Flow;
use crate::provider::{Provider, TokenKind};
use lambda_http::http::StatusCode;
use lambda_http::http::header::{ACCEPT, CONTENT_TYPE};
use serde_json::Value;
use shared::auth::{Answer, Body};
use shared::model::Timestamp;
use url::form_urlencoded::{self, Serializer};

/// The error codes that can be logged (RFC 6749, sections 4.1.2.1 and 5.2; RFC 8707; OpenID Connect Core 1.0, section
/// 3.1.2.6). Any other text from a request or response could contain a code or a token.
const ERRORS: [&str; 15] = [
    "access_denied",
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "invalid_target",
    "login_required",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
];

/// Returns the provider's error code, if it is a standard one.
pub fn known_error(code: &str) -> &'static str {
    ERRORS.into_iter().find(|known| *known == code).unwrap_or("an unknown error")
}

impl Provider {
    /// Exchanges the code for a token (RFC 6749, section 4.1.3). The token is not verified yet.
    ///
    /// # Errors
    /// The provider is unavailable; it rejects the code or this client; or its response contains no token.
    pub async fn exchange(
        &self,
        code: &str,
        flow: &Flow,
        redirect_uri: &str,
        now: Timestamp,
    ) -> Result<String, Failure> {
        let endpoint = self.endpoints(now).await?.token;
        let secret = match &self.secret {
            Some(secret) => Some(secret.read(now).await.map_err(Failure::Unavailable)?),
            None => None,
        };
        let form = self.form(code, flow, redirect_uri);
        let answer = self.transport.send(|client| {
            let request = client.post(endpoint).header(ACCEPT, "application/json");
            let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
            match &secret {
                // The client id and the secret are form-encoded (RFC 6749, section 2.3.1).
                Some(secret) => request.basic_auth(encoded(&self.client_id), Some(encoded(secret))),
                None => request,
            }
        });
        let answer = answer.await.map_err(Failure::Unavailable)?;
        if answer.status == StatusCode::OK {
            return self.token(&answer);
        }
        let failure = refusal(&answer);
        if let (Some(secret), Failure::Provider(_)) = (&self.secret, &failure) {
            secret.was_refused(now).await;
        }
        Err(failure)
    }

    /// Returns the request body. The body identifies a client that has no secret; `Authorization` identifies a client
    /// that has one.
    fn form(&self, code: &str, flow: &Flow, redirect_uri: &str) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("code_verifier", &flow.verifier);
        if self.secret.is_none() {
            form.append_pair("client_id", &self.client_id);
        }
        if let Some((name, audience)) = self.audience_parameter() {
            form.append_pair(name, audience);
        }
        form.finish()
    }

    fn token(&self, answer: &Answer) -> Result<String, Failure> {
        let name = match self.token {
            TokenKind::Access => "access_token",
            TokenKind::Id => "id_token",
        };
        let answer = match &answer.body {
            Body::Json(answer) => answer,
            Body::Unreadable => {
                return Err(Failure::Provider(
                    "the token endpoint's response is too large or malformed".to_owned(),
                ));
            }
            Body::Foreign => {
                return Err(Failure::Provider("the token endpoint's response is not JSON".to_owned()));
            }
        };
        let token = answer.get(name).and_then(Value::as_str).map(str::to_owned);
        token.ok_or_else(|| Failure::Provider(format!("the token endpoint's response has no {name}")))
    }
}

/// Converts an error response of the token endpoint (RFC 6749, section 5.2).
fn refusal(answer: &Answer) -> Failure {
    let status = answer.status;
    let code = match &answer.body {
        Body::Json(answer) => answer.get("error").and_then(Value::as_str),
        Body::Unreadable | Body::Foreign => None,
    };
    if code == Some("invalid_grant") {
        return Failure::Callback("the provider rejects the code as invalid or expired");
    }
    let error = code.map(known_error).unwrap_or("no error code");
    let cause = format!("the token endpoint returned status {}: {error}", status.as_u16());
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        Failure::Unavailable(cause)
    } else {
        Failure::Provider(cause)
    }
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

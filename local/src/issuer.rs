//! A sign-in provider that answers PropelAuth's backend endpoints, for the users of this machine. It also gives out its
//! key as OpenID Connect has it, so that each way to come by a key can be tried.

mod api_keys;

use crate::functions::Functions;
use crate::users::{ACME, GLOBEX, Organization, USERS, User};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use pem::Pem;
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::sync::{Arc, PoisonError, RwLock};

/// The API key that the endpoints ask for.
pub const API_KEY: &str = "local-api-key";
/// A year: PropelAuth too puts an end to tokens that are asked to be valid for ever.
const LONGEST_MINUTES: i64 = 525_600;

/// An issuer of access tokens. Clones are the same issuer.
#[derive(Clone)]
pub struct Issuer(Arc<Inner>);

struct Inner {
    /// What tokens have as `iss`.
    name: String,
    key: RwLock<Key>,
}

/// A key pair: the private half to sign with, the public half to hand out.
#[derive(Clone)]
pub struct Key {
    signing: EncodingKey,
    public_pem: String,
}

impl Key {
    /// Makes the private half of a new key pair, in PEM.
    ///
    /// # Errors
    /// This machine has no entropy.
    pub fn generate() -> Result<String, String> {
        let failed = |_| "a key pair could not be made".to_owned();
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
        Ok(pem::encode(&Pem::new("PRIVATE KEY", der.as_ref())))
    }

    /// Reads the private half.
    ///
    /// # Errors
    /// It is no RSA private key in PEM.
    pub fn from_pem(private_pem: &str) -> Result<Self, String> {
        let sentence = || "the issuer's key is no RSA private key in PEM".to_owned();
        let der = pem::parse(private_pem).map_err(|_| sentence())?;
        let pair = KeyPair::from_pkcs8(der.contents()).map_err(|_| sentence())?;
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| sentence())?;
        Ok(Self {
            signing: EncodingKey::from_rsa_pem(private_pem.as_bytes()).map_err(|_| sentence())?,
            public_pem: pem::encode(&Pem::new("PUBLIC KEY", public.as_ref())),
        })
    }

    /// The public half, in PEM.
    pub fn public_pem(&self) -> &str {
        &self.public_pem
    }

    /// The public half, as a JWK (RFC 7517).
    ///
    /// # Errors
    /// The key has no such form.
    pub fn public_jwk(&self) -> Result<Value, String> {
        let failed = || "the issuer's key has no form as a JWK".to_owned();
        let jwk = Jwk::from_encoding_key(&self.signing, Algorithm::RS256).map_err(|_| failed())?;
        let mut jwk = serde_json::to_value(jwk).map_err(|_| failed())?;
        jwk["use"] = "sig".into();
        Ok(jwk)
    }

    /// Signs a token with these claims.
    ///
    /// # Errors
    /// The claims do not serialise.
    pub fn sign(&self, claims: &Value) -> Result<String, String> {
        let token = encode(&Header::new(Algorithm::RS256), claims, &self.signing);
        token.map_err(|error| format!("a token could not be signed: {error}"))
    }

    /// Signs a text by any algorithm of RSA keys, in base64url: what a forger with the key could make.
    ///
    /// # Errors
    /// The key does not sign.
    pub fn sign_text(&self, text: &str, algorithm: Algorithm) -> Result<String, String> {
        let signature = jsonwebtoken::crypto::sign(text.as_bytes(), &self.signing, algorithm);
        signature.map_err(|error| format!("a text could not be signed: {error}"))
    }
}

impl Issuer {
    /// An issuer by this name, which is its URL, that signs with this key.
    pub fn new(name: impl Into<String>, key: Key) -> Self {
        Self(Arc::new(Inner { name: name.into(), key: RwLock::new(key) }))
    }

    /// Signs with another key from now on, as after a rotation.
    pub fn rotate(&self, key: Key) {
        *self.0.key.write().unwrap_or_else(PoisonError::into_inner) = key;
    }

    /// A token for a user, valid from `now` for so many minutes.
    ///
    /// # Errors
    /// It could not be signed.
    pub fn mint(
        &self,
        user: &User,
        active: Option<Organization>,
        now: Timestamp,
        minutes: i64,
    ) -> Result<String, String> {
        let mut claims = user.claims(active);
        claims["iss"] = self.0.name.clone().into();
        claims["iat"] = now.seconds().into();
        claims["exp"] = (now.seconds() + minutes * 60).into();
        self.key().sign(&claims)
    }

    /// Whether the functions take this issuer's tokens: whether a member of acme is one to them. Each of their settings for tokens
    /// can be well formed and yet be for another provider.
    pub async fn is_trusted_by(&self, functions: &Functions) -> bool {
        let now = Timestamp::now();
        let (Some(member), Ok(acme)) = (User::named("member"), ACME.id.parse()) else { return false };
        match self.mint(member, None, now, 1) {
            Ok(token) => functions.admit(&token, acme, now).await,
            Err(_) => false,
        }
    }

    /// The endpoints.
    pub fn router(self) -> Router {
        Router::new()
            .route("/api/v1/token_verification_metadata", get(metadata))
            .route("/api/backend/v1/token_verification_metadata", get(backend_metadata))
            .route("/api/backend/v1/access_token", post(access_token))
            .route("/api/backend/v1/end_user_api_keys/validate", post(api_keys::validate))
            .route("/.well-known/openid-configuration", get(description))
            .route("/.well-known/jwks.json", get(jwks))
            .with_state(self)
    }

    fn key(&self) -> Key {
        self.0.key.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn knows_the_api_key(headers: &HeaderMap) -> bool {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    sent.and_then(|value| value.strip_prefix("Bearer ")) == Some(API_KEY)
}

async fn metadata(State(issuer): State<Issuer>, headers: HeaderMap) -> Response {
    if !knows_the_api_key(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(json!({ "verifier_key_pem": issuer.key().public_pem })).into_response()
}

async fn backend_metadata(State(issuer): State<Issuer>, headers: HeaderMap) -> Response {
    if !knows_the_api_key(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(json!({ "public_key_pem": issuer.key().public_pem })).into_response()
}

/// What OpenID Connect Discovery 1.0 (section 3) asks for and this issuer has.
async fn description(State(issuer): State<Issuer>) -> Response {
    let name = &issuer.0.name;
    Json(json!({
        "issuer": name,
        "jwks_uri": format!("{name}/.well-known/jwks.json"),
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
    .into_response()
}

async fn jwks(State(issuer): State<Issuer>) -> Response {
    match issuer.key().public_jwk() {
        Ok(jwk) => Json(json!({ "keys": [jwk] })).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn access_token(State(issuer): State<Issuer>, headers: HeaderMap, body: String) -> Response {
    if !knows_the_api_key(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let wrong =
        |field: &str, rule: &str| (StatusCode::BAD_REQUEST, Json(json!({ field: [rule] }))).into_response();
    let body: Value = serde_json::from_str(&body).unwrap_or_default();
    let Some(user_id) = body.get("user_id").and_then(Value::as_str) else {
        return wrong("user_id", "a user's id is required");
    };
    let minutes = body.get("duration_in_minutes").and_then(Value::as_i64);
    let Some(minutes) = minutes.filter(|minutes| (1..=LONGEST_MINUTES).contains(minutes)) else {
        return wrong("duration_in_minutes", "a number of minutes from 1 to 525600 is required");
    };
    let Some(user) = USERS.iter().find(|user| user.id == user_id) else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let active = match body.get("active_org_id").and_then(Value::as_str) {
        None => None,
        Some(id) => match [ACME, GLOBEX].into_iter().find(|organization| organization.id == id) {
            Some(organization) if user.roles.iter().any(|(own, _)| *own == organization) => {
                Some(organization)
            }
            _ => return wrong("active_org_id", "the user is not in this organization"),
        },
    };
    match issuer.mint(user, active, Timestamp::now(), minutes) {
        Ok(token) => Json(json!({ "access_token": token })).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

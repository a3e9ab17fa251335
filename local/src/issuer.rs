//! A sign-in provider for local users that imitates PropelAuth: the endpoints of its backend, and OAuth 2.0 with OpenID
//! Connect for browser sign-in. Tests use it to cover every way in which Signpost can obtain an issuer's key.
//!
//! This provider has no passwords, and exists only for `cargo run` and tests.

mod api_keys;
mod authorize;
mod backend;
mod discovery;
mod expiring;
mod key;
mod login;
mod page;
mod session;
mod token;
mod userinfo;

pub use backend::API_KEY;
pub use key::Key;

use crate::functions::Functions;
use crate::users::{ACME, Organization, USERS, User};
use authorize::Grant;
use axum::Router;
use axum::routing::{get, post};
use expiring::Expiring;
use shared::model::Timestamp;
use std::fmt::{self, Debug, Formatter};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// The only registered client. It can act as a public client, or authenticate with [`CLIENT_SECRET`].
pub const CLIENT_ID: &str = "local-client";
/// The client's secret, to be sent with HTTP Basic authentication or in the form.
pub const CLIENT_SECRET: &str = "local-secret";

/// The lifetime of a code, in seconds. RFC 6749 (section 4.1.2) recommends at most ten minutes.
const CODE_SECONDS: i64 = 60;
/// The lifetime of a session at the issuer, in seconds.
const SESSION_SECONDS: i64 = 14 * 24 * 60 * 60;
/// The lifetime of browsers' access tokens, in minutes; the same as PropelAuth's.
const TOKEN_MINUTES: i64 = 30;

/// An issuer of tokens. Clones share its state.
#[derive(Clone)]
pub struct Issuer(Arc<Inner>);

struct Inner {
    /// The issuer's URL, which is also the `iss` of its tokens.
    name: String,
    options: RwLock<Options>,
    codes: Expiring<Grant>,
    sessions: Expiring<&'static User>,
}

/// Options that can be changed at runtime.
#[derive(Clone)]
struct Options {
    key: Key,
    redirect_uris: Vec<String>,
    users: Vec<&'static User>,
    token_minutes: i64,
    token_endpoint: TokenEndpoint,
}

impl Debug for Issuer {
    /// Prints only the name, because the rest contains keys and codes.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Issuer").field(&self.name()).finish()
    }
}

/// How the token endpoint behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenEndpoint {
    /// It responds.
    Up,
    /// The endpoint responds after this delay.
    Slow(Duration),
    /// It responds with 503.
    Down,
}

impl Issuer {
    /// Creates an issuer that signs tokens with `key`. `name` is the issuer's URL, which its tokens contain as `iss`.
    pub fn new(name: impl Into<String>, key: Key) -> Self {
        let options = Options {
            key,
            redirect_uris: Vec::new(),
            users: USERS.iter().collect(),
            token_minutes: TOKEN_MINUTES,
            token_endpoint: TokenEndpoint::Up,
        };
        Self(Arc::new(Inner {
            name: name.into(),
            options: RwLock::new(options),
            codes: Expiring::new(CODE_SECONDS),
            sessions: Expiring::new(SESSION_SECONDS),
        }))
    }

    /// Replaces the signing key, as after a rotation.
    pub fn rotate(&self, key: Key) {
        self.change(|options| options.key = key);
    }

    /// Registers a redirect URI for the client. The URI in a request must be exactly a registered URI.
    pub fn register(&self, redirect_uri: impl Into<String>) {
        self.change(|options| options.redirect_uris.push(redirect_uri.into()));
    }

    /// Adds a user, such as the one from [`crate::users::many`].
    pub fn add_user(&self, user: &'static User) {
        self.change(|options| options.users.push(user));
    }

    /// Sets how long tokens from the token endpoint are valid, in minutes. If the number is negative, tokens have
    /// already expired when they are issued.
    pub fn set_token_minutes(&self, minutes: i64) {
        self.change(|options| options.token_minutes = minutes);
    }

    /// Sets how the token endpoint behaves.
    pub fn set_token_endpoint(&self, behaviour: TokenEndpoint) {
        self.change(|options| options.token_endpoint = behaviour);
    }

    /// Creates an access token for a user, valid for `minutes` from `now`. If `active` is set, the token contains
    /// only that organization.
    ///
    /// # Errors
    /// The token could not be signed.
    pub fn mint(
        &self,
        user: &User,
        active: Option<Organization>,
        now: Timestamp,
        minutes: i64,
    ) -> Result<String, String> {
        let mut claims = user.claims(active);
        claims["iss"] = self.name().into();
        claims["iat"] = now.seconds().into();
        claims["exp"] = (now.seconds() + minutes * 60).into();
        self.key().sign(&claims)
    }

    /// Returns whether the functions accept this issuer's tokens. The settings alone do not show this, because they can
    /// be valid for another provider. So the functions verify a token of a member of acme.
    pub async fn is_trusted_by(&self, functions: &Functions) -> bool {
        let now = Timestamp::now();
        let (Some(member), Ok(acme)) = (User::named("member"), ACME.id.parse()) else { return false };
        match self.mint(member, None, now, 1) {
            Ok(token) => functions.admit(&token, acme, now).await,
            Err(_) => false,
        }
    }

    /// Returns the endpoints.
    pub fn router(self) -> Router {
        Router::new()
            .route("/api/v1/token_verification_metadata", get(backend::metadata))
            .route("/api/backend/v1/token_verification_metadata", get(backend::backend_metadata))
            .route("/api/backend/v1/access_token", post(backend::access_token))
            .route("/api/backend/v1/end_user_api_keys/validate", post(api_keys::validate))
            .route("/.well-known/openid-configuration", get(discovery::description))
            .route("/.well-known/jwks.json", get(discovery::jwks))
            .route("/propelauth/oauth/authorize", get(authorize::authorize))
            .route("/propelauth/oauth/token", post(token::token))
            .route("/propelauth/oauth/userinfo", get(userinfo::userinfo).post(userinfo::userinfo))
            .route("/login", post(login::login))
            .route("/api/v1/logout", post(session::logout))
            .with_state(self)
    }

    fn name(&self) -> &str {
        &self.0.name
    }

    fn key(&self) -> Key {
        self.options().key
    }

    fn options(&self) -> Options {
        self.0.options.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut Options)) {
        change(&mut self.0.options.write().unwrap_or_else(PoisonError::into_inner));
    }
}

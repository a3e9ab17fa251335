use crate::failure::Failure;
use crate::flow::Flow;
use shared::auth::{Description, GOOGLE_ISSUER, Secret, Transport};
use shared::aws::SdkConfig;
use shared::model::{OrgId, Timestamp};
use shared::settings::{Error, Settings};
use tokio::sync::Mutex;
use url::{Host, Url};

/// The TTL of the endpoints from the discovery document, in milliseconds.
const DESCRIPTION_TTL: i64 = 60 * 60 * 1000;

/// The sign-in provider, for this deployment's OAuth client.
#[derive(Debug)]
pub struct Provider {
    kind: Kind,
    /// The issuer, exactly as in the callback's parameter `iss`.
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) secret: Option<Secret>,
    audience: Option<String>,
    pub(crate) token: TokenKind,
    source: Source,
    pub(crate) transport: Transport,
}

/// The token that becomes the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// The access token.
    Access,
    /// The ID token.
    Id,
}

/// The provider's endpoints (RFC 6749, section 3).
#[derive(Debug, Clone)]
pub struct Endpoints {
    pub authorize: Url,
    pub token: Url,
}

/// The kind of provider. The kind selects the behavior that differs between providers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    PropelAuth,
    Auth0,
    Cognito,
    Keycloak,
    Google,
    OpenIdConnect,
}

/// The source of the endpoints.
#[derive(Debug)]
enum Source {
    Preset(Endpoints),
    Discovery { description: Description, fetched: Mutex<Option<(Endpoints, Timestamp)>> },
}

impl Provider {
    /// Reads the settings of the provider `AUTH_PROVIDER` with the issuer `AUTH_ISSUER`, for the OAuth client
    /// `SIGN_IN_CLIENT_ID`. Without a client, browser sign-in is not set up, and the result is `None`.
    ///
    /// If the client is not public, its secret is in the parameter `SIGN_IN_CLIENT_SECRET_PARAMETER` (on a developer's
    /// machine, in `SIGN_IN_CLIENT_SECRET`). PropelAuth's endpoints are at `AUTH_URL` or, if that is not set, at the issuer;
    /// the endpoints of other providers are discovered later. `AUTH_TOKEN` selects the token that becomes the session:
    /// `access` (default) or `id` (default with Google).
    ///
    /// # Errors
    /// A setting is missing or malformed, or the provider's URL does not use TLS and is not on this machine.
    pub fn from_settings(settings: &Settings, config: &SdkConfig) -> Result<Option<Self>, Error> {
        let Some(client_id) = settings.optional("SIGN_IN_CLIENT_ID") else { return Ok(None) };
        let kind = match settings.optional("AUTH_PROVIDER") {
            None | Some("propelauth") => Kind::PropelAuth,
            Some("auth0") => Kind::Auth0,
            Some("cognito") => Kind::Cognito,
            Some("keycloak") => Kind::Keycloak,
            Some("google") => Kind::Google,
            Some(_) => Kind::OpenIdConnect,
        };
        let token = match settings.optional("AUTH_TOKEN") {
            None if kind == Kind::Google => TokenKind::Id,
            None | Some("access") => TokenKind::Access,
            Some("id") => TokenKind::Id,
            Some(_) => return Err(Error::malformed("AUTH_TOKEN", "must be 'access' or 'id'")),
        };
        let issuer = match settings.optional("AUTH_ISSUER") {
            None if kind == Kind::Google => GOOGLE_ISSUER.to_owned(),
            _ => settings.text("AUTH_ISSUER")?,
        };
        let (name, base) = match settings.url("AUTH_URL")? {
            Some(url) if kind == Kind::PropelAuth => ("AUTH_URL", Some(url)),
            _ => ("AUTH_ISSUER", Url::parse(&issuer).ok()),
        };
        let base = base
            .filter(is_private)
            .ok_or_else(|| Error::malformed(name, "is not an https URL, which browser sign-in requires"))?;
        let source = if kind == Kind::PropelAuth {
            let at = |path: &str| {
                base.join(path).map_err(|_| Error::malformed(name, "cannot be the base of a path"))
            };
            Source::Preset(Endpoints {
                authorize: at("/propelauth/oauth/authorize")?,
                token: at("/propelauth/oauth/token")?,
            })
        } else {
            Source::Discovery { description: Description::new(&issuer)?, fetched: Mutex::default() }
        };
        Ok(Some(Self {
            kind,
            issuer,
            client_id: client_id.to_owned(),
            secret: Secret::from_settings(settings, config, "SIGN_IN_CLIENT_SECRET", "client secret")?,
            audience: settings.optional("AUTH_AUDIENCE").map(str::to_owned),
            token,
            source,
            transport: Transport::default(),
        }))
    }

    /// Returns whether a sign-in for an organization requests a token for that organization only, right from the start.
    /// The tokens of Auth0 and Keycloak contain only the organization in which the user signs in. PropelAuth's tokens
    /// contain all organizations of the user; if that makes a token too large, a token for one organization is
    /// requested.
    pub fn is_narrow_from_the_start(&self) -> bool {
        matches!(self.kind, Kind::Auth0 | Kind::Keycloak)
    }

    /// Returns whether this provider can issue a token for one organization only.
    pub fn can_be_narrow(&self) -> bool {
        matches!(self.kind, Kind::PropelAuth | Kind::Auth0 | Kind::Keycloak)
    }

    /// Returns the provider's endpoints. They are cached for an hour, or longer if they cannot
    /// be fetched again.
    pub async fn endpoints(&self, now: Timestamp) -> Result<Endpoints, Failure> {
        let (description, fetched) = match &self.source {
            Source::Preset(endpoints) => return Ok(endpoints.clone()),
            Source::Discovery { description, fetched } => (description, fetched),
        };
        let mut fetched = fetched.lock().await;
        if let Some((endpoints, at)) = &*fetched
            && (0..DESCRIPTION_TTL).contains(&(now.millis() - at.millis()))
        {
            return Ok(endpoints.clone());
        }
        match description.urls(&self.transport, ["authorization_endpoint", "token_endpoint"]).await {
            Ok([authorize, token]) => {
                let endpoints = Endpoints { authorize, token };
                *fetched = Some((endpoints.clone(), now));
                Ok(endpoints)
            }
            Err(cause) => {
                let known = fetched.as_ref().map(|(endpoints, _)| endpoints.clone());
                known.ok_or(Failure::Unavailable(cause))
            }
        }
    }

    /// Returns the URL of a flow's authorization request (RFC 6749, section 4.1.1). With `ask_account`, the provider asks
    /// which account to use, even if the user has a session there.
    pub async fn authorize_url(
        &self,
        flow: &Flow,
        redirect_uri: &str,
        ask_account: bool,
        now: Timestamp,
    ) -> Result<Url, Failure> {
        let mut url = self.endpoints(now).await?.authorize;
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("state", &flow.state)
            .append_pair("code_challenge", &flow.challenge())
            .append_pair("code_challenge_method", "S256");
        let narrow = flow.organization.as_ref().filter(|_| flow.is_narrow);
        if let Some(scope) = self.scope(narrow) {
            query.append_pair("scope", &scope);
        }
        if let (Kind::PropelAuth, Some(organization)) = (self.kind, narrow) {
            query.append_pair("org_id", organization.as_str());
        }
        if let (Kind::Auth0, Some(organization)) = (self.kind, narrow) {
            query.append_pair("organization", organization.as_str());
        }
        if let Some((name, audience)) = self.audience_parameter() {
            query.append_pair(name, audience);
        }
        if self.token == TokenKind::Id {
            query.append_pair("nonce", &flow.nonce);
        }
        if ask_account {
            // OpenID Connect Core 1.0, section 3.1.2.1. All providers except Google support `login`.
            let prompt = match self.kind {
                Kind::PropelAuth | Kind::Google => "select_account",
                _ => "login",
            };
            query.append_pair("prompt", prompt);
        }
        drop(query);
        Ok(url)
    }

    /// Returns the scope to request. Keycloak's scope for a token for one organization is `organization:ALIAS`.
    fn scope(&self, narrow: Option<&OrgId>) -> Option<String> {
        let scope = match (self.kind, self.token) {
            (Kind::PropelAuth, TokenKind::Access) => return None,
            (Kind::Keycloak, _) => match narrow {
                Some(organization) => format!("openid organization:{organization}"),
                None => "openid organization".to_owned(),
            },
            (_, TokenKind::Access) => "openid".to_owned(),
            (_, TokenKind::Id) => "openid email profile".to_owned(),
        };
        Some(scope)
    }

    /// Returns the parameter that requests an access token for our API: Auth0's `audience`, or the resource indicator
    /// (a URL) of RFC 8707. An ID token needs no such parameter: its audience is always the client.
    pub(crate) fn audience_parameter(&self) -> Option<(&'static str, &str)> {
        let audience = self.audience.as_deref().filter(|_| self.token == TokenKind::Access)?;
        match self.kind {
            Kind::Auth0 => Some(("audience", audience)),
            Kind::OpenIdConnect if audience.starts_with("http") => Some(("resource", audience)),
            _ => None,
        }
    }
}

/// Returns true if requests to this URL stay private: they use TLS, or do not leave this machine.
fn is_private(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || is_loopback
}

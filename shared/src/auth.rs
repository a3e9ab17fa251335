//! Who is calling: from a bearer token, or an API key, to a user and the organizations they belong to.
//!
//! [`Verifier::verify`] takes the token out of the header or the session cookie (`header`, `token`), has it verified by one of
//! the issuer's keys (`keys`), checks the claims that all tokens have (`claims`) and reads who it is by the provider's
//! `mapping`. What is no token by its looks may be an API key, which the provider is asked about (`api_keys`).
//!
//! Tokens are verified here, in the function, because API Gateway's own authorizer needs claims that PropelAuth's
//! tokens do not have, and a Lambda authorizer's remembered answer outlives a token and a change of roles.

mod algorithm;
mod api_keys;
mod claims;
mod description;
mod error;
mod header;
mod ids;
mod keys;
mod kind;
mod mapping;
mod provider;
mod provider_key;
mod roles;
mod secret;
mod team;
mod token;
mod transport;

pub use description::Description;
pub use error::{AuthError, MembershipError};
pub use provider::GOOGLE_ISSUER;
pub use secret::Secret;
pub use transport::{Answer, Body, Transport};

use crate::error::Unauthenticated;
use crate::model::{DisplayName, Invalid, OrgId, Timestamp, UserId};
use crate::settings::{Error, Settings};
use algorithm::Algorithms;
use api_keys::ApiKeys;
use aws_config::SdkConfig;
use claims::Claims;
use ids::IdForm;
use keys::Keys;
use kind::TokenKind;
use mapping::{Mapping, Memberships};
use provider::Provider;
use provider_key::ProviderKey;
use roles::AdminRoles;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use team::Team;
use token::{Bearer, Token};

/// Turns bearer tokens and API keys into callers. It holds the issuer's keys, and fetches them where they are not
/// configured.
#[derive(Debug)]
pub struct Verifier {
    issuer: String,
    kind: TokenKind,
    algorithms: Algorithms,
    mapping: Mapping,
    team: Option<Team>,
    admin_roles: AdminRoles,
    ids: IdForm,
    keys: Keys,
    api_keys: Option<ApiKeys>,
}

/// What a request presents to say who is calling. It does not implement `Debug`, so that no log can hold it by accident.
#[derive(Clone, Copy)]
pub enum Credential<'a> {
    /// The value of the header `Authorization`: a bearer token or an API key.
    Header(&'a str),
    /// The access token in the session cookie.
    Cookie(&'a str),
}

/// Someone whose token or API key was verified. Nothing else makes one.
#[derive(Debug, Clone)]
pub struct Caller {
    user_id: UserId,
    impersonator: Option<UserId>,
    name: Option<DisplayName>,
    nonce: Option<String>,
    expires_at: Option<Timestamp>,
    memberships: Memberships,
}

/// What a caller is in one of their organizations, as the provider says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The organization's name, if the provider gives one.
    pub organization_name: Option<String>,
    /// The caller's role there, if the provider names one.
    pub role: Option<String>,
    /// Whether they may change links that others made.
    pub manages_all_links: bool,
}

/// A caller as a member of one organization. Only [`Verifier::member`] makes one.
#[derive(Debug)]
#[non_exhaustive]
pub struct Member {
    /// The organization, as the token has it.
    pub org_id: OrgId,
    /// The user.
    pub user_id: UserId,
    /// What they are called, if the provider gives a name.
    pub name: Option<DisplayName>,
    /// Whether they may change links that others made.
    pub manages_all_links: bool,
}

impl Verifier {
    /// A verifier of the tokens that `AUTH_ISSUER` signs, in the form that the provider `AUTH_PROVIDER` gives them
    /// (PropelAuth, where left out; `AUTH_CLAIMS` describes any other) and of the kind that `AUTH_TOKEN` names, and of PropelAuth's API keys, where
    /// `AUTH_API_KEY_PARAMETER` or `AUTH_API_KEY` lets it ask about them.
    ///
    /// The issuer's key is the one in `AUTH_VERIFIER_KEY`; or else it is fetched from `AUTH_JWKS_URL`, from PropelAuth's
    /// backend or from where the issuer's own description says. `AUTH_ALGORITHMS` says what it may be (RS256).
    /// `AUTH_AUDIENCE` is checked where it is set. `AUTH_ADMIN_ROLES` names the roles that manage any link, the owner's
    /// first. If tokens name no organization, `AUTH_ORGANIZATION` is everyone's who meets `AUTH_ORGANIZATION_IF`, and
    /// `AUTH_ADMINS` names those who manage any link.
    ///
    /// # Errors
    /// A setting is missing or malformed. Nothing is fetched yet.
    pub fn from_settings(settings: &Settings, config: &SdkConfig) -> Result<Self, Error> {
        let admin_roles = AdminRoles::from_settings(settings)?;
        let provider = Provider::from_settings(settings)?;
        let transport = Arc::default();
        let provider_key = if provider.is_propelauth {
            ProviderKey::from_settings(settings, config, &provider.issuer)?.map(Arc::new)
        } else {
            None
        };
        Ok(Self {
            keys: Keys::from_settings(settings, &provider, provider_key.as_ref(), &transport)?,
            api_keys: provider_key.map(|provider_key| {
                ApiKeys::from_settings(settings, &provider_key, &transport, &admin_roles)
            }),
            algorithms: Algorithms::from_settings(settings)?,
            kind: provider.kind,
            ids: if provider.is_propelauth { IdForm::Uuid } else { IdForm::Any },
            mapping: provider.mapping,
            team: provider.team,
            admin_roles,
            issuer: provider.issuer,
        })
    }

    /// Verifies a credential at the time `now`.
    ///
    /// # Errors
    /// [`AuthError::Unavailable`] for a token only if no key was ever available: with an old one, a token signed by a new
    /// one is refused. What is wrong with a cookie is reported as a fault of the session; an API key in it is one.
    pub async fn verify(&self, credential: Credential<'_>, now: Timestamp) -> Result<Caller, AuthError> {
        match credential {
            Credential::Header(authorization) => {
                match Bearer::from_header(authorization, &self.algorithms)? {
                    Bearer::Token(token) => self.verify_token(&token, now).await,
                    Bearer::ApiKey(key) => self.verify_api_key(key, now).await,
                }
            }
            Credential::Cookie(token) => self.verify_session(token, now).await.map_err(AuthError::of_session),
        }
    }

    async fn verify_session(&self, token: &str, now: Timestamp) -> Result<Caller, AuthError> {
        self.verify_token(&Token::read(token, &self.algorithms)?, now).await
    }

    async fn verify_token(&self, token: &Token<'_>, now: Timestamp) -> Result<Caller, AuthError> {
        if !self.kind.may_be(token) {
            return Err(AuthError::Refused);
        }
        self.caller(&self.verified_claims(token, now).await?, now)
    }

    async fn verify_api_key(&self, key: &str, now: Timestamp) -> Result<Caller, AuthError> {
        let api_keys = self.api_keys.as_ref().ok_or(Unauthenticated::ApiKey)?;
        // One answer for every key, so that none is confirmed: the backend's own is not a caller's either.
        api_keys.verify(key, &self.admin_roles, now).await.map_err(|error| match error {
            AuthError::Refused => Unauthenticated::ApiKey.into(),
            error => error,
        })
    }

    /// Whether callers present ID tokens, so that signing in has to keep the ID token and to check its nonce.
    pub fn takes_id_tokens(&self) -> bool {
        self.kind.is_id()
    }

    /// Verifies an ID token that answers a sign-in with this `nonce` (OpenID Connect Core 1.0, section 3.1.3.7).
    ///
    /// # Errors
    /// As those of [`Verifier::verify`]; a token with another nonce is refused.
    pub async fn verify_with_nonce(
        &self,
        token: &str,
        nonce: &str,
        now: Timestamp,
    ) -> Result<Caller, AuthError> {
        let caller = self.verify_token(&Token::read(token, &self.algorithms)?, now).await?;
        if caller.nonce() == Some(nonce) { Ok(caller) } else { Err(AuthError::Refused) }
    }

    /// The caller that verified claims describe.
    fn caller(&self, claims: &Value, now: Timestamp) -> Result<Caller, AuthError> {
        let expires_at = self.check(claims, now)?;
        Ok(Caller {
            user_id: self.mapping.user_id(claims)?,
            impersonator: self.mapping.impersonator(claims)?,
            name: self.mapping.name(claims),
            nonce: claims.get("nonce").and_then(Value::as_str).map(str::to_owned),
            expires_at: Some(expires_at),
            memberships: match &self.team {
                Some(team) => team.memberships(claims),
                None => self.mapping.memberships(claims, &self.admin_roles)?,
            },
        })
    }

    /// The caller as a member of the organization.
    ///
    /// # Errors
    /// The token does not say that they belong to it, or no organization of this provider can have the id.
    pub fn member(&self, caller: Caller, org_id: OrgId) -> Result<Member, MembershipError> {
        match caller.memberships.get(&org_id) {
            Some(membership) => {
                let manages_all_links = membership.manages_all_links;
                Ok(Member { org_id, user_id: caller.user_id, name: caller.name, manages_all_links })
            }
            None if self.ids.can_be_organization(&org_id) => Err(MembershipError::NotAMember),
            None => Err(MembershipError::NotAnId),
        }
    }

    /// Parses a user's id, which need not belong to a user.
    ///
    /// # Errors
    /// No caller of this provider can have the id.
    pub fn user_id(&self, text: String) -> Result<UserId, Invalid> {
        self.ids.user_id(text)
    }

    /// The claims of a token that one of the issuer's keys signed.
    async fn verified_claims(&self, token: &Token<'_>, now: Timestamp) -> Result<Value, AuthError> {
        let keys = match self.keys.known() {
            Some(keys) => keys,
            None => {
                self.check_unverified(token, now)?;
                self.keys.first(now).await.map_err(AuthError::Unavailable)?
            }
        };
        match keys.verify(token) {
            Ok(claims) => Ok(claims),
            // A new key may be in use. Asking for it is worth it only for a token that is otherwise in order.
            Err(token::Fault::Signature) => {
                self.check_unverified(token, now)?;
                let newer = self.keys.newer_than(&keys, now).await.ok_or(AuthError::Refused)?;
                newer.verify(token).map_err(|_| AuthError::Refused)
            }
            Err(token::Fault::Structure) => Err(AuthError::Refused),
        }
    }

    /// Keeps callers from having keys fetched for a token that cannot be valid. What it finds is not reported: anybody can
    /// write these claims.
    fn check_unverified(&self, token: &Token<'_>, now: Timestamp) -> Result<(), AuthError> {
        self.check(&token.unverified_claims()?, now).map(drop).map_err(|_| AuthError::Refused)
    }

    /// Checks the claims that every token has, and returns when it expires. Expiry is checked last, so that it is reported
    /// only for a token that was valid here.
    fn check(&self, claims: &Value, now: Timestamp) -> Result<Timestamp, AuthError> {
        let common = Claims::of(claims)?;
        let has_begun = common.is_from(&self.issuer) && common.has_begun(now);
        if !(has_begun && self.kind.is_for_us(&common) && self.mapping.is_met_by(claims)) {
            return Err(AuthError::Refused);
        }
        if common.has_expired(now) { Err(Unauthenticated::Expired.into()) } else { Ok(common.expires_at()) }
    }
}

impl Caller {
    /// The user.
    pub fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// Who acts in the user's name, if somebody does.
    pub fn impersonator(&self) -> Option<&UserId> {
        self.impersonator.as_ref()
    }

    /// The user's name or, if the provider gives none, their e-mail address or username; for an API key of an organization,
    /// the organization's name. `None` if the provider gives none of these.
    pub fn name(&self) -> Option<&str> {
        self.name.as_ref().map(DisplayName::as_str)
    }

    /// What an ID token says in `nonce` (OpenID Connect Core 1.0, section 2). Whoever asked for the token has to compare it.
    pub fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }

    /// When the token expires; `None` for an API key.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// The organizations that the caller belongs to, in the order of their ids.
    pub fn memberships(&self) -> &BTreeMap<OrgId, Membership> {
        &self.memberships
    }
}

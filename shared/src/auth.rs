//! Authentication: converts a bearer token or an API key to a user and their organizations.
//!
//! [`Verifier::verify`] takes the token from the header or the session cookie (`header`, `token`), verifies its signature
//! with the issuer's keys (`keys`), checks the registered claims (`claims`) and reads the user and their organizations
//! with the provider's `mapping`. The provider validates API keys (`api_keys`).
//!
//! Each function verifies tokens itself, because API Gateway's authorizers are unsuitable. The JWT authorizer requires
//! claims that PropelAuth's tokens do not have. A Lambda authorizer's cached result would stay valid after the token
//! has expired or the user's roles have changed.

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
use crate::model::{Actor, DisplayName, Editor, Invalid, OrgId, Timestamp, UserId};
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
use roles::RolePermissions;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use team::Team;
use token::{Bearer, Token};

/// Authenticates callers by bearer token or API key. If the issuer's keys are not configured, the verifier fetches
/// them.
#[derive(Debug)]
pub struct Verifier {
    issuer: String,
    kind: TokenKind,
    algorithms: Algorithms,
    mapping: Mapping,
    team: Option<Team>,
    roles: RolePermissions,
    ids: IdForm,
    keys: Keys,
    api_keys: Option<ApiKeys>,
}

/// The credential of a request. This type does not implement `Debug`, so that a credential cannot be logged by
/// accident.
#[derive(Clone, Copy)]
pub enum Credential<'a> {
    /// The value of the header `Authorization`: a bearer token or an API key.
    Header(&'a str),
    /// The access token in the session cookie.
    Cookie(&'a str),
}

/// An authenticated caller. Only [`Verifier`] creates callers.
#[derive(Debug, Clone)]
pub struct Caller {
    user_id: UserId,
    impersonator: Option<UserId>,
    name: Option<DisplayName>,
    nonce: Option<String>,
    expires_at: Option<Timestamp>,
    memberships: Memberships,
}

/// A caller's membership in an organization, as reported by the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The organization's name, if the provider gives one.
    pub organization_name: Option<String>,
    /// The caller's role in the organization, if the provider reports one.
    pub role: Option<String>,
    /// Whether the caller can edit and delete links that other members created.
    pub edits_all_links: bool,
    /// Whether the caller can also hand links over and choose the organization's handle.
    pub manages_all_links: bool,
}

/// A caller as a member of one organization. Only [`Verifier::member`] creates members.
#[derive(Debug)]
#[non_exhaustive]
pub struct Member {
    /// The organization.
    pub org_id: OrgId,
    /// The user.
    pub user_id: UserId,
    /// The user's name, if the provider gives one.
    pub name: Option<DisplayName>,
    /// The user who impersonates `user_id`, if any.
    pub impersonator: Option<UserId>,
    /// Whether the caller can edit and delete links that other members created.
    pub edits_all_links: bool,
    /// Whether the caller can also hand links over and choose the organization's handle.
    pub manages_all_links: bool,
}

impl Member {
    /// Returns the member as the history shows them.
    pub fn actor(&self) -> Actor {
        Actor {
            user_id: self.user_id.clone(),
            name: self.name.clone(),
            impersonator: self.impersonator.clone(),
        }
    }

    /// Returns the member as an editor, with the permissions to change links.
    pub fn editor(&self) -> Editor {
        let (edits_all_links, manages_all_links) = (self.edits_all_links, self.manages_all_links);
        Editor { actor: self.actor(), edits_all_links, manages_all_links }
    }
}

impl Verifier {
    /// Creates a verifier for tokens of the kind `AUTH_TOKEN` from the issuer `AUTH_ISSUER`. `AUTH_PROVIDER` (default
    /// `propelauth`) determines the meaning of their claims; `AUTH_CLAIMS` describes the claims of a custom provider.
    /// With `AUTH_API_KEY_PARAMETER` or `AUTH_API_KEY`, PropelAuth's API keys are accepted too.
    ///
    /// The issuer's key is in `AUTH_VERIFIER_KEY`, or is fetched from `AUTH_JWKS_URL`, from PropelAuth's backend, or
    /// through the issuer's discovery document. `AUTH_ALGORITHMS` (default `RS256`) lists the accepted signature
    /// algorithms. `AUTH_AUDIENCE` is the required audience, if set. `AUTH_ADMIN_ROLES` lists the roles that manage all
    /// links, beginning with the owner's role. `LINK_EDITORS` lists further roles that edit all links. If tokens
    /// contain no organization, users who meet a condition in `AUTH_ORGANIZATION_IF` belong to `AUTH_ORGANIZATION`.
    /// Members who also meet a condition in `AUTH_ADMINS` manage all links.
    ///
    /// # Errors
    /// A setting is missing or malformed. Keys are fetched later, so a failed fetch is not an error here.
    pub fn from_settings(settings: &Settings, config: &SdkConfig) -> Result<Self, Error> {
        let roles = RolePermissions::from_settings(settings)?;
        let provider = Provider::from_settings(settings)?;
        let transport = Arc::default();
        let provider_key = if provider.is_propelauth {
            ProviderKey::from_settings(settings, config, &provider.issuer)?.map(Arc::new)
        } else {
            None
        };
        Ok(Self {
            keys: Keys::from_settings(settings, &provider, provider_key.as_ref(), &transport)?,
            api_keys: provider_key
                .map(|provider_key| ApiKeys::from_settings(settings, &provider_key, &transport, &roles)),
            algorithms: Algorithms::from_settings(settings)?,
            kind: provider.kind,
            ids: if provider.is_propelauth { IdForm::Uuid } else { IdForm::Any },
            mapping: provider.mapping,
            team: provider.team,
            roles,
            issuer: provider.issuer,
        })
    }

    /// Verifies a credential at the time `now`.
    ///
    /// # Errors
    /// For a token, [`AuthError::Unavailable`] is returned only if no key was ever available. If only an old key is
    /// available, a token signed with a new key is rejected. Errors of a cookie's token are reported as errors of the
    /// session; an API key in a cookie is invalid.
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
        // Every invalid key gets the same error, so that no response confirms that a key exists. Even the backend's own
        // key gets this error.
        api_keys.verify(key, &self.roles, now).await.map_err(|error| match error {
            AuthError::Refused => Unauthenticated::ApiKey.into(),
            error => error,
        })
    }

    /// Returns whether callers send ID tokens. If so, sign-in must store the ID token and check its nonce.
    pub fn takes_id_tokens(&self) -> bool {
        self.kind.is_id()
    }

    /// Verifies an ID token that was issued for a sign-in with this `nonce` (OpenID Connect Core 1.0, section 3.1.3.7).
    ///
    /// # Errors
    /// The same errors as [`Verifier::verify`]. A token with a different nonce is rejected.
    pub async fn verify_with_nonce(
        &self,
        token: &str,
        nonce: &str,
        now: Timestamp,
    ) -> Result<Caller, AuthError> {
        let caller = self.verify_token(&Token::read(token, &self.algorithms)?, now).await?;
        if caller.nonce() == Some(nonce) { Ok(caller) } else { Err(AuthError::Refused) }
    }

    /// Creates the caller from verified claims.
    fn caller(&self, claims: &Value, now: Timestamp) -> Result<Caller, AuthError> {
        let expires_at = self.check(claims, now)?;
        Ok(Caller {
            user_id: self.mapping.user_id(claims)?,
            impersonator: self.mapping.impersonator(claims)?,
            name: self.mapping.name(claims),
            nonce: claims.get("nonce").and_then(Value::as_str).map(str::to_owned),
            expires_at: Some(expires_at),
            memberships: match &self.team {
                Some(team) => team.memberships(claims, &self.roles),
                None => self.mapping.memberships(claims, &self.roles)?,
            },
        })
    }

    /// Returns the caller as a member of the organization.
    ///
    /// # Errors
    /// The caller does not belong to the organization, or no organization at this provider can have the id.
    pub fn member(&self, caller: Caller, org_id: OrgId) -> Result<Member, MembershipError> {
        match caller.memberships.get(&org_id) {
            Some(membership) => {
                let &Membership { edits_all_links, manages_all_links, .. } = membership;
                let Caller { user_id, name, impersonator, .. } = caller;
                Ok(Member { org_id, user_id, name, impersonator, edits_all_links, manages_all_links })
            }
            None if self.ids.can_be_organization(&org_id) => Err(MembershipError::NotAMember),
            None => Err(MembershipError::NotAnId),
        }
    }

    /// Parses a user id. The user need not exist.
    ///
    /// # Errors
    /// No user at this provider can have the id.
    pub fn user_id(&self, text: String) -> Result<UserId, Invalid> {
        self.ids.user_id(text)
    }

    /// Verifies a token's signature with the issuer's keys and returns its claims.
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
            // The issuer may have a new key. The new key is fetched only for a token that is otherwise valid.
            Err(token::Fault::Signature) => {
                self.check_unverified(token, now)?;
                let newer = self.keys.newer_than(&keys, now).await.ok_or(AuthError::Refused)?;
                newer.verify(token).map_err(|_| AuthError::Refused)
            }
            Err(token::Fault::Structure) => Err(AuthError::Refused),
        }
    }

    /// Checks claims that are not verified yet, so that a token that cannot be valid triggers no fetch of keys. The
    /// error does not say which check failed, because anyone can write these claims.
    fn check_unverified(&self, token: &Token<'_>, now: Timestamp) -> Result<(), AuthError> {
        self.check(&token.unverified_claims()?, now).map(drop).map_err(|_| AuthError::Refused)
    }

    /// Checks the registered claims and returns the token's expiry. Expiry is checked last, so that the error mentions
    /// expiry only if the token passes all other checks here.
    fn check(&self, claims: &Value, now: Timestamp) -> Result<Timestamp, AuthError> {
        let common = Claims::parse(claims)?;
        let has_begun = common.is_from(&self.issuer) && common.has_begun(now);
        if !(has_begun && self.kind.is_for_us(&common) && self.mapping.is_met_by(claims)) {
            return Err(AuthError::Refused);
        }
        if common.has_expired(now) { Err(Unauthenticated::Expired.into()) } else { Ok(common.expires_at()) }
    }
}

impl Caller {
    /// Returns the user.
    pub fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// Returns the impersonator, if any.
    pub fn impersonator(&self) -> Option<&UserId> {
        self.impersonator.as_ref()
    }

    /// Returns the user's name or, if the provider gives no name, their e-mail address or username. For an
    /// organization's API key, returns the organization's name. Returns `None` if the provider gives none of these.
    pub fn name(&self) -> Option<&str> {
        self.name.as_ref().map(DisplayName::as_str)
    }

    /// Returns the `nonce` of an ID token (OpenID Connect Core 1.0, section 2). The client that requested the token
    /// must compare it with its own nonce.
    pub fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }

    /// Returns the time at which the token expires, or `None` for an API key.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Returns the caller's memberships, ordered by organization id.
    pub fn memberships(&self) -> &BTreeMap<OrgId, Membership> {
        &self.memberships
    }
}

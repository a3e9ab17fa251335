//! Who is calling: from a bearer token, or an API key, to a user and the organizations they belong to.
//!
//! [`Verifier::verify`] takes the token out of the header (`token`), has it verified by one of the issuer's keys (`keys`),
//! checks the claims that all tokens have (`claims`) and reads who it is by the provider's `mapping`. What is no token by
//! its looks may be an API key, which the provider is asked about (`api_keys`).
//!
//! Tokens are verified here, in the function, because API Gateway's own authorizer needs claims that PropelAuth's
//! tokens do not have, and a Lambda authorizer's remembered answer outlives a token and a change of roles.

mod algorithm;
mod api_keys;
mod claims;
mod keys;
mod mapping;
mod provider;
mod provider_key;
mod roles;
mod token;
mod transport;

use crate::model::{OrgId, Timestamp, UserId};
use crate::settings::{Error, Settings};
use algorithm::Algorithms;
use api_keys::ApiKeys;
use aws_config::SdkConfig;
use claims::Claims;
use keys::Keys;
use mapping::{Mapping, Memberships};
use provider::Provider;
use provider_key::ProviderKey;
use roles::AdminRoles;
use serde_json::Value;
use std::sync::Arc;
use token::{Credential, Token};

/// Turns bearer tokens and API keys into callers. It holds the issuer's keys, and fetches them where they are not
/// configured.
#[derive(Debug)]
pub struct Verifier {
    issuer: String,
    audience: Option<String>,
    algorithms: Algorithms,
    mapping: Mapping,
    admin_roles: AdminRoles,
    keys: Keys,
    api_keys: Option<ApiKeys>,
}

/// Someone whose token or API key was verified. Nothing else makes one.
#[derive(Debug, Clone)]
pub struct Caller {
    user_id: UserId,
    impersonator: Option<UserId>,
    memberships: Memberships,
}

/// A caller as a member of one organization. Only [`Caller::member_of`] makes one.
#[derive(Debug)]
#[non_exhaustive]
pub struct Member {
    /// The organization, as the token has it.
    pub org_id: OrgId,
    /// The user.
    pub user_id: UserId,
    /// Whether they may change links that others made.
    pub manages_all_links: bool,
}

/// Why nobody is known to be calling.
#[derive(Debug, PartialEq, Eq)]
pub enum AuthError {
    /// No bearer token came.
    Missing,
    /// The token is not one of our issuer's for now. Which rule it breaks is nobody's business.
    Refused,
    /// The provider cannot be asked for the key to verify it by, or about it; the cause, for the log.
    Unavailable(String),
    /// The provider wants to be asked about it later.
    RateLimited {
        /// After so many seconds.
        seconds: i64,
    },
}

/// The caller does not belong to the organization, whether or not there is one.
#[derive(Debug, PartialEq, Eq)]
pub struct NotAMember;

impl Verifier {
    /// A verifier of the tokens that `AUTH_ISSUER` signs, in the form that the provider `AUTH_PROVIDER` gives them
    /// (PropelAuth, where left out; `AUTH_CLAIMS` describes any other), and of PropelAuth's API keys, where
    /// `AUTH_API_KEY_PARAMETER` or `AUTH_API_KEY` lets it ask about them.
    ///
    /// The issuer's key is the one in `AUTH_VERIFIER_KEY`; or else it is fetched from `AUTH_JWKS_URL`, from PropelAuth's
    /// backend or from where the issuer's own description says. `AUTH_ALGORITHMS` says what it may be (RS256).
    /// `AUTH_AUDIENCE` is checked where it is set. `AUTH_ADMIN_ROLES` names the roles that manage any link, the owner's
    /// first.
    ///
    /// # Errors
    /// A setting is missing or malformed. Nothing is fetched yet.
    pub fn from_settings(settings: &Settings, config: &SdkConfig) -> Result<Self, Error> {
        let issuer = settings.text("AUTH_ISSUER")?;
        let admin_roles = AdminRoles::from_settings(settings)?;
        let provider = Provider::from_settings(settings)?;
        let transport = Arc::default();
        let provider_key = if provider.is_propelauth {
            ProviderKey::from_settings(settings, config, &issuer)?.map(Arc::new)
        } else {
            None
        };
        Ok(Self {
            keys: Keys::from_settings(settings, &issuer, &provider, provider_key.as_ref(), &transport)?,
            api_keys: provider_key.map(|provider_key| {
                ApiKeys::from_settings(settings, &provider_key, &transport, &admin_roles)
            }),
            algorithms: Algorithms::from_settings(settings)?,
            audience: settings.optional("AUTH_AUDIENCE").map(str::to_owned),
            mapping: provider.mapping,
            admin_roles,
            issuer,
        })
    }

    /// Verifies what came in the header `Authorization`, at the time `now`.
    ///
    /// # Errors
    /// [`AuthError::Unavailable`] for a token only where no key was ever had: with an old one, a token signed by a new
    /// one is refused.
    pub async fn verify(&self, authorization: Option<&str>, now: Timestamp) -> Result<Caller, AuthError> {
        match (Credential::from_header(authorization, &self.algorithms)?, &self.api_keys) {
            (Credential::Token(token), _) => {
                let claims = self.verified_claims(&token, now).await?;
                self.check(&claims, now)?;
                Ok(Caller {
                    user_id: self.mapping.user_id(&claims)?,
                    impersonator: self.mapping.impersonator(&claims)?,
                    memberships: self.mapping.memberships(&claims, &self.admin_roles)?,
                })
            }
            (Credential::ApiKey(key), Some(api_keys)) => api_keys.verify(key, &self.admin_roles, now).await,
            (Credential::ApiKey(_), None) => Err(AuthError::Refused),
        }
    }

    /// The claims of a token that one of the issuer's keys signed.
    async fn verified_claims(&self, token: &Token<'_>, now: Timestamp) -> Result<Value, AuthError> {
        let keys = match self.keys.known() {
            Some(keys) => keys,
            None => {
                // Nobody asks an issuer for its key by sending us something that is no token of its.
                self.check(&token.unverified_claims()?, now)?;
                self.keys.first(now).await.map_err(AuthError::Unavailable)?
            }
        };
        match keys.verify(token) {
            Ok(claims) => Ok(claims),
            // A new key may be in use. Asking for it is worth it only for a token that is otherwise in order.
            Err(token::Fault::Signature) => {
                self.check(&token.unverified_claims()?, now)?;
                let newer = self.keys.newer_than(&keys, now).await.ok_or(AuthError::Refused)?;
                newer.verify(token).map_err(|_| AuthError::Refused)
            }
            Err(token::Fault::Structure) => Err(AuthError::Refused),
        }
    }

    fn check(&self, claims: &Value, now: Timestamp) -> Result<(), AuthError> {
        let common = Claims::of(claims)?;
        let meant_for_us = self.audience.as_deref().is_none_or(|audience| common.is_for(audience));
        let is_current = common.is_from(&self.issuer) && common.is_current(now);
        if is_current && meant_for_us && self.mapping.is_met_by(claims) {
            Ok(())
        } else {
            Err(AuthError::Refused)
        }
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

    /// The caller as a member of `org`; `None` is an organization that cannot be.
    ///
    /// # Errors
    /// The token does not say that they belong to it.
    pub fn member_of(self, org: Option<OrgId>) -> Result<Member, NotAMember> {
        let org_id = org.ok_or(NotAMember)?;
        let manages_all_links = *self.memberships.get(&org_id).ok_or(NotAMember)?;
        Ok(Member { org_id, user_id: self.user_id, manages_all_links })
    }
}

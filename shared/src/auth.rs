//! Who is calling: from a bearer token to a user and the organizations they belong to.
//!
//! Tokens are verified here, in the function, because API Gateway's own authorizer needs claims that PropelAuth's
//! tokens do not have, and a Lambda authorizer's remembered answer outlives a token and a change of roles.

mod claims;
mod keys;
mod token;

use crate::model::{OrgId, Timestamp, UserId};
use crate::settings::{Error, Settings};
use claims::Claims;
use keys::Keys;
use std::collections::HashMap;
use token::Token;

/// Turns bearer tokens into callers. It holds the keys, and fetches them where they are not configured.
#[derive(Debug)]
pub struct Verifier {
    issuer: String,
    audience: Option<String>,
    /// The owner's first.
    admin_roles: Vec<String>,
    keys: Keys,
}

/// Someone whose token was verified. Nothing else makes one.
#[derive(Debug)]
pub struct Caller {
    user_id: UserId,
    /// The organizations they belong to, and whether they manage all links there.
    memberships: HashMap<OrgId, bool>,
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
    /// No key could be had to verify it by; the cause, for the log.
    NoKey(String),
}

/// The caller does not belong to the organization, whether or not there is one.
#[derive(Debug, PartialEq, Eq)]
pub struct NotAMember;

impl Verifier {
    /// A verifier of the tokens that `AUTH_ISSUER` signs, by the key in `AUTH_VERIFIER_KEY` or else by the one that
    /// `AUTH_URL` (the issuer itself, where left out) gives to the bearer of `AUTH_API_KEY`.
    ///
    /// `AUTH_AUDIENCE` is checked where it is set. `AUTH_ADMIN_ROLES` names the roles that manage any link, the
    /// owner's first.
    ///
    /// # Errors
    /// A setting is missing or malformed. Nothing is fetched yet.
    pub fn from_settings(settings: &Settings) -> Result<Self, Error> {
        let issuer = settings.text("AUTH_ISSUER")?;
        let roles = settings.optional("AUTH_ADMIN_ROLES").unwrap_or("Owner,Admin");
        let admin_roles: Vec<String> = roles.split(',').map(|role| role.trim().to_owned()).collect();
        if admin_roles.iter().any(String::is_empty) {
            return Err(Error::malformed("AUTH_ADMIN_ROLES", "has an empty role"));
        }
        Ok(Self {
            keys: Keys::from_settings(settings, &issuer)?,
            audience: settings.optional("AUTH_AUDIENCE").map(str::to_owned),
            admin_roles,
            issuer,
        })
    }

    /// Verifies what came in the header `Authorization`, at the time `now`.
    ///
    /// # Errors
    /// [`AuthError::NoKey`] only where no key was ever had: with an old one, a token signed by a new one is refused.
    pub async fn verify(&self, authorization: Option<&str>, now: Timestamp) -> Result<Caller, AuthError> {
        let token = Token::from_header(authorization)?;
        let key = match self.keys.known() {
            Some(key) => key,
            None => {
                // Nobody asks an issuer for its key by sending us something that is no token of its.
                self.check(&token.unverified_claims()?, now)?;
                self.keys.first(now).await.map_err(AuthError::NoKey)?
            }
        };
        let claims = match token.verified_by(&key) {
            Ok(claims) => claims,
            // A new key may be in use. Asking for it is worth it only for a token that is otherwise in order.
            Err(token::Fault::Signature) => {
                self.check(&token.unverified_claims()?, now)?;
                let newer = self.keys.newer_than(&key, now).await.ok_or(AuthError::Refused)?;
                token.verified_by(&newer).map_err(|_| AuthError::Refused)?
            }
            Err(token::Fault::Structure) => return Err(AuthError::Refused),
        };
        self.check(&claims, now)?;
        Ok(Caller { memberships: claims.memberships(&self.admin_roles)?, user_id: claims.user_id()? })
    }

    fn check(&self, claims: &Claims, now: Timestamp) -> Result<(), AuthError> {
        let meant_for_us = self.audience.as_deref().is_none_or(|audience| claims.is_for(audience));
        let valid = claims.is_from(&self.issuer) && claims.is_current(now) && meant_for_us;
        if valid { Ok(()) } else { Err(AuthError::Refused) }
    }
}

impl Caller {
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

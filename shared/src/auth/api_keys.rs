use super::mapping::{Memberships, Path, Roles, Source};
use super::provider_key::ProviderKey;
use super::roles::AdminRoles;
use super::transport::Transport;
use super::{AuthError, Caller};
use crate::memory::Memory;
use crate::model::{Timestamp, UserId};
use crate::settings::Settings;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::sync::Mutex;

/// For how long the provider's word for a key is taken, in milliseconds.
const LIFETIME: i64 = 60_000;
/// For how long a key that the provider refuses is refused unasked.
const LIFETIME_OF_REFUSALS: i64 = 10_000;
/// For how long a provider in trouble is left in peace.
const REST: i64 = 5_000;
/// The longest that anybody is told to wait, in seconds, whatever the provider says.
const LONGEST_WAIT: i64 = 3_600;

/// PropelAuth's API keys, of users and of organizations, by which programs sign in.
///
/// <https://docs.propelauth.com/overview/authentication/api-keys>
#[derive(Debug)]
pub struct ApiKeys {
    provider_key: Arc<ProviderKey>,
    transport: Arc<Transport>,
    /// Whether a key of an organization manages all links.
    organizations_manage: bool,
    callers: Memory<Hash, Caller>,
    refusals: Memory<Hash, Refusal>,
    /// Until when nothing is asked, and why. Held locked while something is, so that there is one question at a time.
    pause: Mutex<Option<(Timestamp, Refusal)>>,
}

/// What a key is remembered by. From it, nobody gets the key.
type Hash = [u8; 32];

/// Why a key does not do.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Refusal {
    /// The provider does not know it.
    Unknown,
    /// The provider wants to be left alone until then.
    RateLimited(Timestamp),
    /// The provider cannot say; the cause, for the log.
    Trouble(String),
}

impl ApiKeys {
    /// The keys that the provider knows, an organization's being in the role `AUTH_API_KEY_ROLE` (`Member`, where left out).
    pub fn from_settings(
        settings: &Settings,
        provider_key: &Arc<ProviderKey>,
        transport: &Arc<Transport>,
        admin_roles: &AdminRoles,
    ) -> Self {
        let role = settings.optional("AUTH_API_KEY_ROLE").unwrap_or("Member");
        Self {
            provider_key: Arc::clone(provider_key),
            transport: Arc::clone(transport),
            organizations_manage: admin_roles.contain(role),
            callers: Memory::new(LIFETIME),
            refusals: Memory::new(LIFETIME_OF_REFUSALS),
            pause: Mutex::new(None),
        }
    }

    /// Who calls with this key.
    ///
    /// # Errors
    /// The provider does not know it, wants to be asked later, or cannot be asked.
    pub async fn verify(
        &self,
        key: &str,
        admin_roles: &AdminRoles,
        now: Timestamp,
    ) -> Result<Caller, AuthError> {
        let hash: Hash = Sha256::digest(key).into();
        if let Some(known) = self.remembered(&hash, now) {
            return known;
        }
        let mut pause = self.pause.lock().await;
        // Somebody else may have asked while we waited.
        if let Some(known) = self.remembered(&hash, now) {
            return known;
        }
        if let Some((_, why)) = pause.as_ref().filter(|(until, _)| is_ahead(*until, now)) {
            return Err(why.at(now));
        }
        *pause = None;
        match self.ask(key, admin_roles, now).await {
            Ok(caller) => {
                self.callers.put(hash, caller.clone(), now);
                Ok(caller)
            }
            Err((whose, refusal)) => {
                let error = refusal.at(now);
                match whose {
                    Whose::TheKeys => self.refusals.put(hash, refusal, now),
                    Whose::TheProviders => *pause = Some((refusal.until(now), refusal)),
                }
                Err(error)
            }
        }
    }

    fn remembered(&self, hash: &Hash, now: Timestamp) -> Option<Result<Caller, AuthError>> {
        if let Some(caller) = self.callers.get(hash, now) {
            return Some(Ok(caller));
        }
        let refusal = self.refusals.get(hash, now)?;
        match &refusal {
            Refusal::RateLimited(until) if !is_ahead(*until, now) => None,
            refusal => Some(Err(refusal.at(now))),
        }
    }

    async fn ask(
        &self,
        key: &str,
        admin_roles: &AdminRoles,
        now: Timestamp,
    ) -> Result<Caller, (Whose, Refusal)> {
        let path = "/api/backend/v1/end_user_api_keys/validate";
        let trouble = |cause: String| (Whose::TheProviders, Refusal::Trouble(cause));
        let answer =
            self.provider_key.post(&self.transport, path, &json!({ "api_key_token": key }), now).await;
        let answer = answer.map_err(trouble)?;
        match answer.status {
            StatusCode::OK => {
                let garbled =
                    || trouble("the sign-in provider's answer about a key is no such answer".to_owned());
                self.caller(&answer.body.ok_or_else(garbled)?, admin_roles).map_err(|unknown| match unknown {
                    None => garbled(),
                    Some(refusal) => (Whose::TheKeys, refusal),
                })
            }
            StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND => Err((Whose::TheKeys, Refusal::Unknown)),
            StatusCode::TOO_MANY_REQUESTS => {
                // A limit of the key's own comes with a body that says so; any other is the project's.
                let own = answer.body.as_ref().and_then(|body| body.get("wait_seconds")?.as_f64());
                let whose = if own.is_some() { Whose::TheKeys } else { Whose::TheProviders };
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "what is too large for it becomes its largest"
                )]
                let seconds = own.map(|seconds| seconds.ceil() as i64).or(answer.retry_after).unwrap_or(1);
                Err((whose, Refusal::RateLimited(later(now, seconds.clamp(1, LONGEST_WAIT) * 1000))))
            }
            _ => Err(trouble(answer.failure())),
        }
    }

    /// Who the provider says it is: a user in one organization, a user in all of theirs, or an organization.
    ///
    /// # Errors
    /// It is nobody who may call; nothing, where the answer is none.
    fn caller(&self, answer: &Value, admin_roles: &AdminRoles) -> Result<Caller, Option<Refusal>> {
        let part = |name: &str| answer.get(name).filter(|part| !part.is_null());
        let id =
            |part: &Value, name: &str| part.get(name).and_then(Value::as_str).map(str::to_owned).ok_or(None);
        let (user_id, memberships) = if let Some(user) = part("user") {
            if user.get("enabled").is_some_and(|enabled| enabled == false)
                || user.get("locked").is_some_and(|locked| locked == true)
            {
                return Err(Some(Refusal::Unknown));
            }
            let memberships = match (part("user_in_org"), part("org")) {
                (Some(_), _) => in_one().memberships(answer, admin_roles),
                // A key for an organization that its user has left.
                (None, Some(_)) => return Err(Some(Refusal::Unknown)),
                (None, None) => in_all().memberships(user, admin_roles),
            };
            let memberships = memberships.unwrap_or_else(|| Ok(Memberships::new())).map_err(|_| None)?;
            (id(user, "user_id")?, memberships)
        } else if let Some(org) = part("org") {
            let org_id = id(org, "org_id")?;
            let memberships = org_id.parse().map(|org| (org, self.organizations_manage));
            (format!("organization:{org_id}"), memberships.into_iter().collect())
        } else {
            return Err(Some(Refusal::Unknown));
        };
        let user_id: UserId = user_id.parse().map_err(|_| None)?;
        Ok(Caller { user_id, impersonator: None, memberships })
    }
}

/// Whose affair a refusal is.
enum Whose {
    /// The one key's.
    TheKeys,
    /// The provider's, whatever the key.
    TheProviders,
}

impl Refusal {
    fn at(&self, now: Timestamp) -> AuthError {
        match self {
            Self::Unknown => AuthError::Refused,
            Self::RateLimited(until) => {
                AuthError::RateLimited { seconds: ((until.millis() - now.millis() + 999) / 1000).max(1) }
            }
            Self::Trouble(cause) => AuthError::Unavailable(cause.clone()),
        }
    }

    /// Until when the provider is left in peace.
    fn until(&self, now: Timestamp) -> Timestamp {
        match self {
            Self::RateLimited(until) => *until,
            _ => later(now, REST),
        }
    }
}

/// Whether a pause until then has still to be kept. A clock that was set back ends it, since no pause is so long.
fn is_ahead(until: Timestamp, now: Timestamp) -> bool {
    (1..=LONGEST_WAIT * 1000).contains(&(until.millis() - now.millis()))
}

fn later(now: Timestamp, millis: i64) -> Timestamp {
    Timestamp::try_from(now.millis() + millis).unwrap_or(now)
}

fn in_one() -> Source {
    Source::One { at: Path::new(&["user_in_org"]), id: Path::new(&["org_id"]), roles: Roles::PropelAuth }
}

fn in_all() -> Source {
    let at = Path::new(&["org_id_to_org_info"]);
    Source::Map { at, id: Some(Path::new(&["org_id"])), roles: Roles::PropelAuth }
}

mod answer;
mod availability;
mod bucket;

use super::provider_key::ProviderKey;
use super::roles::{LinkPermission, RolePermissions};
use super::transport::{Answer, Body, Transport};
use super::{AuthError, Caller};
use crate::model::Timestamp;
use crate::settings::Settings;
use crate::ttl_cache::TtlCache;
use availability::Availability;
use reqwest::StatusCode;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::{Arc, MutexGuard, PoisonError};
use tokio::sync::Mutex;

/// The time in milliseconds after which a cached caller is validated again.
const FRESH_FOR: i64 = 60_000;
/// The time in milliseconds for which a cached caller stays valid while the provider is unavailable.
const VALID_FOR: i64 = 300_000;
/// The time in milliseconds for which an unknown key is rejected without a request.
const REFUSED_FOR: i64 = 10_000;
/// The pause in milliseconds after a failed request.
const FAILURE_PAUSE: i64 = 5_000;
/// The maximum pause for all keys, in seconds. If the provider requests a longer pause, the maximum is used, because
/// the provider may recover sooner.
const MAX_PAUSE: i64 = 60;
/// The maximum wait for a single key's rate limit, in seconds.
const MAX_WAIT: i64 = 3_600;

/// Validates the API keys that PropelAuth issues to users and organizations.
///
/// A response about a key applies to that key only, unless it reports a rate limit for all keys. After consecutive
/// failures with three different keys, requests pause for five seconds. Keys that are not known to be valid share a
/// token bucket and have a separate queue. A flood of such keys therefore neither exhausts our rate limit at the
/// provider nor delays known keys. A known caller stays valid for five minutes while the provider is unavailable.
///
/// <https://docs.propelauth.com/overview/authentication/api-keys>
#[derive(Debug)]
pub struct ApiKeys {
    provider_key: Arc<ProviderKey>,
    transport: Arc<Transport>,
    /// Whether an organization's key manages all links.
    of_organizations: LinkPermission,
    callers: TtlCache<Hash, CachedCaller>,
    refusals: TtlCache<Hash, Refusal>,
    availability: std::sync::Mutex<Availability>,
    /// Locked while a known key is being validated, so that known keys are validated one at a time. Likewise,
    /// `new_keys` is locked while a new key is being validated.
    known_keys: Mutex<()>,
    new_keys: Mutex<()>,
}

/// The hash of an API key, under which the API key is cached. The API key cannot be computed from the hash.
type Hash = [u8; 32];

/// The latest response about an API key that was valid at least once.
#[derive(Debug, Clone)]
struct CachedCaller {
    /// `None` if the key is no longer valid.
    caller: Option<Caller>,
    validated_at: Timestamp,
}

/// Why a key is rejected, and until when.
#[derive(Debug, Clone)]
struct Refusal {
    until: Timestamp,
    reason: Reason,
}

#[derive(Debug, Clone)]
enum Reason {
    /// The provider does not know the key, or its response contains no caller.
    Unknown,
    /// A rate limit.
    RateLimited,
    /// The provider could not validate the key. Contains the cause, for the log.
    Failure(String),
}

/// Why a request returned no caller.
enum Unanswered {
    /// The reason concerns only this key.
    Key(Refusal),
    /// The reason is a rate limit for all keys.
    Project(Refusal),
}

impl ApiKeys {
    /// Reads the settings. An organization's key has the role `AUTH_API_KEY_ROLE` (default `Member`).
    pub fn from_settings(
        settings: &Settings,
        provider_key: &Arc<ProviderKey>,
        transport: &Arc<Transport>,
        roles: &RolePermissions,
    ) -> Self {
        let role = settings.optional("AUTH_API_KEY_ROLE").unwrap_or("Member");
        Self {
            provider_key: Arc::clone(provider_key),
            transport: Arc::clone(transport),
            of_organizations: roles.of(role),
            callers: TtlCache::new(VALID_FOR),
            refusals: TtlCache::new(MAX_WAIT * 1000),
            availability: std::sync::Mutex::new(Availability::new()),
            known_keys: Mutex::new(()),
            new_keys: Mutex::new(()),
        }
    }

    /// Returns the caller to whom this key belongs.
    ///
    /// # Errors
    /// The provider does not know the key, limits the rate of requests, or is unavailable.
    pub async fn verify(
        &self,
        key: &str,
        roles: &RolePermissions,
        now: Timestamp,
    ) -> Result<Caller, AuthError> {
        let hash: Hash = Sha256::digest(key).into();
        if let Some(decided) = self.decided(&hash, now) {
            return decided;
        }
        let queue = if self.known(&hash, now).is_some() { &self.known_keys } else { &self.new_keys };
        let _question = queue.lock().await;
        // Another request may have validated the key while this one waited.
        if let Some(decided) = self.decided(&hash, now) {
            return decided;
        }
        let known = self.known(&hash, now);
        let reserved = self.availability().reserve(known.is_none(), now);
        match reserved {
            Err(refusal) => known.ok_or_else(|| refusal.error(now)),
            Ok(()) => self.ask(key, hash, known, roles, now).await,
        }
    }

    /// Returns the cached decision about a key, if any.
    fn decided(&self, hash: &Hash, now: Timestamp) -> Option<Result<Caller, AuthError>> {
        if let Some(cached) = self.callers.get(hash, now)
            && (0..FRESH_FOR).contains(&(now.millis() - cached.validated_at.millis()))
            && let Some(caller) = cached.caller
        {
            return Some(Ok(caller));
        }
        let refusal = self.refusals.get(hash, now).filter(|refusal| refusal.holds(now))?;
        Some(self.known(hash, now).ok_or_else(|| refusal.error(now)))
    }

    /// Returns the caller, if the key was valid within the last five minutes.
    fn known(&self, hash: &Hash, now: Timestamp) -> Option<Caller> {
        self.callers.get(hash, now)?.caller
    }

    /// Validates a key with a request to the provider. If the validation fails, a known caller stays valid.
    async fn ask(
        &self,
        key: &str,
        hash: Hash,
        known: Option<Caller>,
        roles: &RolePermissions,
        now: Timestamp,
    ) -> Result<Caller, AuthError> {
        let refusal = match self.question(key, roles, now).await {
            Ok(caller) => {
                self.availability().answered(known.is_none(), true);
                self.callers.put(hash, CachedCaller { caller: Some(caller.clone()), validated_at: now }, now);
                return Ok(caller);
            }
            Err(Unanswered::Project(refusal)) => {
                self.availability().pause_for(refusal.clone());
                return known.ok_or_else(|| refusal.error(now));
            }
            Err(Unanswered::Key(refusal)) => refusal,
        };
        self.refusals.put(hash, refusal.clone(), now);
        match refusal.reason {
            Reason::Failure(_) => self.availability().failed(hash, &refusal, now),
            Reason::RateLimited => self.availability().answered(known.is_none(), false),
            Reason::Unknown => {
                self.availability().answered(known.is_none(), false);
                if known.is_some() {
                    self.callers.put(hash, CachedCaller { caller: None, validated_at: now }, now);
                }
                return Err(refusal.error(now));
            }
        }
        known.ok_or_else(|| refusal.error(now))
    }

    async fn question(
        &self,
        key: &str,
        roles: &RolePermissions,
        now: Timestamp,
    ) -> Result<Caller, Unanswered> {
        let path = "/api/backend/v1/end_user_api_keys/validate";
        let refused = |millis, reason| Refusal { until: later(now, millis), reason };
        let failure = |cause| Unanswered::Key(refused(FAILURE_PAUSE, Reason::Failure(cause)));
        let unknown = || Unanswered::Key(refused(REFUSED_FOR, Reason::Unknown));
        let body = json!({ "api_key_token": key });
        let answer = self.provider_key.post(&self.transport, path, &body, now).await.map_err(failure)?;
        match (answer.status, &answer.body) {
            (StatusCode::OK, Body::Json(body)) => {
                answer::caller(body, roles, self.of_organizations).ok_or_else(unknown)
            }
            (StatusCode::OK, Body::Foreign) => {
                Err(failure("the sign-in provider's response is not JSON".to_owned()))
            }
            (StatusCode::OK | StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND, _) => Err(unknown()),
            (StatusCode::TOO_MANY_REQUESTS, _) => Err(limited(&answer, now)),
            _ => Err(failure(answer.failure())),
        }
    }

    /// A poisoned lock is ignored, because no code that can panic runs while the lock is held.
    fn availability(&self) -> MutexGuard<'_, Availability> {
        self.availability.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a response that reports a rate limit. If the body contains `wait_seconds`, the limit applies to this key only;
/// otherwise it applies to all keys of the project.
fn limited(answer: &Answer, now: Timestamp) -> Unanswered {
    let own = match &answer.body {
        Body::Json(body) => body.get("wait_seconds").and_then(serde_json::Value::as_f64),
        _ => None,
    };
    let refusal = |seconds: i64| Refusal { until: later(now, seconds * 1000), reason: Reason::RateLimited };
    #[expect(clippy::cast_possible_truncation, reason = "a number that is too large becomes the largest i64")]
    match own {
        Some(seconds) => Unanswered::Key(refusal((seconds.ceil() as i64).clamp(1, MAX_WAIT))),
        None => Unanswered::Project(refusal(answer.retry_after.unwrap_or(1).clamp(1, MAX_PAUSE))),
    }
}

impl Refusal {
    /// Returns whether the rejection still applies. If the clock is set back, the rejection ends.
    fn holds(&self, now: Timestamp) -> bool {
        (1..=MAX_WAIT * 1000).contains(&(self.until.millis() - now.millis()))
    }

    fn error(&self, now: Timestamp) -> AuthError {
        match &self.reason {
            Reason::Unknown => AuthError::Refused,
            Reason::RateLimited => {
                AuthError::RateLimited { seconds: ((self.until.millis() - now.millis() + 999) / 1000).max(1) }
            }
            Reason::Failure(cause) => AuthError::Unavailable(cause.clone()),
        }
    }
}

fn later(time: Timestamp, millis: i64) -> Timestamp {
    Timestamp::try_from(time.millis() + millis).unwrap_or(time)
}

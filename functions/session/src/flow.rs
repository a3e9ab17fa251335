use crate::cookies;
use crate::return_to::ReturnTo;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use lambda_http::Body;
use lambda_http::http::Response;
use sha2::{Digest, Sha256};
use shared::http::{Request, Site};
use shared::model::{OrgId, Timestamp};

/// The maximum duration of a sign-in, in seconds.
const MAX_AGE: i64 = 600;
/// The maximum number of concurrent sign-ins in one browser. Each sign-in is kept in a slot: a cookie with a fixed name.
/// Sign-ins that begin at the same time cannot see each other, so without this limit their cookies could exceed the maximum
/// size of request headers.
const SLOTS: usize = 4;
/// The length of state, verifier and nonce: 258 random bits, in characters that are allowed in URLs and cookies. This is the
/// minimum length of a verifier (RFC 7636, section 4.1).
const LENGTH: usize = 43;
/// The part of a flow cookie's name that comes before the slot's number.
const SUFFIX: &str = "-flow-";
/// In cookies of an earlier version, this many characters of the state follow the suffix, instead of the slot's number.
const EARLIER_NAME_LENGTH: usize = 8;

/// A sign-in in progress. Each flow has its own cookie, so that two tabs do not interfere with each other.
pub struct Flow {
    /// The slot in which the flow is kept.
    slot: usize,
    started_at: Timestamp,
    /// Ties the callback to this browser.
    pub state: String,
    /// Ties the token to this sign-in (RFC 7636).
    pub verifier: String,
    /// Ties an ID token to this sign-in.
    pub nonce: String,
    /// The requested organization.
    pub organization: Option<OrgId>,
    /// Whether to request a token that is only for `organization`.
    pub is_narrow: bool,
    /// The page to return to.
    pub return_to: ReturnTo,
}

impl Flow {
    /// Creates a flow with random state, verifier and nonce, in a free slot or in the slot of the oldest flow.
    pub fn new(
        request: &Request,
        site: &Site,
        organization: Option<OrgId>,
        is_narrow: bool,
        return_to: ReturnTo,
        now: Timestamp,
    ) -> Self {
        let flow = Self::with_slot(0, organization, is_narrow, return_to, now);
        Self { slot: free_slot(request, site, &flow.state, now), ..flow }
    }

    /// Creates the flow that repeats this sign-in for one organization, in the same slot.
    pub fn narrowed(&self, organization: OrgId, now: Timestamp) -> Self {
        Self::with_slot(self.slot, Some(organization), true, self.return_to.clone(), now)
    }

    fn with_slot(
        slot: usize,
        organization: Option<OrgId>,
        is_narrow: bool,
        return_to: ReturnTo,
        now: Timestamp,
    ) -> Self {
        let random = || nanoid::nanoid!(LENGTH);
        let (state, verifier, nonce) = (random(), random(), random());
        Self { slot, started_at: now, state, verifier, nonce, organization, is_narrow, return_to }
    }

    /// Returns the browser's flow with this state, even if it has expired.
    pub fn find(request: &Request, site: &Site, state: &str) -> Option<Self> {
        (0..SLOTS).filter_map(|slot| Self::in_slot(request, site, slot)).find(|flow| flow.state == state)
    }

    fn in_slot(request: &Request, site: &Site, slot: usize) -> Option<Self> {
        Self::parse(slot, request.cookie(&site.cookie_name(&suffix(slot)))?)
    }

    /// Returns whether the flow has expired.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        !(-1..MAX_AGE).contains(&(now.seconds() - self.started_at.seconds()))
    }

    /// Returns the verifier's challenge, computed with the method `S256` (RFC 7636, section 4.2).
    pub fn challenge(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier))
    }

    /// Stores the flow in the browser, and removes cookies that an earlier version of Signpost set.
    pub fn keep(&self, response: &mut Response<Body>, request: &Request, site: &Site) {
        let prefix = site.cookie_name(SUFFIX);
        for name in request.cookies().filter_map(|(name, _)| name.strip_prefix(&prefix)) {
            if is_earlier_name(name) {
                cookies::remove(response, site, &format!("{SUFFIX}{name}"));
            }
        }
        cookies::set(response, site, &suffix(self.slot), &self.to_value(), MAX_AGE);
    }

    /// Removes the flow from the browser.
    pub fn forget(&self, response: &mut Response<Body>, site: &Site) {
        cookies::remove(response, site, &suffix(self.slot));
    }

    /// Returns the cookie's value. None of its parts can contain the separator.
    fn to_value(&self) -> String {
        let Self { slot: _, started_at, state, verifier, nonce, organization, is_narrow, return_to } = self;
        let organization = organization.as_ref().map_or("", OrgId::as_str);
        let narrow = if *is_narrow { "1" } else { "" };
        format!("{}|{state}|{verifier}|{nonce}|{organization}|{narrow}|{return_to}", started_at.millis())
    }

    fn parse(slot: usize, value: &str) -> Option<Self> {
        let parts: Vec<&str> = value.split('|').collect();
        let [started_at, state, verifier, nonce, organization, narrow, return_to] = *parts.as_slice() else {
            return None;
        };
        if ![state, verifier, nonce].into_iter().all(is_random) {
            return None;
        }
        Some(Self {
            slot,
            started_at: Timestamp::try_from(started_at.parse::<i64>().ok()?).ok()?,
            state: state.to_owned(),
            verifier: verifier.to_owned(),
            nonce: nonce.to_owned(),
            organization: if organization.is_empty() { None } else { Some(organization.parse().ok()?) },
            is_narrow: narrow == "1",
            return_to: ReturnTo::parse(return_to),
        })
    }
}

/// Returns a slot without a flow in progress or, if there is none, the slot of the oldest flow. The random state selects one
/// of the free slots, so two tabs that begin at the same time rarely take the same slot.
fn free_slot(request: &Request, site: &Site, state: &str, now: Timestamp) -> usize {
    let under_way = |slot: &usize| Flow::in_slot(request, site, *slot).filter(|flow| !flow.has_expired(now));
    let free: Vec<usize> = (0..SLOTS).filter(|slot| under_way(slot).is_none()).collect();
    let oldest = || (0..SLOTS).min_by_key(|slot| under_way(slot).map(|flow| flow.started_at));
    let chance = state.bytes().map(usize::from).sum::<usize>().checked_rem(free.len());
    chance.and_then(|at| free.get(at).copied()).or_else(oldest).unwrap_or_default()
}

/// Returns the last part of the cookie's name for this slot.
fn suffix(slot: usize) -> String {
    format!("{SUFFIX}{slot}")
}

fn is_random(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(is_in_alphabet)
}

fn is_earlier_name(text: &str) -> bool {
    text.len() == EARLIER_NAME_LENGTH && text.bytes().all(is_in_alphabet)
}

fn is_in_alphabet(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(return_to: &str) -> Flow {
        let now = Timestamp::try_from(1_795_383_720_000).unwrap();
        Flow::with_slot(0, "acme".parse().ok(), true, ReturnTo::parse(return_to), now)
    }

    #[test]
    fn a_flow_is_in_its_cookie_what_it_was() {
        for return_to in ["/", "/docs", "/acme/-/open/x", "/#new?url=https%3A%2F%2Fexample.com"] {
            let flow = flow(return_to);
            let read = Flow::parse(0, &flow.to_value()).unwrap();
            assert_eq!(read.to_value(), flow.to_value());
            assert_eq!(read.return_to.to_string(), return_to);
        }
    }

    #[test]
    fn what_is_no_flow_is_not_read() {
        let value = flow("/docs").to_value();
        for text in
            ["", "|", "||||||", &value[1..], &value.replace('|', "."), &format!("{value}|x"), &"|".repeat(7)]
        {
            let read = Flow::parse(0, text).map(|flow| flow.to_value());
            assert_ne!(read.as_deref(), Some(value.as_str()), "{text}");
        }
        assert!(Flow::parse(0, &format!("{value}|x")).is_none());
    }

    #[test]
    fn no_two_flows_share_anything_random() {
        let (one, other) = (flow("/"), flow("/"));
        let drawn = [&one.state, &one.verifier, &one.nonce, &other.state, &other.verifier, &other.nonce];
        let different: std::collections::BTreeSet<_> = drawn.into_iter().collect();
        assert_eq!(different.len(), 6);
    }

    /// The example in RFC 7636, appendix B.
    #[test]
    fn a_challenge_is_the_verifiers_hash() {
        let mut flow = flow("/");
        flow.verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned();
        assert_eq!(flow.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn four_of_the_longest_flows_fit_beside_the_largest_session() {
        let longest = Flow {
            organization: "o".repeat(128).parse().ok(),
            return_to: ReturnTo::parse(&format!("/#{}", "f".repeat(384))),
            ..flow("/")
        };
        let name = "__Host-Http-signpost-flow-0=; ".len();
        assert!(SLOTS * (longest.to_value().len() + name) + 3_900 + 2_048 < 10_240 - 1_000);
    }
}

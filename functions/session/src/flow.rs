use crate::cookies;
use crate::return_to::ReturnTo;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use lambda_http::Body;
use lambda_http::http::Response;
use sha2::{Digest, Sha256};
use shared::http::{Request, Site};
use shared::model::{OrgId, Timestamp};

/// How long a sign-in may take, in seconds.
const MAX_AGE: i64 = 600;
/// How many sign-ins may be under way in one browser.
const MAX_FLOWS: usize = 4;
/// The length of state, verifier and nonce: 258 random bits in 64 characters that a URL and a cookie can hold. It is also
/// the shortest verifier that RFC 7636 (section 4.1) allows.
const LENGTH: usize = 43;
/// What the suffix of a flow's cookie begins with.
const SUFFIX: &str = "-flow-";
/// How many characters of the state are part of the cookie's name.
const NAME_LENGTH: usize = 8;

/// A sign-in under way. It is kept in a cookie of its own, so that two tabs do not disturb each other.
pub struct Flow {
    started_at: Timestamp,
    /// Ties the callback to this browser.
    pub state: String,
    /// Ties the token to this sign-in (RFC 7636).
    pub verifier: String,
    /// Ties an ID token to this sign-in.
    pub nonce: String,
    /// The organization that the person wants to act in.
    pub organization: Option<OrgId>,
    /// Whether the token is to be for that organization alone.
    pub is_narrow: bool,
    /// Where to go afterwards.
    pub return_to: ReturnTo,
}

impl Flow {
    /// A new flow with random state, verifier and nonce.
    pub fn new(organization: Option<OrgId>, is_narrow: bool, return_to: ReturnTo, now: Timestamp) -> Self {
        let random = || nanoid::nanoid!(LENGTH);
        let (state, verifier, nonce) = (random(), random(), random());
        Self { started_at: now, state, verifier, nonce, organization, is_narrow, return_to }
    }

    /// The browser's flow of this state, however old.
    pub fn find(request: &Request, site: &Site, state: &str) -> Option<Self> {
        if !is_random(state) {
            return None;
        }
        let flow = Self::parse(request.cookie(&site.cookie_name(&suffix(state)))?)?;
        (flow.state == state).then_some(flow)
    }

    /// Whether its time is over.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        !(-1..MAX_AGE).contains(&(now.seconds() - self.started_at.seconds()))
    }

    /// The verifier's challenge by the method `S256` (RFC 7636, section 4.2).
    pub fn challenge(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier))
    }

    /// Keeps the flow in the browser, and removes those that are over and, if there are too many, the oldest.
    pub fn keep(&self, response: &mut Response<Body>, request: &Request, site: &Site, now: Timestamp) {
        let prefix = site.cookie_name(SUFFIX);
        let mut others = Vec::new();
        for (name, value) in request.cookies() {
            let Some(rest) = name.strip_prefix(&prefix) else { continue };
            match Self::parse(value).filter(|flow| !flow.has_expired(now)) {
                Some(flow) => others.push((flow.started_at, rest.to_owned())),
                None if is_name(rest) => cookies::remove(response, site, &format!("{SUFFIX}{rest}")),
                None => {}
            }
        }
        others.sort();
        let too_many = (others.len() + 1).saturating_sub(MAX_FLOWS);
        for (_, rest) in others.iter().take(too_many) {
            cookies::remove(response, site, &format!("{SUFFIX}{rest}"));
        }
        cookies::set(response, site, &suffix(&self.state), &self.to_value(), MAX_AGE);
    }

    /// Removes the flow from the browser.
    pub fn forget(&self, response: &mut Response<Body>, site: &Site) {
        cookies::remove(response, site, &suffix(&self.state));
    }

    /// The cookie's value. No part can contain the separator.
    fn to_value(&self) -> String {
        let Self { started_at, state, verifier, nonce, organization, is_narrow, return_to } = self;
        let organization = organization.as_ref().map_or("", OrgId::as_str);
        let narrow = if *is_narrow { "1" } else { "" };
        format!("{}|{state}|{verifier}|{nonce}|{organization}|{narrow}|{return_to}", started_at.millis())
    }

    fn parse(value: &str) -> Option<Self> {
        let parts: Vec<&str> = value.split('|').collect();
        let [started_at, state, verifier, nonce, organization, narrow, return_to] = *parts.as_slice() else {
            return None;
        };
        if ![state, verifier, nonce].into_iter().all(is_random) {
            return None;
        }
        Some(Self {
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

/// The suffix of the cookie of the flow with this state.
fn suffix(state: &str) -> String {
    format!("{SUFFIX}{}", state.get(..NAME_LENGTH).unwrap_or_default())
}

fn is_random(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(is_in_alphabet)
}

fn is_name(text: &str) -> bool {
    text.len() == NAME_LENGTH && text.bytes().all(is_in_alphabet)
}

fn is_in_alphabet(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(return_to: &str) -> Flow {
        let now = Timestamp::try_from(1_795_383_720_000).unwrap();
        Flow::new("acme".parse().ok(), true, ReturnTo::parse(return_to), now)
    }

    #[test]
    fn a_flow_is_in_its_cookie_what_it_was() {
        for return_to in ["/", "/docs", "/acme/-/open/x", "/#new?url=https%3A%2F%2Fexample.com"] {
            let flow = flow(return_to);
            let read = Flow::parse(&flow.to_value()).unwrap();
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
            let read = Flow::parse(text).map(|flow| flow.to_value());
            assert_ne!(read.as_deref(), Some(value.as_str()), "{text}");
        }
        assert!(Flow::parse(&format!("{value}|x")).is_none());
    }

    #[test]
    fn no_two_flows_share_anything_random() {
        let (one, other) = (flow("/"), flow("/"));
        let drawn = [&one.state, &one.verifier, &one.nonce, &other.state, &other.verifier, &other.nonce];
        let different: std::collections::BTreeSet<_> = drawn.into_iter().collect();
        assert_eq!(different.len(), 6);
    }

    /// The example of RFC 7636, appendix B.
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
        let name = "__Host-Http-signpost-flow-12345678=; ".len();
        assert!(4 * (longest.to_value().len() + name) + 3_900 + 2_048 < 10_240 - 1_000);
    }
}

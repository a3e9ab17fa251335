//! Tokens of every kind, and the status that each gets: a table of the verifier's rules.
//!
//! Each case changes one thing in a valid token of acme's member. The route is the list of acme's links, which every
//! member may read. If `TOKEN_DECISIONS` names a file, the decisions are written to it for `checks/sdk.py`.

mod claims;
mod forms;
mod roles;
mod sdk;

use crate::support::{Call, ISSUER, KEY, TestApp, token};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use claims::{claims, organizations};
use forms::{algorithms, headers_of_tokens, structure};
use jsonwebtoken::Algorithm;
use local::users::User;
use serde_json::Value;
use shared::model::Timestamp;

const HEADER: &str = r#"{"alg":"RS256","typ":"JWT"}"#;

/// The cases so far, each with its name, the header `Authorization`, and the expected status.
#[derive(Default)]
struct Table {
    /// The name of each case, its header `Authorization`, and the expected status.
    cases: Vec<(String, String, u64)>,
    /// The name and the claims of each case that changes only the claims and leaves them valid JSON.
    changed: Vec<(String, Value)>,
}

fn b64(text: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(text)
}

fn claims_of(user: &str) -> Value {
    let now = Timestamp::now().seconds();
    let mut claims = User::named(user).unwrap().claims(None);
    claims["iss"] = ISSUER.into();
    claims["iat"] = now.into();
    claims["exp"] = (now + 1800).into();
    claims
}

fn signed_text(header: &str, claims: &str) -> String {
    let parts = format!("{}.{}", b64(header), b64(claims));
    let signature = KEY.sign_text(&parts, Algorithm::RS256).unwrap();
    format!("{parts}.{signature}")
}

impl Table {
    fn raw(&mut self, name: impl Into<String>, authorization: impl Into<String>, status: u64) {
        self.cases.push((name.into(), authorization.into(), status));
    }

    fn token(&mut self, name: impl Into<String>, token: &str, status: u64) {
        self.raw(name, format!("Bearer {token}"), status);
    }

    /// Adds a token with this header, signed with our own key.
    fn header(&mut self, header: &str, status: u64) {
        let token = signed_text(header, &claims_of("member").to_string());
        self.token(format!("header {header}"), &token, status);
    }

    /// Adds a token with one changed claim.
    fn claim(&mut self, claim: &str, value: Value, status: u64) {
        let name = format!("{claim} {value}");
        self.claims(&name, |claims| claims[claim] = value, status);
    }

    /// Adds a token whose claims are changed by `change`.
    fn claims(&mut self, name: &str, change: impl FnOnce(&mut Value), status: u64) {
        let mut claims = claims_of("member");
        change(&mut claims);
        self.token(name, &signed_text(HEADER, &claims.to_string()), status);
        self.changed.push((name.to_owned(), claims));
    }
}

fn without(claims: &mut Value, claim: &str) {
    claims.as_object_mut().unwrap().remove(claim);
}

fn headers(table: &mut Table) {
    let token = token("member");
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        table.raw(format!("scheme {scheme}"), format!("{scheme} {token}"), 200);
    }
    for (name, header) in [
        ("empty", String::new()),
        ("a space", " ".to_owned()),
        ("the token alone", token.clone()),
        ("the scheme alone", "Bearer".to_owned()),
        ("the scheme and a space", "Bearer ".to_owned()),
        ("Basic", format!("Basic {token}")),
        ("Basic with a password", "Basic dXNlcjpwYXNz".to_owned()),
        ("Token", format!("Token {token}")),
        ("DPoP", format!("DPoP {token}")),
        ("Digest", format!("Digest {token}")),
        ("Bearer twice", format!("Bearer Bearer {token}")),
        ("a scheme with more", format!("Bearers {token}")),
        ("two spaces", format!("Bearer  {token}")),
        ("a space before", format!(" Bearer {token}")),
        ("a space after", format!("Bearer {token} ")),
        ("a tab between", format!("Bearer\t{token}")),
        ("a newline between", format!("Bearer\n{token}")),
        ("a newline after", format!("Bearer {token}\n")),
        ("no-break space", format!("Bearer\u{a0}{token}")),
        ("a colon", format!("Bearer: {token}")),
        ("an equals sign", format!("Bearer={token}")),
        ("quoted", format!("Bearer \"{token}\"")),
        ("a parameter", format!("Bearer token={token}")),
        ("a parameter behind", format!("Bearer {token}; realm=x")),
        ("a comma behind", format!("Bearer {token},")),
        ("two headers", format!("Bearer {token},Bearer {token}")),
        ("two headers joined with a space", format!("Bearer {token}, Bearer {token}")),
        ("two headers, Basic first", format!("Basic dXNlcjpwYXNz,Bearer {token}")),
        ("two headers, Basic last", format!("Bearer {token},Basic dXNlcjpwYXNz")),
        ("two tokens", format!("Bearer {token} {token}")),
        ("none", "none".to_owned()),
        ("null", "Bearer null".to_owned()),
        ("undefined", "Bearer undefined".to_owned()),
        ("20 kB of letters", format!("Bearer {}", "a".repeat(20_000))),
        ("20 kB of blanks", format!("Bearer {}", " ".repeat(20_000))),
        ("20 kB of dots", format!("Bearer {}", ".".repeat(20_000))),
        ("20 kB of token", format!("Bearer {}.{}.c", b64(HEADER), "a".repeat(20_000))),
        // Text that looks like an API key, for a provider without API keys.
        ("64 hexadecimal digits", format!("Bearer {}", "ab".repeat(32))),
        ("128 hexadecimal digits", format!("Bearer {}", "0f".repeat(64))),
    ] {
        table.raw(format!("header: {name}"), header, 401);
    }
    // Sizes just below and just above the maximum.
    for (size, status) in [(15_000, 200), (17_000, 401)] {
        let mut claims = claims_of("member");
        let rest = signed_text(HEADER, &claims.to_string()).len();
        claims["properties"] = "x".repeat((size - rest) * 3 / 4).into();
        table.token(format!("a token of {size} bytes"), &signed_text(HEADER, &claims.to_string()), status);
    }
}

#[tokio::test]
async fn each_of_more_than_two_hundred_tokens_gets_the_status_of_the_rules() {
    let mut table = Table::default();
    for part in [algorithms, headers_of_tokens, structure, claims, organizations, headers] {
        part(&mut table);
    }
    assert!(table.cases.len() > 350, "{} cases", table.cases.len());
    let app = TestApp::start().await;
    let mut wrong = Vec::new();
    for (name, authorization, status) in &table.cases {
        let answer = Call::new("list-without-token").header("authorization", authorization).send(&app).await;
        if answer.status != *status {
            wrong.push(format!("{name}: {} in place of {status}", answer.status));
            continue;
        }
        match status {
            401 => assert!(
                answer.is_problem(401, "unauthenticated").headers["www-authenticate"].starts_with("Bearer")
            ),
            403 => drop(answer.is_problem(403, "forbidden")),
            _ => assert!(answer.body["data"].is_array(), "{name}"),
        }
        assert!(!answer.text.contains("eyJ"), "{name}: an answer holds a token");
    }
    assert!(wrong.is_empty(), "of {} cases: {wrong:#?}", table.cases.len());
    if let Some(path) = std::env::var_os("TOKEN_DECISIONS") {
        sdk::write_decisions(path.as_ref(), table, &app).await;
    }
}

//! Tokens of every kind, and the status that each gets: the rules of the verifier as a table.
//!
//! Each case changes one thing of the valid token of acme's member. The route is the list of acme's links, which every member
//! may read. The second half tests what members may change, on every route that changes anything.

use crate::house::{ACME, Call, GLOBEX, House, ISSUER, KEY, token};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD, Engine};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use local::functions::Function;
use local::issuer::Key;
use local::routes::{ROUTES, Route};
use local::users::User;
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::sync::LazyLock;

const HEADER: &str = r#"{"alg":"RS256","typ":"JWT"}"#;
static OTHER: LazyLock<Key> = LazyLock::new(|| Key::from_pem(&Key::generate().unwrap()).unwrap());

/// The cases so far: their names, the header `Authorization`, and the status.
#[derive(Default)]
struct Table(Vec<(String, String, u64)>);

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
        self.0.push((name.into(), authorization.into(), status));
    }

    fn token(&mut self, name: impl Into<String>, token: &str, status: u64) {
        self.raw(name, format!("Bearer {token}"), status);
    }

    /// A token with this header, signed by our own key.
    fn header(&mut self, header: &str, status: u64) {
        let token = signed_text(header, &claims_of("member").to_string());
        self.token(format!("header {header}"), &token, status);
    }

    /// A token with one changed claim.
    fn claim(&mut self, claim: &str, value: Value, status: u64) {
        let mut claims = claims_of("member");
        let name = format!("{claim} {value}");
        claims[claim] = value;
        self.token(name, &signed_text(HEADER, &claims.to_string()), status);
    }

    /// A token of these claims.
    fn claims(&mut self, name: &str, change: impl FnOnce(&mut Value), status: u64) {
        let mut claims = claims_of("member");
        change(&mut claims);
        self.token(name, &signed_text(HEADER, &claims.to_string()), status);
    }
}

fn without(claims: &mut Value, claim: &str) {
    claims.as_object_mut().unwrap().remove(claim);
}

fn algorithms(table: &mut Table) {
    let payload = b64(claims_of("member").to_string());
    for alg in ["none", "None", "NONE", "nOnE", "nonE", " none", "none ", "NoNe"] {
        let header = b64(format!(r#"{{"alg":"{alg}","typ":"JWT"}}"#));
        table.token(format!("alg {alg}, not signed"), &format!("{header}.{payload}."), 401);
        table.token(format!("alg {alg}, without a third part"), &format!("{header}.{payload}"), 401);
        table.header(&format!(r#"{{"alg":"{alg}","typ":"JWT"}}"#), 401);
    }
    // The public key used as a secret, in each format in which a careless library may accept it.
    let pem = KEY.public_pem();
    let unix = pem.replace("\r\n", "\n");
    for secret in [pem, pem.trim(), &unix, unix.trim(), &format!("{}\n", unix.trim())] {
        for (name, algorithm) in
            [("HS256", Algorithm::HS256), ("HS384", Algorithm::HS384), ("HS512", Algorithm::HS512)]
        {
            let parts = format!("{}.{payload}", b64(format!(r#"{{"alg":"{name}","typ":"JWT"}}"#)));
            let key = EncodingKey::from_secret(secret.as_bytes());
            let signature = crypto::sign(parts.as_bytes(), &key, algorithm).unwrap();
            table.token(format!("{name} with the public key"), &format!("{parts}.{signature}"), 401);
        }
    }
    // The right key with the wrong algorithm, stated correctly and as RS256.
    for algorithm in
        [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256, Algorithm::PS384, Algorithm::PS512]
    {
        for told in [format!("{algorithm:?}"), "RS256".to_owned()] {
            let parts = format!("{}.{payload}", b64(format!(r#"{{"alg":"{told}","typ":"JWT"}}"#)));
            let signature = KEY.sign_text(&parts, algorithm).unwrap();
            let name = format!("{algorithm:?} told as {told}");
            table.token(name, &format!("{parts}.{signature}"), 401);
        }
    }
    for alg in [
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "ES256",
        "ES384",
        "ES512",
        "ES256K",
        "EdDSA",
        "Ed25519",
        "HS256",
        "HS384",
        "HS512",
        "rs256",
        "Rs256",
        "RS256 ",
        " RS256",
        "RS256\\u0000",
        "RSA256",
        "RS-256",
        "",
        "dir",
        "RSA-OAEP",
    ] {
        table.header(&format!(r#"{{"alg":"{alg}","typ":"JWT"}}"#), 401);
    }
    table.token("signed by another's key", &OTHER.sign(&claims_of("member")).unwrap(), 401);
}

fn headers_of_tokens(table: &mut Table) {
    for header in [
        HEADER,
        r#"{"alg":"RS256"}"#,
        r#"{"typ":"JWT","alg":"RS256"}"#,
        r#" {"alg" : "RS256"} "#,
        r#"{"\u0061lg":"RS256"}"#,
        r#"{"alg":"RS256","typ":"at+jwt"}"#,
        r#"{"alg":"RS256","cty":"JWT"}"#,
        // A fixed key has no name, and is used for any `kid`.
        r#"{"alg":"RS256","kid":"key-1"}"#,
        r#"{"alg":"RS256","kid":"../../etc/passwd"}"#,
        r#"{"alg":"RS256","kid":"' OR 1=1 --"}"#,
        r#"{"alg":"RS256","kid":""}"#,
        r#"{"alg":"RS256","unknown":{"a":[1]}}"#,
    ] {
        table.header(header, 200);
    }
    for header in [
        r#"{"typ":"JWT"}"#,
        "{}",
        r#"{"alg":null}"#,
        r#"{"alg":["RS256"]}"#,
        r#"{"alg":{"RS256":true}}"#,
        r#"{"alg":256}"#,
        r#"{"alg":true}"#,
        r#"{"ALG":"RS256"}"#,
        r#"{"alg":"RS256","alg":"RS256"}"#,
        r#"{"alg":"none","alg":"RS256"}"#,
        r#"{"alg":"RS256","alg":"none"}"#,
        r#"{"alg":"RS256","\u0061lg":"none"}"#,
        "[]",
        r#"["RS256"]"#,
        r#""RS256""#,
        "null",
        "1",
        "",
        "{",
        "not JSON",
        r#"{"alg":"RS256"}{"alg":"RS256"}"#,
        r#"{"alg":"RS256"} x"#,
        r#"{"alg":"RS256",}"#,
        r#"{"alg":"RS256","kid":7}"#,
        r#"{"alg":"RS256","kid":null}"#,
        r#"{"alg":"RS256","kid":["a"]}"#,
        r#"{"alg":"RS256","kid":"a","kid":"b"}"#,
        r#"{"alg":"RS256","crit":["exp"]}"#,
        r#"{"alg":"RS256","crit":[]}"#,
        r#"{"alg":"RS256","crit":null}"#,
        r#"{"alg":"RS256","b64":false}"#,
        r#"{"alg":"RS256","b64":true}"#,
        r#"{"alg":"RS256","b64":false,"crit":["b64"]}"#,
        r#"{"alg":"RS256","jku":"https://evil.example/jwks.json"}"#,
        r#"{"alg":"RS256","jku":""}"#,
        r#"{"alg":"RS256","jwk":{}}"#,
        r#"{"alg":"RS256","jwk":null}"#,
        r#"{"alg":"RS256","x5u":"https://evil.example/cert.pem"}"#,
        r#"{"alg":"RS256","x5c":[]}"#,
        r#"{"alg":"RS256","x5c":["MIIB"]}"#,
    ] {
        table.header(header, 401);
    }
    // The forger's own key, sent in the token.
    let mut own_key = OTHER.public_jwk().unwrap();
    own_key["kid"] = "mine".into();
    let header = json!({ "alg": "RS256", "kid": "mine", "jwk": own_key }).to_string();
    let parts = format!("{}.{}", b64(header), b64(claims_of("owner").to_string()));
    let signature = OTHER.sign_text(&parts, Algorithm::RS256).unwrap();
    table.token("signed by a key in the header", &format!("{parts}.{signature}"), 401);
}

fn structure(table: &mut Table) {
    let claims = claims_of("member").to_string();
    let good = signed_text(HEADER, &claims);
    let parts: Vec<&str> = good.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    table.token("sound", &good, 200);
    for (name, token) in [
        ("four parts", format!("{good}.{signature}")),
        ("five parts, as an encrypted token", format!("{good}.{signature}.{signature}")),
        ("two parts", format!("{header}.{payload}")),
        ("one part", header.to_owned()),
        ("dots alone", "..".to_owned()),
        ("a dot behind", format!("{good}.")),
        ("a dot before", format!(".{good}")),
        ("no signature", format!("{header}.{payload}.")),
        ("no claims", format!("{header}..{signature}")),
        ("no header", format!(".{payload}.{signature}")),
        ("half a signature", format!("{header}.{payload}.{}", &signature[..signature.len() / 2])),
        ("a signature cut by one", format!("{header}.{payload}.{}", &signature[..signature.len() - 1])),
        ("a signature with more behind", format!("{good}AAAA")),
        ("a signature of zeros", format!("{header}.{payload}.{}", b64([0; 256]))),
        (
            "a signature of something else",
            format!("{header}.{}.{signature}", b64(&claims[..claims.len() - 1])),
        ),
        ("another token's claims", format!("{header}.{}.{signature}", b64(claims_of("owner").to_string()))),
        ("header and claims swapped", format!("{payload}.{header}.{signature}")),
        ("an escaped dot", good.replace('.', "%2E")),
        ("a newline within", format!("{header}.\n{payload}.{signature}")),
        ("a null byte behind", format!("{good}\0")),
        ("letters of another script", good.replace('e', "е")),
    ] {
        table.token(name, &token, 401);
    }
    // Padding and the other alphabet, in each part, with a signature that is valid for the text as sent.
    let odd = json!({ "alg": "RS256", "x": "???>>>" }).to_string();
    let padded = format!("{HEADER} ");
    for (name, first, second) in [
        ("a padded header", BASE64_URL_SAFE.encode(&padded), payload.to_owned()),
        (
            "a padded payload",
            header.to_owned(),
            format!("{payload}{}", "=".repeat((4 - payload.len() % 4) % 4).max("=".into())),
        ),
        ("a header in the other alphabet", BASE64_STANDARD.encode(odd).replace('=', ""), payload.to_owned()),
        ("a blank in the payload", header.to_owned(), format!("{payload} ")),
        ("the payload as it is", header.to_owned(), claims.clone()),
        ("the payload in base64 twice", header.to_owned(), b64(payload)),
        (
            "the payload in hexadecimal",
            header.to_owned(),
            claims.bytes().map(|byte| format!("{byte:02x}")).collect(),
        ),
    ] {
        let text = format!("{first}.{second}");
        let signature = KEY.sign_text(&text, Algorithm::RS256).unwrap();
        table.token(name, &format!("{text}.{signature}"), 401);
    }
    table.token(
        "a signature in the other alphabet",
        &format!("{header}.{payload}.{}", signature.replace('_', "/").replace('-', "+")),
        401,
    );
    table.token("a padded signature", &format!("{good}=="), 401);
    // The last character contains bits that no byte needs: another spelling of the same bytes.
    let spare = format!(
        "{}{}",
        &signature[..signature.len() - 1],
        match signature.chars().last().unwrap() {
            'A' => 'B',
            'Q' => 'R',
            'g' => 'h',
            _ => 'x',
        }
    );
    table.token("a signature with spare bits set", &format!("{header}.{payload}.{spare}"), 401);
    for payload in ["", "null", "[]", "7", "\"text\"", "{", "{}", r#"{"a":1}"#] {
        table.token(format!("claims {payload}"), &signed_text(HEADER, payload), 401);
    }
    let nested = format!(r#"{{"a":{}{}}}"#, "[".repeat(5_000), "]".repeat(5_000));
    table.token("claims of five thousand levels", &signed_text(HEADER, &nested), 401);
    let latin_1 = [br#"{"iss":"#.as_slice(), &[0xe9], b"}"].concat();
    let text = format!("{header}.{}", b64(latin_1));
    let signature = KEY.sign_text(&text, Algorithm::RS256).unwrap();
    table.token("claims in Latin-1", &format!("{text}.{signature}"), 401);
    for claim in ["iss", "exp", "iat", "user_id", "org_id_to_org_member_info", "harmless"] {
        let value = claims_of("member").get(claim).cloned().unwrap_or_default();
        let twice = format!(r#"{{"{claim}":{value},"{claim}":{value},{}"#, &claims[1..]);
        table.token(format!("{claim} twice"), &signed_text(HEADER, &twice), 401);
    }
}

fn claims(table: &mut Table) {
    let now = Timestamp::now().seconds();
    for claim in ["iss", "exp", "iat", "user_id"] {
        table.claims(&format!("no {claim}"), |claims| without(claims, claim), 401);
        for wrong in [Value::Null, json!(true), json!({}), json!([]), json!("")] {
            table.claim(claim, wrong, 401);
        }
    }
    for issuer in [
        "https://auth.acme.test/",
        "https://AUTH.acme.test",
        "http://auth.acme.test",
        "auth.acme.test",
        " https://auth.acme.test",
        "https://auth.acme.test ",
        "https://auth.acme.test.evil.example",
        "https://auth.acme.tes",
        "https://auth.acme.test:443",
    ] {
        table.claim("iss", issuer.into(), 401);
    }
    table.claim("iss", json!([ISSUER]), 401);
    table.claim("iss", json!({ "iss": ISSUER }), 401);
    table.claim("iss", json!(7), 401);
    for (expiry, status) in [
        (json!(now + 1), 200),
        (json!(now), 200),
        (json!(now - 50), 200),
        (json!(now - 61), 401),
        (json!(now - 62), 401),
        (json!(now - 86_400), 401),
        (json!(0), 401),
        (json!(-1), 401),
        (json!(now as f64 + 0.5), 200),
        (json!(now as f64 - 61.5), 401),
        (json!(i64::MAX), 200),
        (json!(u64::MAX), 200),
        (json!(i64::MIN), 401),
        (json!(1e300), 200),
        (json!("9999999999"), 401),
        (json!([now + 60]), 401),
        (json!((now + 1800).to_string()), 401),
    ] {
        table.claim("exp", expiry, status);
    }
    for (issued, status) in [
        (json!(now), 200),
        (json!(now + 50), 200),
        (json!(now + 70), 401),
        (json!(now + 86_400), 401),
        (json!(0), 200),
        (json!(-1), 200),
        (json!(now as f64 + 0.25), 200),
        (json!(now.to_string()), 401),
        (json!(u64::MAX), 401),
        (json!(1e300), 401),
    ] {
        table.claim("iat", issued, status);
    }
    for (begun, status) in [
        (json!(now), 200),
        (json!(now + 50), 200),
        (json!(now + 70), 401),
        (json!(now + 86_400), 401),
        (json!(0), 200),
        (json!("0"), 401),
        (json!(now.to_string()), 401),
        (Value::Null, 401),
        (json!([]), 401),
        (json!(true), 401),
        (json!(1e300), 401),
    ] {
        table.claim("nbf", begun, status);
    }
    for user in
        [json!(7), json!(["a"]), json!("a\nb"), json!("a\u{0}"), json!("a\u{7f}"), json!("x".repeat(256))]
    {
        table.claim("user_id", user, 401);
    }
    for user in [json!("a"), json!("auth0|1234"), json!("Zoë"), json!("a b"), json!("x".repeat(255))] {
        table.claim("user_id", user, 200);
    }
    for (claim, value) in [
        ("aud", json!("anything")),
        ("aud", json!(["a", "b"])),
        ("aud", json!(7)),
        ("aud", Value::Null),
        ("sub", json!(7)),
        ("jti", json!({})),
        ("login_method", json!({ "login_method": "telepathy" })),
        ("login_method", json!("none")),
        ("login_method", Value::Null),
        ("email", Value::Null),
        ("email", json!(7)),
        ("properties", json!([])),
        ("impersonator_user_id", json!("0f3f5a0e-0001-4000-8000-000000000001")),
        ("impersonator_user_id", Value::Null),
        ("org_member_info", Value::Null),
        ("iat", json!(now - 86_400)),
    ] {
        table.claim(claim, value, 200);
    }
    for impersonator in [json!(7), json!(""), json!({}), json!("a\nb")] {
        table.claim("impersonator_user_id", impersonator, 401);
    }
}

fn entry(claims: &mut Value) -> &mut Value {
    &mut claims["org_id_to_org_member_info"][ACME]
}

fn organizations(table: &mut Table) {
    let map = "org_id_to_org_member_info";
    let active = "org_member_info";
    table.claims("no organization at all", |claims| without(claims, map), 403);
    table.claim(map, json!({}), 403);
    table.claim(map, Value::Null, 403);
    for wrong in [
        json!([]),
        json!("x"),
        json!(7),
        json!({ ACME: null }),
        json!({ ACME: [] }),
        json!({ ACME: {} }),
        json!({ ACME: "Member" }),
    ] {
        table.claim(map, wrong, 401);
    }
    for wrong in
        [json!({}), json!([]), json!("x"), json!(7), json!({ "org_id": ACME }), json!({ "org_id": 7 })]
    {
        table.claim(active, wrong, 401);
    }
    table.claims(
        "only the other organization",
        |claims| claims[map] = claims_of("outsider")[map].clone(),
        403,
    );
    table.claims(
        "an active organization",
        |claims| {
            claims[active] = claims[map][ACME].clone();
            without(claims, map);
        },
        200,
    );
    table.claims(
        "another active organization",
        |claims| {
            claims[active] = claims_of("outsider")[map][GLOBEX].clone();
            without(claims, map);
        },
        403,
    );
    table.claims("both, and this one active", |claims| claims[active] = claims[map][ACME].clone(), 200);
    table.claims(
        "both, and the other active",
        |claims| claims[active] = claims_of("outsider")[map][GLOBEX].clone(),
        403,
    );
    table.claims(
        "both, and a broken map",
        |claims| {
            claims[active] = claims[map][ACME].clone();
            claims[map] = json!([]);
        },
        200,
    );
    table.claims("under another's key", |claims| entry(claims)["org_id"] = GLOBEX.into(), 401);
    table.claims(
        "under a key of other case",
        |claims| entry(claims)["org_id"] = ACME.to_uppercase().into(),
        401,
    );
    table.claims(
        "one of two under another's key",
        |claims| {
            let mut other = claims_of("outsider")[map][GLOBEX].clone();
            other["org_id"] = ACME.into();
            claims[map][GLOBEX] = other;
        },
        401,
    );
    table.claims(
        "beside one whose id is none",
        |claims| {
            let mut other = claims[map][ACME].clone();
            other["org_id"] = "@prime".into();
            claims[map]["@prime"] = other;
        },
        200,
    );
    for required in ["org_id", "user_role", "inherited_user_roles_plus_current_role"] {
        table.claims(&format!("an entry without {required}"), |claims| without(entry(claims), required), 401);
        for wrong in [Value::Null, json!(7), json!({})] {
            table.claims(
                &format!("{required} {wrong}"),
                |claims| entry(claims)[required] = wrong.clone(),
                401,
            );
        }
    }
    for optional in [
        "org_role_structure",
        "additional_roles",
        "url_safe_org_name",
        "org_metadata",
        "org_name",
        "user_permissions",
    ] {
        table.claims(&format!("an entry without {optional}"), |claims| without(entry(claims), optional), 200);
        table.claims(&format!("{optional} null"), |claims| entry(claims)[optional] = Value::Null, 200);
    }
    table.claims(
        "a role structure that is no text",
        |claims| entry(claims)["org_role_structure"] = json!(1),
        401,
    );
    table.claims(
        "a role structure nobody knows",
        |claims| entry(claims)["org_role_structure"] = "circle".into(),
        200,
    );
    table.claims(
        "additional roles that are no texts",
        |claims| entry(claims)["additional_roles"] = json!([1]),
        401,
    );
    table.claims(
        "twenty more organizations",
        |claims| {
            for index in 0..20 {
                let mut other = claims[map][ACME].clone();
                other["org_id"] = format!("org-{index}").into();
                claims[map][format!("org-{index}")] = other;
            }
        },
        200,
    );
}

fn headers(table: &mut Table) {
    let token = token("member");
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        table.raw(format!("scheme {scheme}"), format!("{scheme} {token}"), 200);
    }
    for (name, header) in [
        ("empty", String::new()),
        ("a blank", " ".to_owned()),
        ("the token alone", token.clone()),
        ("the scheme alone", "Bearer".to_owned()),
        ("the scheme and a blank", "Bearer ".to_owned()),
        ("Basic", format!("Basic {token}")),
        ("Basic with a password", "Basic dXNlcjpwYXNz".to_owned()),
        ("Token", format!("Token {token}")),
        ("DPoP", format!("DPoP {token}")),
        ("Digest", format!("Digest {token}")),
        ("Bearer twice", format!("Bearer Bearer {token}")),
        ("a scheme with more", format!("Bearers {token}")),
        ("two blanks", format!("Bearer  {token}")),
        ("a blank before", format!(" Bearer {token}")),
        ("a blank behind", format!("Bearer {token} ")),
        ("a tab between", format!("Bearer\t{token}")),
        ("a newline between", format!("Bearer\n{token}")),
        ("a newline behind", format!("Bearer {token}\n")),
        ("no-break space", format!("Bearer\u{a0}{token}")),
        ("a colon", format!("Bearer: {token}")),
        ("an equals sign", format!("Bearer={token}")),
        ("quoted", format!("Bearer \"{token}\"")),
        ("a parameter", format!("Bearer token={token}")),
        ("a parameter behind", format!("Bearer {token}; realm=x")),
        ("a comma behind", format!("Bearer {token},")),
        ("two headers", format!("Bearer {token},Bearer {token}")),
        ("two headers with a blank", format!("Bearer {token}, Bearer {token}")),
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
        // Text that looks like an API key, if the provider has none.
        ("64 hexadecimal digits", format!("Bearer {}", "ab".repeat(32))),
        ("128 hexadecimal digits", format!("Bearer {}", "0f".repeat(64))),
    ] {
        table.raw(format!("header: {name}"), header, 401);
    }
    // Just below and above the largest accepted size.
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
    assert!(table.0.len() > 350, "{} cases", table.0.len());
    let house = House::open().await;
    let mut wrong = Vec::new();
    for (name, authorization, status) in &table.0 {
        let answer = Call::of("list-without-token").header("authorization", authorization).send(&house).await;
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
    assert!(wrong.is_empty(), "of {} cases: {wrong:#?}", table.0.len());
}

/// What each role may do in acme: change its member's link, and claim a handle.
#[tokio::test]
async fn every_route_that_changes_something_checks_organization_and_role() {
    let single = |role: &str, inherited: &[&str]| json!({ "user_role": role, "inherited_user_roles_plus_current_role": inherited });
    let multi = |role: &str, additional: &[&str]| {
        json!({
            "org_role_structure": "multi_role", "user_role": role, "additional_roles": additional,
            "inherited_user_roles_plus_current_role": [role],
        })
    };
    let roles = [
        (single("Owner", &["Owner", "Admin", "Member"]), true),
        (single("Admin", &["Admin", "Member"]), true),
        (single("Boss", &["Boss", "Admin", "Member"]), true),
        (single("Member", &["Member"]), false),
        (single("owner", &["owner"]), false),
        (single("admin", &["admin", "member"]), false),
        (single("ADMIN", &["ADMIN"]), false),
        (single("Admin ", &["Admin "]), false),
        (single("Administrator", &["Administrator"]), false),
        (single("Admin", &[]), false),
        (single("", &[]), false),
        (multi("Owner", &[]), true),
        (multi("Role A", &["Admin"]), true),
        (multi("Role A", &["Role B"]), false),
        (multi("Role A", &["admin"]), false),
    ];
    let mut cases = 0;
    let untouched = House::open().await;
    let changing = |route: &&Route| ["POST", "PUT", "PATCH", "DELETE"].contains(&route.method);
    for route in ROUTES.iter().filter(changing).filter(|route| route.path.contains("{org_id}")) {
        for (role, manages) in &roles {
            for (org, user, active) in [
                (ACME, "colleague", false),
                (ACME, "colleague", true),
                (ACME, "outsider", false),
                (GLOBEX, "member", false),
                (ACME, "stranger", false),
            ] {
                let mut claims = claims_of(user);
                let map = claims["org_id_to_org_member_info"].as_object_mut().unwrap();
                for entry in map.values_mut() {
                    entry.as_object_mut().unwrap().remove("org_role_structure");
                    entry.as_object_mut().unwrap().extend(role.as_object().unwrap().clone());
                }
                let is_member = map.contains_key(org);
                if active {
                    claims["org_member_info"] = claims["org_id_to_org_member_info"][ACME].clone();
                }
                let token = signed_text(HEADER, &claims.to_string());
                let call = Call::by_route(route).org(org).header("authorization", &format!("Bearer {token}"));
                let allowed = is_member && (*manages || route.function == Function::Create);
                // Only a permitted call changes anything, and so needs its own fixture.
                let own = if allowed { Some(House::open().await) } else { None };
                let house = own.as_ref().unwrap_or(&untouched);
                house.put(&[]).await;
                let answer = call.send(house).await;
                let name =
                    format!("{} {user} in {org}, active {active}, {role}: {}", route.key(), answer.text);
                assert_eq!(answer.status < 300, allowed, "{name}");
                if !allowed {
                    answer.is_problem(403, "forbidden");
                    assert_eq!(house.count().await, 1, "{name}");
                }
                cases += 1;
            }
        }
    }
    assert!(cases >= 300, "{cases} cases");
}

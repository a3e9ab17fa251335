//! Tokens with all kinds of signatures, headers and structures.

use super::{HEADER, Table, b64, claims_of, signed_text};
use crate::support::KEY;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, Engine};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use local::issuer::Key;
use serde_json::json;
use std::sync::LazyLock;

static OTHER: LazyLock<Key> = LazyLock::new(|| Key::from_pem(&Key::generate().unwrap()).unwrap());

pub fn algorithms(table: &mut Table) {
    let payload = b64(claims_of("member").to_string());
    for alg in ["none", "None", "NONE", "nOnE", "nonE", " none", "none ", "NoNe"] {
        let header = b64(format!(r#"{{"alg":"{alg}","typ":"JWT"}}"#));
        table.token(format!("alg {alg}, not signed"), &format!("{header}.{payload}."), 401);
        table.token(format!("alg {alg}, without a third part"), &format!("{header}.{payload}"), 401);
        table.header(&format!(r#"{{"alg":"{alg}","typ":"JWT"}}"#), 401);
    }
    // The token is signed with the public key as an HMAC secret, in each format that a careless library may accept.
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
    // These tokens are signed with the right key and a wrong algorithm. The header contains the wrong algorithm or
    // RS256.
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
    table.token("signed with another key", &OTHER.sign(&claims_of("member")).unwrap(), 401);
}

pub fn headers_of_tokens(table: &mut Table) {
    for header in [
        HEADER,
        r#"{"alg":"RS256"}"#,
        r#"{"typ":"JWT","alg":"RS256"}"#,
        r#" {"alg" : "RS256"} "#,
        r#"{"\u0061lg":"RS256"}"#,
        r#"{"alg":"RS256","typ":"at+jwt"}"#,
        r#"{"alg":"RS256","cty":"JWT"}"#,
        // A fixed key has no id, so it verifies tokens with any `kid`.
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
    // The token contains the forger's own key.
    let mut own_key = OTHER.public_jwk().unwrap();
    own_key["kid"] = "mine".into();
    let header = json!({ "alg": "RS256", "kid": "mine", "jwk": own_key }).to_string();
    let parts = format!("{}.{}", b64(header), b64(claims_of("owner").to_string()));
    let signature = OTHER.sign_text(&parts, Algorithm::RS256).unwrap();
    table.token("signed by a key in the header", &format!("{parts}.{signature}"), 401);
}

pub fn structure(table: &mut Table) {
    let claims = claims_of("member").to_string();
    let good = signed_text(HEADER, &claims);
    let parts: Vec<&str> = good.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    table.token("sound", &good, 200);
    for (name, token) in [
        ("four parts", format!("{good}.{signature}")),
        ("five parts, like an encrypted token", format!("{good}.{signature}.{signature}")),
        ("two parts", format!("{header}.{payload}")),
        ("one part", header.to_owned()),
        ("dots alone", "..".to_owned()),
        ("a dot behind", format!("{good}.")),
        ("a dot before", format!(".{good}")),
        ("no signature", format!("{header}.{payload}.")),
        ("no claims", format!("{header}..{signature}")),
        ("no header", format!(".{payload}.{signature}")),
        ("half a signature", format!("{header}.{payload}.{}", &signature[..signature.len() / 2])),
        (
            "a signature without its last character",
            format!("{header}.{payload}.{}", &signature[..signature.len() - 1]),
        ),
        ("a signature with more text after it", format!("{good}AAAA")),
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
    // Each part is padded, or has the alphabet of plain base64. The signature is valid for the text as sent.
    let odd = json!({ "alg": "RS256", "x": "???>>>" }).to_string();
    let padded = format!("{HEADER} ");
    for (name, first, second) in [
        ("a padded header", BASE64_URL_SAFE.encode(&padded), payload.to_owned()),
        (
            "a padded payload",
            header.to_owned(),
            format!("{payload}{}", "=".repeat((4 - payload.len() % 4) % 4).max("=".into())),
        ),
        ("a header in plain base64", BASE64_STANDARD.encode(odd).replace('=', ""), payload.to_owned()),
        ("a space in the payload", header.to_owned(), format!("{payload} ")),
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
        "a signature in plain base64",
        &format!("{header}.{payload}.{}", signature.replace('_', "/").replace('-', "+")),
        401,
    );
    table.token("a padded signature", &format!("{good}=="), 401);
    // The last character has bits that are not part of any byte, so the same bytes can be encoded in another way.
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

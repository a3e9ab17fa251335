use crate::house::{ACME, Answer, Call, GLOBEX, House, ISSUER, KEY, settings, signed, token};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use local::functions::Functions;
use local::issuer::{API_KEY, Issuer, Key};
use local::stack::engine_settings;
use local::users::User;
use serde_json::{Value, json};
use shared::auth::Verifier;
use shared::model::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

async fn list_with(house: &House, authorization: &str) -> Answer {
    Call::of("list").header("authorization", authorization).send(house).await
}

#[tokio::test]
async fn without_a_token_nobody_is_let_in_and_is_told_how_to_come_back() {
    let house = House::open().await;
    for name in ["create-without-token", "list-without-token", "delete-without-token"] {
        let answer = Call::of(name).send(&house).await;
        assert_eq!(answer.is_problem(401, "unauthenticated").headers["www-authenticate"], "Bearer");
    }
    let elsewhere = Call::of("list-without-token").query(&format!("access_token={}", token("member")));
    elsewhere.header("cookie", &token("member")).send(&house).await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn the_header_is_one_scheme_one_space_one_token() {
    let house = House::open().await;
    let token = token("member");
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(list_with(&house, &format!("{scheme} {token}")).await.status, 200);
    }
    for header in [
        String::new(),
        token.clone(),
        "Bearer".into(),
        "Bearer ".into(),
        format!("Basic {token}"),
        format!("Token {token}"),
        format!("Bearer  {token}"),
        format!(" Bearer {token}"),
        format!("Bearer {token} "),
        format!("Bearer {token},"),
        format!("Bearer {token}, Bearer {token}"),
        format!("Bearer {token},Bearer {token}"),
        format!("Bearer\t{token}"),
        format!("Bearer:{token}"),
        format!("Bearer \"{token}\""),
        format!("Bearer {}", "a".repeat(20_000)),
    ] {
        let answer = list_with(&house, &header).await;
        let challenge = &answer.is_problem(401, "unauthenticated").headers["www-authenticate"];
        assert!(challenge.starts_with("Bearer"), "{header:.60}");
    }
    let refused = list_with(&house, "Bearer a.b.c").await;
    assert_eq!(refused.headers["www-authenticate"], "Bearer error=\"invalid_token\"");
}

/// Signs a header and claims as they are given, to the byte.
fn forged(header: &str, claims: &str) -> String {
    forged_by(Algorithm::RS256, header, claims)
}

fn forged_by(algorithm: Algorithm, header: &str, claims: &str) -> String {
    let parts =
        format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(header), BASE64_URL_SAFE_NO_PAD.encode(claims));
    let signature = KEY.sign_text(&parts, algorithm).unwrap();
    format!("{parts}.{signature}")
}

fn claims() -> Value {
    let token = token("member");
    let payload = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

const RS256: &str = r#"{"alg":"RS256","typ":"JWT"}"#;

#[tokio::test]
async fn only_rs256_with_our_own_key_is_a_signature() {
    let house = House::open().await;
    let claims = claims().to_string();
    let good = forged(RS256, &claims);
    assert_eq!(list_with(&house, &format!("Bearer {good}")).await.status, 200);

    let parts: Vec<&str> = good.split('.').collect();
    let mut tokens = Vec::new();
    // Our own key signs these, by what we do not ask for.
    for algorithm in
        [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256, Algorithm::PS384, Algorithm::PS512]
    {
        let header = format!(r#"{{"alg":"{algorithm:?}","typ":"JWT"}}"#);
        tokens.push(forged_by(algorithm, &header, &claims));
    }
    for alg in [
        "none", "None", "NONE", "nOnE", "RS384", "RS512", "PS256", "HS256", "ES256", "EdDSA", "rs256",
        "RS256 ", "",
    ] {
        let header = format!(r#"{{"alg":"{alg}","typ":"JWT"}}"#);
        tokens.push(forged(&header, &claims));
        tokens.push(format!("{}.{}.", BASE64_URL_SAFE_NO_PAD.encode(&header), parts[1]));
    }
    for header in [
        r#"{"typ":"JWT"}"#,
        r#"{"alg":null}"#,
        r#"{"alg":["RS256"]}"#,
        r#"{"alg":"RS256","alg":"RS256"}"#,
        "[]",
        "",
        "{",
        r#"{"alg":"RS256","crit":["exp"]}"#,
        r#"{"alg":"RS256","b64":false}"#,
        r#"{"alg":"RS256","jku":"https://evil.example"}"#,
        r#"{"alg":"RS256","jwk":{}}"#,
        r#"{"alg":"RS256","x5u":"https://evil.example"}"#,
        r#"{"alg":"RS256","x5c":[]}"#,
    ] {
        tokens.push(forged(header, &claims));
    }
    let with_the_public_key_for_a_secret = EncodingKey::from_secret(KEY.public_pem().as_bytes());
    tokens.push(
        encode(&Header::new(Algorithm::HS256), &self::claims(), &with_the_public_key_for_a_secret).unwrap(),
    );
    let other = Key::from_pem(&Key::generate().unwrap()).unwrap();
    tokens.push(other.sign(&self::claims()).unwrap());
    // The structure: four parts, two parts, padding, the other alphabet, a signature of something else.
    tokens.push(format!("{good}.{}", parts[2]));
    tokens.push(format!("{}.{}", parts[0], parts[1]));
    tokens.push(format!("{good}."));
    tokens.push(format!("{}.{}=.{}", parts[0], parts[1], parts[2]));
    tokens.push(format!("{}.{}.{}", parts[0], BASE64_STANDARD.encode("{\"a\":\"???>>>\"}"), parts[2]));
    tokens.push(format!("{}.{}.{}", parts[0], BASE64_URL_SAFE_NO_PAD.encode(&claims[1..]), parts[2]));
    tokens.push(format!("{}.{}.{}", parts[0], parts[1], &parts[2][..parts[2].len() - 2]));
    tokens.push(format!("{}.{}.", parts[0], parts[1]));
    for token in tokens {
        list_with(&house, &format!("Bearer {token}")).await.is_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_token_counts_only_with_our_issuer_in_its_time_and_with_a_user() {
    let house = House::open().await;
    let now = Timestamp::now().seconds();
    type Change = (&'static str, Value);
    let refused: Vec<Change> = vec![
        ("iss", json!("https://auth.acme.test/")),
        ("iss", json!("https://AUTH.acme.test")),
        ("iss", json!([ISSUER])),
        ("iss", json!(7)),
        ("iss", Value::Null),
        ("exp", json!(now - 61)),
        ("exp", json!("9999999999")),
        ("exp", Value::Null),
        ("exp", json!(-1)),
        ("iat", json!(now + 65)),
        ("iat", json!("0")),
        ("iat", Value::Null),
        ("nbf", json!(now + 65)),
        ("nbf", json!("0")),
        ("nbf", Value::Null),
        ("user_id", json!("")),
        ("user_id", json!(7)),
        ("user_id", Value::Null),
        ("user_id", json!("a\nb")),
        ("org_id_to_org_member_info", json!([])),
        ("org_member_info", json!("x")),
    ];
    for (claim, value) in refused {
        let token = signed("member", |claims| claims[claim] = value.clone());
        let answer = list_with(&house, &format!("Bearer {token}")).await;
        assert_eq!(answer.status, 401, "{claim} {value}: {}", answer.text);
    }
    for claim in ["iss", "exp", "iat", "user_id"] {
        let token = signed("member", |claims| drop(claims.as_object_mut().unwrap().remove(claim)));
        assert_eq!(list_with(&house, &format!("Bearer {token}")).await.status, 401, "{claim}");
    }
    let accepted: Vec<Change> = vec![
        ("exp", json!(now - 55)),
        ("exp", json!(now as f64 + 0.5)),
        ("iat", json!(now + 55)),
        ("nbf", json!(now + 55)),
        ("aud", json!("anything")),
        ("login_method", json!({ "login_method": "telepathy" })),
        ("email", Value::Null),
        ("impersonator_user_id", json!("somebody")),
    ];
    for (claim, value) in accepted {
        let token = signed("member", |claims| claims[claim] = value.clone());
        let answer = list_with(&house, &format!("Bearer {token}")).await;
        assert_eq!(answer.status, 200, "{claim} {value}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_claim_that_is_named_twice_is_refused() {
    let house = House::open().await;
    let claims = claims().to_string();
    let twice = format!(r#"{{"iss":"{ISSUER}",{}"#, &claims[1..]);
    list_with(&house, &format!("Bearer {}", forged(RS256, &twice))).await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn the_audience_is_checked_where_one_is_configured() {
    let house = House::with(&[("AUTH_AUDIENCE", "signpost")]).await;
    let cases = [
        (json!("signpost"), 200),
        (json!(["other", "signpost"]), 200),
        (json!("other"), 401),
        (json!([]), 401),
        (json!(7), 401),
    ];
    for (audience, status) in cases {
        let token = signed("member", |claims| claims["aud"] = audience.clone());
        assert_eq!(list_with(&house, &format!("Bearer {token}")).await.status, status, "{audience}");
    }
    assert_eq!(list_with(&house, &format!("Bearer {}", token("member"))).await.status, 401);
}

fn entry(claims: &mut Value) -> &mut Value {
    &mut claims["org_id_to_org_member_info"][ACME]
}

#[tokio::test]
async fn an_active_organization_is_the_only_one_the_user_is_in() {
    let house = House::open().await;
    let globex_only = |claims: &mut Value| {
        claims["org_member_info"] = claims["org_id_to_org_member_info"][GLOBEX].clone();
    };
    for both in [true, false] {
        let token = signed("colleague", |claims| {
            globex_only(claims);
            if !both {
                claims.as_object_mut().unwrap().remove("org_id_to_org_member_info");
            }
        });
        let call = Call::of("list").header("authorization", &format!("Bearer {token}"));
        assert_eq!(call.clone().org(GLOBEX).send(&house).await.status, 200);
        call.send(&house).await.is_problem(403, "forbidden");
    }
}

#[tokio::test]
async fn an_organization_under_another_ones_key_makes_the_token_worthless() {
    let house = House::open().await;
    let token = signed("member", |claims| entry(claims)["org_id"] = GLOBEX.into());
    list_with(&house, &format!("Bearer {token}")).await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn who_manages_any_link_follows_the_organizations_role_structure() {
    let house = House::open().await;
    let single = |role: &str, inherited: &[&str]| json!({ "user_role": role, "inherited_user_roles_plus_current_role": inherited });
    let multi = |role: &str, additional: &[&str]| {
        json!({
            "org_role_structure": "multi_role", "user_role": role, "additional_roles": additional,
            "inherited_user_roles_plus_current_role": [role],
        })
    };
    let cases = [
        (single("Owner", &["Owner", "Admin", "Member"]), true),
        (single("Admin", &["Admin", "Member"]), true),
        (single("Boss", &["Boss", "Admin", "Member"]), true),
        (single("Member", &["Member"]), false),
        (single("Admin", &["Member"]), false),
        (single("Owner", &[]), true),
        (single("admin", &["admin"]), false),
        (
            json!({ "user_role": "Member", "inherited_user_roles_plus_current_role": ["Member"], "additional_roles": ["Admin"] }),
            false,
        ),
        (multi("Owner", &[]), true),
        (multi("Admin", &[]), true),
        (multi("Role A", &["Admin"]), true),
        (multi("Role A", &["Owner"]), true),
        (multi("Role A", &["Role B"]), false),
        (
            json!({ "org_role_structure": "multi_role", "user_role": "Role A", "inherited_user_roles_plus_current_role": ["Role A", "Admin"] }),
            false,
        ),
    ];
    for (roles, manages) in cases {
        let slug = house.link_by("owner").await;
        let token = signed("member", |claims| {
            let entry = entry(claims);
            for optional in ["org_role_structure", "additional_roles", "url_safe_org_name", "org_metadata"] {
                entry.as_object_mut().unwrap().remove(optional);
            }
            entry.as_object_mut().unwrap().extend(roles.as_object().unwrap().clone());
        });
        let call = Call::of("delete").slug(&slug).header("authorization", &format!("Bearer {token}"));
        assert_eq!(call.send(&house).await.status, if manages { 200 } else { 403 }, "{roles}");
    }
}

#[tokio::test]
async fn the_roles_that_manage_any_link_are_configured() {
    let house = House::with(&[("AUTH_ADMIN_ROLES", "Boss, Editor")]).await;
    let slug = house.link_by("member").await;
    Call::of("delete").by("owner").slug(&slug).send(&house).await.is_problem(403, "forbidden");
    let editor =
        signed("owner", |claims| entry(claims)["inherited_user_roles_plus_current_role"] = json!(["Editor"]));
    let call = Call::of("delete").slug(&slug).header("authorization", &format!("Bearer {editor}"));
    assert_eq!(call.send(&house).await.status, 200);
}

/// A running issuer that counts how often it is asked for its key.
struct RunningIssuer {
    issuer: Issuer,
    url: String,
    asked: Arc<AtomicUsize>,
    broken: Arc<AtomicUsize>,
}

impl RunningIssuer {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let issuer = Issuer::new(&url, KEY.clone());
        let (asked, broken) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let state = (Arc::clone(&asked), Arc::clone(&broken));
        let router = issuer.clone().router().layer(from_fn_with_state(state, count));
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { issuer, url, asked, broken }
    }

    fn functions(&self, house: &House) -> Functions {
        let settings = engine_settings(&house.url);
        let auth = [("AUTH_ISSUER", self.url.as_str()), ("AUTH_API_KEY", API_KEY)];
        Functions::new(&settings.overridden_by(auth.into_iter().collect())).unwrap()
    }

    fn call(&self, now: Timestamp) -> Call {
        let token = self.issuer.mint(User::named("member").unwrap(), None, now, 1440).unwrap();
        Call::of("list").header("authorization", &format!("Bearer {token}"))
    }
}

type Counters = (Arc<AtomicUsize>, Arc<AtomicUsize>);

async fn count(State((asked, broken)): State<Counters>, request: Request, next: Next) -> Response {
    asked.fetch_add(1, SeqCst);
    match broken.load(SeqCst) {
        0 => next.run(request).await,
        1 => axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        2 => "x".repeat(70_000).into_response(),
        3 => axum::Json(json!({ "verifier_key_pem": "nothing" })).into_response(),
        _ => axum::response::Redirect::temporary("/elsewhere").into_response(),
    }
}

fn after(start: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::try_from(start.millis() + seconds * 1000).unwrap()
}

#[tokio::test]
async fn the_key_is_fetched_once_and_again_after_a_rotation_without_a_restart() {
    let house = House::open().await;
    let running = RunningIssuer::start().await;
    let functions = running.functions(&house);
    let start = Timestamp::now();
    let old = running.call(start);
    for _ in 0..3 {
        assert_eq!(old.send_to(&functions, start).await.status, 200);
    }
    assert_eq!(running.asked.load(SeqCst), 1);

    running.issuer.rotate(Key::from_pem(&Key::generate().unwrap()).unwrap());
    let new = running.call(start);
    new.send_to(&functions, after(start, 59)).await.is_problem(401, "unauthenticated");
    assert_eq!(running.asked.load(SeqCst), 1, "at most one fetch a minute");
    assert_eq!(new.send_to(&functions, after(start, 60)).await.status, 200);
    assert_eq!(running.asked.load(SeqCst), 2);
    old.send_to(&functions, after(start, 61)).await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_clock_that_jumps_back_ends_the_rest_between_two_fetches() {
    let house = House::open().await;
    let running = RunningIssuer::start().await;
    let functions = running.functions(&house);
    let start = Timestamp::now();
    assert_eq!(running.call(start).send_to(&functions, start).await.status, 200);
    running.issuer.rotate(Key::from_pem(&Key::generate().unwrap()).unwrap());
    let earlier = after(start, -30);
    assert_eq!(running.call(earlier).send_to(&functions, earlier).await.status, 200);
}

#[tokio::test]
async fn a_token_that_is_expired_or_malformed_or_foreign_never_causes_a_fetch() {
    let house = House::open().await;
    let running = RunningIssuer::start().await;
    let functions = running.functions(&house);
    let start = Timestamp::now();
    assert_eq!(running.call(start).send_to(&functions, start).await.status, 200);
    running.issuer.rotate(Key::from_pem(&Key::generate().unwrap()).unwrap());

    let much_later = after(start, 2 * 86_400);
    running.call(start).send_to(&functions, much_later).await.is_problem(401, "unauthenticated");
    for token in ["a.b.c".to_owned(), token("member"), "x".repeat(17_000)] {
        let call = Call::of("list").header("authorization", &format!("Bearer {token}"));
        call.send_to(&functions, after(start, 120)).await.is_problem(401, "unauthenticated");
    }
    assert_eq!(running.asked.load(SeqCst), 1);
}

#[tokio::test]
async fn no_key_at_all_is_503_and_an_old_key_outlives_its_issuer() {
    let house = House::open().await;
    let running = RunningIssuer::start().await;
    let start = Timestamp::now();
    for fault in [1, 2, 3, 4] {
        let functions = running.functions(&house);
        running.broken.store(fault, SeqCst);
        let asked = running.asked.load(SeqCst);
        let answer = running.call(start).send_to(&functions, start).await;
        assert_eq!(answer.is_problem(503, "unavailable").headers["retry-after"], "1");
        running.call(start).send_to(&functions, after(start, 4)).await.is_problem(503, "unavailable");
        assert_eq!(running.asked.load(SeqCst) - asked, 1, "an issuer in trouble is left in peace");

        running.broken.store(0, SeqCst);
        assert_eq!(running.call(start).send_to(&functions, after(start, 5)).await.status, 200);
        running.broken.store(fault, SeqCst);
        assert_eq!(running.call(start).send_to(&functions, after(start, 500)).await.status, 200);
    }
}

#[tokio::test]
async fn an_issuer_that_nobody_answers_for_is_503() {
    let house = House::open().await;
    let auth = [("AUTH_ISSUER", "http://127.0.0.1:1"), ("AUTH_API_KEY", API_KEY)];
    let functions =
        Functions::new(&engine_settings(&house.url).overridden_by(auth.into_iter().collect())).unwrap();
    let token = signed("member", |claims| claims["iss"] = "http://127.0.0.1:1".into());
    let call = Call::of("list").header("authorization", &format!("Bearer {token}"));
    call.send_to(&functions, Timestamp::now()).await.is_problem(503, "unavailable");
}

/// Sends a call fifty times at once and gives the statuses.
async fn fifty_times(functions: &Arc<Functions>, call: &Call, now: Timestamp) -> Vec<u64> {
    let sent: Vec<_> = (0..50)
        .map(|_| {
            let (functions, call) = (Arc::clone(functions), call.clone());
            tokio::spawn(async move { call.send_to(&functions, now).await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for answer in sent {
        statuses.push(answer.await.unwrap());
    }
    statuses
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_requests_at_once_fetch_a_key_once() {
    let house = House::open().await;
    let running = RunningIssuer::start().await;
    let functions = Arc::new(running.functions(&house));
    let start = Timestamp::now();
    running.broken.store(1, SeqCst);
    assert_eq!(fifty_times(&functions, &running.call(start), start).await, [503; 50]);
    assert_eq!(running.asked.load(SeqCst), 1);

    running.broken.store(0, SeqCst);
    assert_eq!(fifty_times(&functions, &running.call(start), after(start, 5)).await, [200; 50]);
    assert_eq!(running.asked.load(SeqCst), 2);

    running.issuer.rotate(Key::from_pem(&Key::generate().unwrap()).unwrap());
    assert_eq!(fifty_times(&functions, &running.call(start), after(start, 65)).await, [200; 50]);
    assert_eq!(running.asked.load(SeqCst), 3);
}

#[tokio::test]
async fn a_token_that_is_not_our_issuers_never_causes_the_first_fetch() {
    let house = House::open().await;
    let running = RunningIssuer::start().await;
    let functions = running.functions(&house);
    Call::of("list").send_to(&functions, Timestamp::now()).await.is_problem(401, "unauthenticated");
    assert_eq!(running.asked.load(SeqCst), 0);
}

/// The public half of 1,024 bits.
const WEAK_KEY: &str = "-----BEGIN PUBLIC KEY-----\nMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDDMP0dKvC/tGeqbulq2rNUD3cG\ngdYwDe2P7ZWOeRwj0068MF20a3AFpAxr77D4ncXaqMo6CSRmqrktXfko3XEvrHbJ\nvqRm4St/sFPhD/oyyFelGFP8aWxCjq6jwpQs2yNLrf/QIste7ISl1x2fn7hhMF3q\nC9yyboi+3GKJSMNq1wIDAQAB\n-----END PUBLIC KEY-----";

#[test]
fn a_setting_that_is_missing_or_malformed_is_named_in_a_sentence() {
    let settings = settings();
    let private = Key::generate().unwrap();
    let cases = [
        ("AUTH_ISSUER", "", "the setting AUTH_ISSUER is missing"),
        (
            "AUTH_VERIFIER_KEY",
            "",
            "the setting AUTH_VERIFIER_KEY is missing, and so is AUTH_API_KEY to fetch the key by",
        ),
        ("AUTH_VERIFIER_KEY", "key", "the setting AUTH_VERIFIER_KEY is no RSA public key in PEM"),
        (
            "AUTH_VERIFIER_KEY",
            &private,
            "the setting AUTH_VERIFIER_KEY is a private key; give the public one, and treat the private one as leaked",
        ),
        (
            "AUTH_VERIFIER_KEY",
            WEAK_KEY,
            "the setting AUTH_VERIFIER_KEY is an RSA key of fewer than 2,048 bits",
        ),
        ("AUTH_ADMIN_ROLES", "Owner,,Admin", "the setting AUTH_ADMIN_ROLES has an empty role"),
    ];
    for (name, value, sentence) in cases {
        let settings = settings.clone().overridden_by([(name, value)].into_iter().collect());
        assert_eq!(Verifier::from_settings(&settings).unwrap_err().to_string(), sentence);
    }
}

#[tokio::test]
async fn a_pem_whose_line_ends_are_written_out_is_read() {
    let escaped = KEY.public_pem().trim().replace("\r\n", "\n").replace('\n', "\\n");
    let house = House::with(&[("AUTH_VERIFIER_KEY", &escaped)]).await;
    assert_eq!(Call::of("list").send(&house).await.status, 200);
}

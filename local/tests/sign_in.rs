//! Signing in at the local issuer, over HTTP and through the guard, like a browser and a client.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use local::issuer::{Key, TokenEndpoint};
use local::stack::{Options, Stack};
use local::users::{ACME, GLOBEX, USERS, many};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use url::Url;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// A running stack, and a client that follows no redirect and stores no cookie.
struct App {
    stack: Stack,
    client: Client,
}

/// The parameters of a request for a code, in order.
type Parameters = Vec<(&'static str, String)>;

impl App {
    async fn start() -> Self {
        let options = Options {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            auth_port: 0,
            dynamodb_port: 0,
            allow_hosts: Vec::new(),
            data_dir: None,
            overrides: [("SHORT_BASE_URL", "https://go.example.com")].into_iter().collect(),
        };
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { stack: Stack::start(options).await.unwrap(), client }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.stack.auth)
    }

    fn authorize_url(&self, parameters: &Parameters) -> Url {
        Url::parse_with_params(&self.url("/propelauth/oauth/authorize"), parameters).unwrap()
    }

    async fn authorize(&self, parameters: &Parameters, cookie: Option<&str>) -> Response {
        let request = self.client.get(self.authorize_url(parameters));
        with_cookie(request, cookie).send().await.unwrap()
    }

    /// Presses a user's button on the login page.
    fn press(&self, parameters: &Parameters, user: &str) -> RequestBuilder {
        let mut url = self.authorize_url(parameters);
        url.set_path("/login");
        form(self.client.post(url), &[("user", user)])
    }

    /// Signs in and returns the code.
    async fn code(&self, parameters: &Parameters, user: &str) -> String {
        let answer = self.press(parameters, user).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        query(&location(&answer))["code"].as_str().unwrap().to_owned()
    }

    fn exchange(&self, code: &str) -> RequestBuilder {
        self.exchange_with(&exchange_form(code))
    }

    fn exchange_with(&self, fields: &[(&str, &str)]) -> RequestBuilder {
        form(self.client.post(self.url("/propelauth/oauth/token")), fields)
    }

    /// The tokens of a user.
    async fn tokens(&self, parameters: &Parameters, user: &str) -> Value {
        let answer = self.exchange(&self.code(parameters, user).await).send().await.unwrap();
        assert_eq!(
            (answer.status(), &answer.headers()["cache-control"]),
            (StatusCode::OK, &"no-store".parse().unwrap())
        );
        answer.json().await.unwrap()
    }

    /// The status of a list of an organization's links with a token.
    async fn list(&self, token: &str, organization: &str) -> u16 {
        let url = format!("{}/{organization}/link", self.stack.api);
        self.client.get(url).bearer_auth(token).send().await.unwrap().status().as_u16()
    }
}

fn exchange_form(code: &str) -> [(&'static str, &str); 5] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", "https://go.example.com/-/callback"),
        ("client_id", "local-client"),
        ("code_verifier", VERIFIER),
    ]
}

/// A valid request for a code.
fn parameters() -> Parameters {
    vec![
        ("response_type", "code".to_owned()),
        ("client_id", "local-client".to_owned()),
        ("redirect_uri", "https://go.example.com/-/callback".to_owned()),
        ("state", "a b&c=d".to_owned()),
        ("code_challenge", BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()))),
        ("code_challenge_method", "S256".to_owned()),
    ]
}

/// The valid request with one parameter changed, or left out.
fn with(name: &'static str, value: Option<&str>) -> Parameters {
    let others = parameters().into_iter().filter(|(other, _)| *other != name);
    others.chain(value.map(|value| (name, value.to_owned()))).collect()
}

fn with_cookie(request: RequestBuilder, cookie: Option<&str>) -> RequestBuilder {
    match cookie {
        Some(cookie) => request.header("cookie", cookie),
        None => request,
    }
}

fn form(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    request.header("content-type", "application/x-www-form-urlencoded").body(body)
}

fn location(answer: &Response) -> Url {
    answer.headers()["location"].to_str().unwrap().parse().unwrap()
}

/// The query parameters, each of which occurs once.
fn query(url: &Url) -> Value {
    let pairs: Vec<_> = url.query_pairs().into_owned().collect();
    let object: Value = pairs.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    assert_eq!(object.as_object().unwrap().len(), pairs.len(), "{url}");
    object
}

/// The name, value and attributes of the cookie that a response sets.
fn set_cookie(answer: &Response) -> (String, String) {
    let header = answer.headers()["set-cookie"].to_str().unwrap();
    let (pair, attributes) = header.split_once("; ").unwrap();
    (pair.to_owned(), attributes.to_owned())
}

fn claims(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

async fn error(request: RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    (status, body["error"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_code_is_exchanged_for_a_token_that_the_api_accepts() {
    let app = App::start().await;
    for (user, acme, globex) in [
        ("owner", 200, 403),
        ("member", 200, 403),
        ("colleague", 200, 200),
        ("outsider", 403, 200),
        ("stranger", 403, 403),
    ] {
        let answer = app.press(&parameters(), user).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let back = location(&answer);
        assert!(back.as_str().starts_with("https://go.example.com/-/callback?code="), "{back}");
        let answered = query(&back);
        assert_eq!((&answered["state"], &answered["iss"]), (&json!("a b&c=d"), &json!(app.stack.auth)));
        assert_eq!(answered.as_object().unwrap().len(), 3);
        let tokens: Value =
            app.exchange(answered["code"].as_str().unwrap()).send().await.unwrap().json().await.unwrap();
        assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(1800)));
        assert!(tokens.get("id_token").is_none() && tokens.get("refresh_token").is_none());
        let token = tokens["access_token"].as_str().unwrap();
        assert_eq!(
            (app.list(token, ACME.id).await, app.list(token, GLOBEX.id).await),
            (acme, globex),
            "{user}"
        );
    }
}

#[tokio::test]
async fn an_unknown_client_or_redirect_uri_is_a_page_and_never_a_redirect() {
    let app = App::start().await;
    for (name, value) in [
        ("client_id", None),
        ("client_id", Some("")),
        ("client_id", Some("LOCAL-CLIENT")),
        ("redirect_uri", None),
        ("redirect_uri", Some("https://go.example.com/-/callback/")),
        ("redirect_uri", Some("https://go.example.com/-/callback?x=1")),
        ("redirect_uri", Some("https://GO.example.com/-/callback")),
        ("redirect_uri", Some("http://go.example.com/-/callback")),
        ("redirect_uri", Some("https://evil.example/-/callback")),
        ("redirect_uri", Some("//evil.example")),
    ] {
        let parameters = with(name, value);
        for answer in
            [app.authorize(&parameters, None).await, app.press(&parameters, "member").send().await.unwrap()]
        {
            assert_eq!(answer.status(), 400, "{name} {value:?}");
            assert!(
                answer.headers().get("location").is_none() && answer.headers().get("set-cookie").is_none()
            );
        }
    }
    for name in ["client_id", "redirect_uri"] {
        let mut twice = parameters();
        let first = twice.iter().find(|(other, _)| *other == name).unwrap().clone();
        twice.push(first);
        assert_eq!(app.authorize(&twice, None).await.status(), 400, "{name} twice");
    }
}

#[tokio::test]
async fn other_errors_are_reported_to_the_client_with_its_state() {
    let app = App::start().await;
    let twice: Parameters =
        parameters().into_iter().chain([("scope", "a".to_owned()), ("scope", "b".to_owned())]).collect();
    for (parameters, error) in [
        (with("response_type", None), "unsupported_response_type"),
        (with("response_type", Some("token")), "unsupported_response_type"),
        (with("response_type", Some("code id_token")), "unsupported_response_type"),
        (with("code_challenge", None), "invalid_request"),
        (with("code_challenge", Some("too-short")), "invalid_request"),
        (with("code_challenge_method", None), "invalid_request"),
        (with("code_challenge_method", Some("plain")), "invalid_request"),
        (with("prompt", Some("consent")), "invalid_request"),
        (with("prompt", Some("none login")), "invalid_request"),
        (with("prompt", Some("none")), "login_required"),
        (twice, "invalid_request"),
    ] {
        let answer = app.authorize(&parameters, None).await;
        assert_eq!(answer.status(), 302, "{parameters:?}");
        let answered = query(&location(&answer));
        assert_eq!(
            (&answered["error"], &answered["state"]),
            (&json!(error), &json!("a b&c=d")),
            "{parameters:?}"
        );
        assert_eq!((&answered["iss"], answered.get("code")), (&json!(app.stack.auth), None));
    }
}

#[tokio::test]
async fn with_a_session_the_code_comes_at_once_unless_the_client_lets_the_user_choose() {
    let app = App::start().await;
    let answer = app.press(&parameters(), "member").send().await.unwrap();
    let (cookie, attributes) = set_cookie(&answer);
    assert!(cookie.starts_with("signpost-issuer="), "ports share cookies, so its name is its own: {cookie}");
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Lax");
    for prompt in [None, Some("none")] {
        let answer = app.authorize(&with("prompt", prompt), Some(&cookie)).await;
        assert_eq!(answer.status(), 302, "{prompt:?}");
        let code = query(&location(&answer))["code"].as_str().unwrap().to_owned();
        let tokens: Value = app.exchange(&code).send().await.unwrap().json().await.unwrap();
        assert_eq!(claims(&tokens["access_token"])["first_name"], "Maya");
    }
    for prompt in ["login", "select_account"] {
        let answer = app.authorize(&with("prompt", Some(prompt)), Some(&cookie)).await;
        assert_eq!(answer.status(), 200, "{prompt}");
        let page = answer.text().await.unwrap();
        assert_eq!(page.matches("Signed in<").count(), 1, "it says who is signed in");
    }
    // The next sign-in ends the earlier session.
    let other = app.press(&parameters(), "admin").header("cookie", &cookie).send().await.unwrap();
    let (other, _) = set_cookie(&other);
    assert_ne!(cookie, other);
    for cookie in
        ["signpost-issuer=", "signpost-issuer=guess", &cookie, &format!("{other}; {other}"), "signpost=x"]
    {
        assert_eq!(app.authorize(&parameters(), Some(cookie)).await.status(), 200, "{cookie}");
    }
    assert_eq!(app.authorize(&parameters(), Some(&other)).await.status(), 302);
    let logout = app.client.post(app.url("/api/v1/logout")).header("cookie", &other).send().await.unwrap();
    assert_eq!(
        set_cookie(&logout),
        ("signpost-issuer=".to_owned(), "Path=/; HttpOnly; SameSite=Lax; Max-Age=0".to_owned())
    );
    assert_eq!(logout.json::<Value>().await.unwrap(), json!({ "redirect_to": "https://go.example.com/" }));
    assert_eq!(app.authorize(&parameters(), Some(&other)).await.status(), 200);
}

#[tokio::test]
async fn the_login_page_has_a_button_for_each_user_and_runs_nothing() {
    let app = App::start().await;
    let mut attacked = with("state", Some("\"><script>alert(1)</script>"));
    attacked.push(("org_id", GLOBEX.id.to_owned()));
    let answer = app.authorize(&attacked, None).await;
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert!(policy.contains("base-uri 'none'; frame-ancestors 'none'") && !policy.contains("form-action"));
    for (name, value) in [("cache-control", "no-store"), ("referrer-policy", "same-origin")] {
        assert_eq!(answer.headers()[name], value);
    }
    let page = answer.text().await.unwrap();
    assert!(!page.contains("<script") && !page.contains("style="), "{page}");
    assert!(page.contains("asks for a member of <strong>Globex</strong>"));
    assert_eq!(page.matches("<button").count(), USERS.len());
    for user in USERS {
        assert!(page.contains(&format!("name=\"user\" value=\"{}\"", user.name)), "{}", user.name);
        assert!(page.contains(&user.full_name()), "{}", user.name);
    }
    // The form sends the original request.
    let action = page.split("action=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    let answer = form(app.client.post(app.url(&action)), &[("user", "outsider")]).send().await.unwrap();
    assert_eq!(query(&location(&answer))["state"], "\"><script>alert(1)</script>");
    let unknown = app.press(&parameters(), "nobody").send().await.unwrap();
    assert_eq!((unknown.status().as_u16(), unknown.headers().get("set-cookie")), (400, None));
}

#[tokio::test]
async fn only_its_own_pages_can_sign_a_browser_in_or_out() {
    let app = App::start().await;
    for path in ["/login", "/api/v1/logout", "/propelauth/oauth/token"] {
        for (headers, is_allowed) in [
            (vec![("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")], false),
            (vec![("origin", app.stack.api.as_str()), ("sec-fetch-site", "same-site")], false),
            (vec![("origin", "null"), ("sec-fetch-site", "cross-site")], false),
            (
                vec![
                    ("sec-fetch-site", "cross-site"),
                    ("sec-fetch-mode", "navigate"),
                    ("sec-fetch-dest", "document"),
                ],
                false,
            ),
            (vec![("origin", app.stack.auth.as_str()), ("sec-fetch-site", "same-origin")], true),
        ] {
            let mut url = app.authorize_url(&parameters());
            url.set_path(path);
            let mut request = form(app.client.post(url), &[("user", "member")]);
            for (name, value) in &headers {
                request = request.header(*name, *value);
            }
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status() != 403, is_allowed, "{path} {headers:?}");
            assert!(is_allowed || answer.headers().get("set-cookie").is_none(), "{path} {headers:?}");
        }
    }
    // A browser can be sent there from any site.
    for site in ["cross-site", "same-site", "none"] {
        let request = app.client.get(app.authorize_url(&parameters())).header("sec-fetch-site", site);
        let request = request.header("sec-fetch-mode", "navigate").header("sec-fetch-dest", "document");
        assert_eq!(request.send().await.unwrap().status(), 200, "{site}");
    }
}

#[tokio::test]
async fn a_code_works_once_and_only_for_the_client_that_requested_it() {
    let app = App::start().await;
    let code = app.code(&parameters(), "member").await;
    assert_eq!(app.exchange(&code).send().await.unwrap().status(), 200);
    assert_eq!(error(app.exchange(&code)).await, (400, "invalid_grant".to_owned()));
    for (field, value) in [
        ("redirect_uri", Some("https://go.example.com/-/callback/")),
        ("redirect_uri", None),
        ("code_verifier", Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl")),
        ("code_verifier", Some("")),
        ("code_verifier", None),
    ] {
        let code = app.code(&parameters(), "member").await;
        let fields = exchange_form(&code).into_iter().filter(|(name, _)| *name != field);
        let fields: Vec<_> = fields.chain(value.map(|value| (field, value))).collect();
        assert_eq!(
            error(app.exchange_with(&fields)).await,
            (400, "invalid_grant".to_owned()),
            "{field} {value:?}"
        );
        // The failed attempt has used it up.
        assert_eq!(error(app.exchange(&code)).await, (400, "invalid_grant".to_owned()), "{field} {value:?}");
    }
    assert_eq!(error(app.exchange("guess")).await, (400, "invalid_grant".to_owned()));
    let code = app.code(&parameters(), "member").await;
    for (fields, expected) in [
        (vec![("client_id", "local-client"), ("code", &code)], "invalid_request"),
        (vec![("client_id", "local-client"), ("grant_type", "authorization_code")], "invalid_request"),
        (vec![("client_id", "local-client"), ("grant_type", "refresh_token")], "unsupported_grant_type"),
        (vec![("client_id", "local-client"), ("client_id", "local-client")], "invalid_request"),
    ] {
        assert_eq!(error(app.exchange_with(&fields)).await, (400, expected.to_owned()), "{fields:?}");
    }
    let json = app.client.post(app.url("/propelauth/oauth/token")).json(&json!({ "code": code }));
    assert_eq!(error(json).await, (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn the_client_is_public_or_proves_itself_and_a_wrong_secret_is_refused() {
    let app = App::start().await;
    let without_client = |code: &str| -> Vec<(&'static str, String)> {
        let fields = exchange_form(code).into_iter().filter(|(name, _)| *name != "client_id");
        fields.map(|(name, value)| (name, value.to_owned())).collect()
    };
    let send = async |client_id: Option<&str>, field: Option<&str>, basic: Option<(&str, &str)>| {
        let code = app.code(&parameters(), "member").await;
        let mut fields = without_client(&code);
        fields.extend(client_id.map(|id| ("client_id", id.to_owned())));
        fields.extend(field.map(|secret| ("client_secret", secret.to_owned())));
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut request = app.exchange_with(&fields);
        if let Some((id, secret)) = basic {
            request = request.basic_auth(id, Some(secret));
        }
        request.send().await.unwrap()
    };
    let (id, secret) = ("local-client", "local-secret");
    for (client_id, field, basic) in [
        (Some(id), None, None),
        (Some(id), Some(secret), None),
        (None, None, Some((id, secret))),
        (Some(id), None, Some((id, secret))),
    ] {
        assert_eq!(send(client_id, field, basic).await.status(), 200, "{client_id:?} {field:?} {basic:?}");
    }
    for (client_id, field, basic) in [
        (None, None, None),
        (Some("other"), None, None),
        (Some(id), Some("wrong"), None),
        (Some(id), Some(""), None),
        (None, None, Some((id, "wrong"))),
        (None, None, Some((id, ""))),
        (None, None, Some(("other", secret))),
        (Some("other"), None, Some((id, secret))),
    ] {
        let answer = send(client_id, field, basic).await;
        assert_eq!(answer.status(), 401, "{client_id:?} {field:?} {basic:?}");
        assert!(answer.headers().contains_key("www-authenticate"));
        assert_eq!(answer.json::<Value>().await.unwrap()["error"], "invalid_client");
    }
    assert_eq!(send(Some(id), Some(secret), Some((id, secret))).await.status(), 400);
}

#[tokio::test]
async fn an_organization_makes_the_token_smaller_and_only_for_its_members() {
    let app = App::start().await;
    for (user, organization, only) in [
        ("colleague", ACME.id, true),
        ("colleague", GLOBEX.id, true),
        ("outsider", ACME.id, false),
        ("member", "unknown", false),
    ] {
        let tokens = app.tokens(&with("org_id", Some(organization)), user).await;
        let claims = claims(&tokens["access_token"]);
        let named = claims["org_member_info"]["org_id"] == organization;
        assert_eq!(
            (named, claims.get("org_id_to_org_member_info").is_none()),
            (only, only),
            "{user} {organization}"
        );
    }
    let answer = app.press(&with("org_id", Some(ACME.id)), "colleague").send().await.unwrap();
    let (cookie, _) = set_cookie(&answer);
    // The next request without an organization gets all of them.
    let code = query(&location(&app.authorize(&parameters(), Some(&cookie)).await));
    let tokens: Value =
        app.exchange(code["code"].as_str().unwrap()).send().await.unwrap().json().await.unwrap();
    assert_eq!(claims(&tokens["access_token"])["org_id_to_org_member_info"].as_object().unwrap().len(), 2);
}

#[tokio::test]
async fn the_scope_openid_adds_an_id_token_and_userinfo_returns_the_same() {
    let app = App::start().await;
    let mut parameters = with("scope", Some("openid email"));
    parameters.push(("nonce", "n-0S6".to_owned()));
    let tokens = app.tokens(&parameters, "member").await;
    let id_token = claims(&tokens["id_token"]);
    for (claim, value) in [
        ("iss", json!(app.stack.auth)),
        ("aud", json!("local-client")),
        ("nonce", json!("n-0S6")),
        ("sub", json!(USERS[2].id)),
        ("email", json!("member@signpost.test")),
        ("email_verified", json!(true)),
        ("name", json!("Maya Rao")),
    ] {
        assert_eq!(id_token[claim], value, "{claim}");
    }
    assert_eq!(id_token["exp"].as_i64().unwrap() - id_token["iat"].as_i64().unwrap(), 1800);
    assert!(
        claims(&app.tokens(&with("scope", Some("openid")), "member").await["id_token"])
            .get("nonce")
            .is_none()
    );

    let access_token = tokens["access_token"].as_str().unwrap();
    let ask = async |token: &str| {
        let request = app.client.get(app.url("/propelauth/oauth/userinfo"));
        let answer = request.header("authorization", format!("Bearer {token}")).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap_or_default())
    };
    let (status, profile) = ask(access_token).await;
    assert_eq!((status, &profile["sub"], &profile["name"]), (200, &id_token["sub"], &id_token["name"]));
    for refused in
        ["", "guess", tokens["id_token"].as_str().unwrap(), &access_token[..access_token.len() - 4]]
    {
        assert_eq!(ask(refused).await.0, 401, "{refused}");
    }
}

#[tokio::test]
async fn the_endpoints_are_those_that_discovery_names() {
    let app = App::start().await;
    let description = app.client.get(app.url("/.well-known/openid-configuration")).send().await.unwrap();
    let description: Value = description.json().await.unwrap();
    assert_eq!(description["issuer"], app.stack.auth);
    for (name, path) in [
        ("authorization_endpoint", "/propelauth/oauth/authorize"),
        ("token_endpoint", "/propelauth/oauth/token"),
        ("userinfo_endpoint", "/propelauth/oauth/userinfo"),
        ("jwks_uri", "/.well-known/jwks.json"),
    ] {
        assert_eq!(description[name], app.url(path));
        assert_ne!(app.client.get(app.url(path)).send().await.unwrap().status(), 404, "{name}");
    }
    assert_eq!(description["response_types_supported"], json!(["code"]));
    assert_eq!(description["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(description["authorization_response_iss_parameter_supported"], true);
    // PropelAuth has none either.
    assert!(description.get("end_session_endpoint").is_none());
}

#[tokio::test]
async fn a_test_can_make_it_slow_down_rotate_keys_and_issue_expired_or_large_tokens() {
    let app = App::start().await;
    let issuer = &app.stack.issuer;
    let code = app.code(&parameters(), "member").await;
    issuer.set_token_endpoint(TokenEndpoint::Down);
    assert_eq!(app.exchange(&code).send().await.unwrap().status(), 503);
    issuer.set_token_endpoint(TokenEndpoint::Slow(Duration::from_secs(600)));
    let impatient = app.exchange(&code).timeout(Duration::from_millis(200)).send().await;
    assert!(impatient.unwrap_err().is_timeout());
    issuer.set_token_endpoint(TokenEndpoint::Up);
    let tokens: Value = app.exchange(&code).send().await.unwrap().json().await.unwrap();
    assert_eq!(app.list(tokens["access_token"].as_str().unwrap(), ACME.id).await, 200);

    issuer.set_token_minutes(-5);
    let expired = app.tokens(&parameters(), "member").await;
    assert_eq!(app.list(expired["access_token"].as_str().unwrap(), ACME.id).await, 401);
    issuer.set_token_minutes(30);

    assert_eq!(app.press(&parameters(), "many").send().await.unwrap().status(), 400);
    issuer.add_user(many());
    let crowded = app.tokens(&parameters(), "many").await;
    let token = crowded["access_token"].as_str().unwrap();
    assert!(token.len() > 3_900, "{} bytes", token.len());
    let first = many().roles[0].0.id;
    assert_eq!(app.list(token, first).await, 200);
    assert!(
        app.tokens(&with("org_id", Some(first)), "many").await["access_token"].as_str().unwrap().len()
            < 3_900
    );

    issuer.rotate(Key::from_pem(&Key::generate().unwrap()).unwrap());
    let rotated = app.tokens(&parameters(), "member").await;
    let jwks: Value =
        app.client.get(app.url("/.well-known/jwks.json")).send().await.unwrap().json().await.unwrap();
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 1);
    let userinfo = app.client.get(app.url("/propelauth/oauth/userinfo"));
    let profile = userinfo.bearer_auth(rotated["access_token"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(profile.status(), 200);
}

//! Tests the sign-in at the local issuer, with the requests of a browser and an OAuth client. The requests pass the
//! guard.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests fail by panicking")]

mod pages;
mod tokens;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use local::stack::{Options, Stack};
use local::users::{ACME, GLOBEX};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};
use url::Url;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// A running stack, and an HTTP client that neither follows redirects nor stores cookies.
struct App {
    stack: Stack,
    client: Client,
}

/// The parameters of an authorization request, in order.
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

    /// Returns the request that the login page sends after a click on a user's button.
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

    /// Signs in as a user, and returns the tokens.
    async fn tokens(&self, parameters: &Parameters, user: &str) -> Value {
        let answer = self.exchange(&self.code(parameters, user).await).send().await.unwrap();
        assert_eq!(
            (answer.status(), &answer.headers()["cache-control"]),
            (StatusCode::OK, &"no-store".parse().unwrap())
        );
        answer.json().await.unwrap()
    }

    /// Sends a token in a request for an organization's links, and returns the status.
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

/// The parameters of a valid authorization request.
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

/// The parameters of the valid request, with one changed or omitted.
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

/// Returns the query parameters, and asserts that each occurs only once.
fn query(url: &Url) -> Value {
    let pairs: Vec<_> = url.query_pairs().into_owned().collect();
    let object: Value = pairs.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    assert_eq!(object.as_object().unwrap().len(), pairs.len(), "{url}");
    object
}

/// Returns the cookie that a response sets: its name and value, and its attributes.
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
    assert!(
        cookie.starts_with("signpost-issuer="),
        "all ports share cookies, so the issuer's cookie needs a name of its own: {cookie}"
    );
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
        assert_eq!(page.matches("Signed in<").count(), 1, "the page says who is signed in");
    }
    // Another sign-in ends the earlier session.
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
    // PropelAuth does not have this endpoint either.
    assert!(description.get("end_session_endpoint").is_none());
}

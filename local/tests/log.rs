//! Tests what the functions log about changes, and that neither the log nor a response ever contains a secret.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests fail by panicking")]

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use local::users::{ACME, GLOBEX, User};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// A running Signpost whose output can be read. It is killed when dropped.
struct Running {
    child: Child,
    api: String,
    auth: String,
    /// The lines that the process has printed since it became ready.
    stdout: Receiver<String>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn start(environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        command.args(["--ephemeral", "--port", "0", "--auth-port", "0", "--dynamodb-port", "0"]);
        command.env_remove("AUTH_ISSUER").envs(environment.iter().copied()).stdin(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let printed: Vec<String> = lines.by_ref().take_while(|line| line != "Signpost is ready").collect();
        let address = |label: &str| {
            let line = printed.iter().find(|line| line.starts_with(label)).unwrap();
            line.split_whitespace().nth(1).unwrap().to_owned()
        };
        let (api, auth) = (address("API"), address("sign-in"));
        let (sender, stdout) = channel();
        thread::spawn(move || lines.for_each(|line| drop(sender.send(line))));
        Self { child, api, auth, stdout }
    }

    fn call(&self, method: Method, path: &str, credential: &str) -> RequestBuilder {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        client.request(method, format!("{}{path}", self.api)).bearer_auth(credential)
    }

    async fn token(&self, user: &str) -> String {
        let user = User::named(user).unwrap();
        let request = Client::new().post(format!("{}/api/backend/v1/access_token", self.auth));
        let request = request.bearer_auth("local-api-key");
        let answer =
            request.json(&json!({ "user_id": user.id, "duration_in_minutes": 5 })).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned()
    }

    /// Returns the next line of the log.
    fn line(&self) -> Value {
        serde_json::from_str(&self.stdout.recv_timeout(Duration::from_secs(10)).unwrap()).unwrap()
    }

    /// Stops the process, and returns the rest of its output.
    fn rest(mut self) -> String {
        self.child.kill().unwrap();
        let mut printed = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut printed).unwrap();
        printed.extend(self.stdout.iter().map(|line| format!("{line}\n")));
        printed
    }
}

/// Returns those fields of an audit line that the tests compare.
fn audit_entry(line: &Value) -> Value {
    for member in ["timestamp", "request_id"] {
        assert!(!line[member].as_str().unwrap().is_empty(), "{line}");
    }
    assert_eq!((&line["level"], &line["event"]), (&json!("INFO"), &json!("mutation")));
    json!([line["org_id"], line["user_id"], line["route"], line["link"], line["status"], line["outcome"]])
}

#[tokio::test]
async fn each_change_is_one_audit_line_with_user_action_and_outcome() {
    let running = Running::start(&[]);
    let (member, colleague) = (User::named("member").unwrap().id, User::named("colleague").unwrap().id);
    let (member_token, colleague_token) = (running.token("member").await, running.token("colleague").await);
    let path = |rest: &str| format!("/{}/link{rest}", ACME.id);
    let send = async |method, path: &str, credential: &str, body: Value| {
        running.call(method, path, credential).json(&body).send().await.unwrap().status().as_u16()
    };
    let link = json!({ "id": "launch", "url": "https://example.com/secret-target" });
    let create = "POST /{org_id}/link";
    for (status, outcome, slug) in [(201, "done", json!("launch")), (409, "slug_taken", Value::Null)] {
        assert_eq!(send(Method::POST, &path(""), &member_token, link.clone()).await, status);
        assert_eq!(audit_entry(&running.line()), json!([ACME.id, member, create, slug, status, outcome]));
    }
    // A read is not logged, nor is a request without valid authentication.
    assert_eq!(send(Method::GET, &path(""), &member_token, Value::Null).await, 200);
    assert_eq!(send(Method::DELETE, &path("/launch"), "x.y.z", Value::Null).await, 401);

    let update = "PATCH /{org_id}/link/{slug}";
    let edit = json!({ "url": "https://example.com/secret-target-2" });
    assert_eq!(send(Method::PATCH, &path("/launch"), &colleague_token, edit.clone()).await, 403);
    assert_eq!(audit_entry(&running.line()), json!([ACME.id, colleague, update, "launch", 403, "forbidden"]));
    assert_eq!(send(Method::PATCH, &path("/launch"), &member_token, edit).await, 200);
    assert_eq!(audit_entry(&running.line()), json!([ACME.id, member, update, "launch", 200, "done"]));
    assert_eq!(send(Method::PATCH, &path("/launch"), &member_token, json!({ "url": 7 })).await, 422);
    assert_eq!(
        audit_entry(&running.line()),
        json!([ACME.id, member, update, "launch", 422, "validation_failed"])
    );

    let delete = "DELETE /{org_id}/link/{slug}";
    let elsewhere = format!("/{}/link/launch", GLOBEX.id);
    assert_eq!(send(Method::DELETE, &elsewhere, &member_token, Value::Null).await, 403);
    assert_eq!(audit_entry(&running.line()), json!([GLOBEX.id, member, delete, "launch", 403, "forbidden"]));
    assert_eq!(send(Method::DELETE, &path("/launch"), &member_token, Value::Null).await, 200);
    assert_eq!(audit_entry(&running.line()), json!([ACME.id, member, delete, "launch", 200, "done"]));

    // A dry run is not logged unless it fails. The line of an import contains the import's tag.
    let import = |query: &str| format!("/{}/-/import{query}", ACME.id);
    let rows = json!([{ "url": "https://example.com/secret-target", "id": "moved" }]);
    assert_eq!(send(Method::POST, &import("?dry_run=true"), &member_token, rows.clone()).await, 200);
    assert_eq!(send(Method::POST, &import("?dry_run=true"), &member_token, json!(7)).await, 400);
    let imports = "POST /{org_id}/-/import";
    let failed = json!([ACME.id, member, imports, null, 400, "unreadable_file"]);
    assert_eq!(audit_entry(&running.line()), failed);
    let answer = running.call(Method::POST, &import(""), &member_token).json(&rows).send().await.unwrap();
    let tag = answer.json::<Value>().await.unwrap()["import"].clone();
    let line = running.line();
    assert_eq!(audit_entry(&line), json!([ACME.id, member, imports, null, 200, "done"]));
    assert!(tag.is_string() && line["import"] == tag, "{line}");

    let handle = format!("/{}/-/handle", ACME.id);
    let owner = running.token("owner").await;
    assert_eq!(send(Method::GET, &handle, &owner, Value::Null).await, 200);
    assert_eq!(send(Method::PUT, &handle, &owner, json!({ "handle": "acme" })).await, 200);
    let by_owner =
        json!([ACME.id, User::named("owner").unwrap().id, "PUT /{org_id}/-/handle", null, 200, "done"]);
    assert_eq!(audit_entry(&running.line()), by_owner);

    assert_eq!(send(Method::POST, &path(""), &ACME.api_key(), link).await, 201);
    let line = running.line();
    let organization = format!("organization:{}", ACME.id);
    assert_eq!(audit_entry(&line), json!([ACME.id, organization, create, "launch", 201, "done"]));
    assert!(line.get("impersonator_user_id").is_none());
    let printed = running.rest();
    assert!(printed.is_empty(), "{printed}");
}

#[tokio::test]
async fn an_impersonator_is_logged_with_the_user() {
    let key = local::issuer::Key::from_pem(&local::issuer::Key::generate().unwrap()).unwrap();
    let issuer = "https://auth.acme.test";
    let running = Running::start(&[("AUTH_ISSUER", issuer), ("AUTH_VERIFIER_KEY", key.public_pem())]);
    let mut claims = User::named("member").unwrap().claims(None);
    claims["iss"] = issuer.into();
    claims["iat"] = 1.into();
    claims["exp"] = 99_999_999_999_i64.into();
    claims["impersonator_user_id"] = "support-7".into();
    let token = key.sign(&claims).unwrap();
    let request = running.call(Method::POST, &format!("/{}/link", ACME.id), &token);
    let answer = request.json(&json!({ "url": "https://example.com" })).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let line = running.line();
    assert_eq!(line["impersonator_user_id"], "support-7");
    assert_eq!(line["user_id"], User::named("member").unwrap().id);
}

/// Plants secrets wherever a request, a setting or an issuer could contain one: in requests that succeed, that are
/// rejected and that fail. Then searches all output and all responses for these secrets.
#[tokio::test]
async fn no_log_and_no_response_contains_a_token_a_key_or_a_header() {
    const PLANTED: &str = "PLANTEDsecret";
    let running =
        Running::start(&[("AUTH_API_KEY_ROLE", "Owner"), ("RUST_LOG", "trace"), ("RUST_BACKTRACE", "1")]);
    // The issuer of a second Signpost cannot be reached, so the second Signpost logs failures with their causes.
    let failing = Running::start(&[
        ("AUTH_ISSUER", "http://planted-secret-host.invalid"),
        ("AUTH_API_KEY", &format!("{PLANTED}-backend-key")),
        ("AUTH_URL", &format!("http://127.0.0.1:1/{PLANTED}")),
    ]);
    let good = running.token("owner").await;
    let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let claims = json!({
        "iss": "http://planted-secret-host.invalid", "iat": 1, "exp": 99_999_999_999_i64, "user_id": PLANTED,
        "org_id_to_org_member_info": {},
    });
    let forged = |header: &str| format!("{}.{}.{}", part(header), part(&claims.to_string()), part(PLANTED));
    let hex = "deadbeef".repeat(16);
    let credentials = [
        good.clone(),
        User::named("owner").unwrap().api_key(),
        hex.clone(),
        forged(r#"{"alg":"RS256"}"#),
        forged(&format!(r#"{{"alg":"{PLANTED}","kid":"{PLANTED}"}}"#)),
        format!("{good}{PLANTED}"),
        format!("{PLANTED}.{PLANTED}.{PLANTED}"),
        format!("{PLANTED} {PLANTED}"),
    ];
    let mut answers = String::new();
    let link = format!("/{}/link", ACME.id);
    for stack in [&running, &failing] {
        for credential in &credentials {
            for (method, path) in [
                (Method::POST, link.clone()),
                (Method::GET, link.clone()),
                (Method::GET, format!("{link}?limit={PLANTED}")),
                (Method::PATCH, format!("{link}/launch")),
                (Method::DELETE, format!("{link}/launch")),
                (Method::PUT, format!("/{}/-/handle", ACME.id)),
                (Method::GET, format!("/{}/-/open/launch", ACME.id)),
                (Method::GET, format!("/{}/launch", ACME.id)),
            ] {
                for body in
                    [format!(r#"{{"url":"https://example.com/{PLANTED}"}}"#), format!("{{\"{PLANTED}")]
                {
                    let request = stack.call(method.clone(), &path, credential).body(body);
                    let request =
                        request.header("content-type", "application/json").header("cookie", PLANTED);
                    let request =
                        request.header("idempotency-key", PLANTED).header("x-forwarded-for", "203.0.113.77");
                    let answer = request.header("user-agent", PLANTED).send().await.unwrap();
                    answers += &format!("{:?}", answer.headers());
                    // A successful response contains the link's own destination, which this caller may see.
                    let is_link = answer.status().is_success();
                    let text = answer.text().await.unwrap();
                    answers += if is_link { "" } else { &text };
                }
            }
        }
    }
    let printed = running.rest() + &failing.rest();
    assert!(
        printed.contains("\"event\":\"mutation\"") && printed.contains("\"event\":\"failure\""),
        "{printed}"
    );
    let answers = answers.replace("\"location\": ", "");
    let secrets = [
        good.as_str(),
        &hex,
        "planted-secret-host",
        "203.0.113.77",
        "eyJ",
        "local-api-key",
        "Bearer 0f3f",
        "127.0.0.1:1/",
    ];
    for secret in secrets.into_iter().chain([PLANTED]) {
        assert!(!printed.contains(secret), "printed: {secret}\n{printed}");
    }
    for secret in secrets {
        assert!(!answers.contains(secret), "answered: {secret}");
    }
    for answer in answers.split('{').filter(|answer| answer.contains(PLANTED)) {
        assert!(answer.contains("https://example.com/"), "answered: {answer}");
    }
}

/// A token endpoint that repeats the request in its response, as some token endpoints do in their error descriptions.
fn echoing_provider(answers: Vec<(u16, Value)>) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for (status, answer) in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = vec![0; 16_384];
            let length = stream.read(&mut request).unwrap();
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            let mut answer = answer;
            answer["error_description"] = request.into();
            let body = answer.to_string();
            let head =
                format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n");
            let text = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(text.as_bytes()).unwrap();
        }
    });
    url
}

#[tokio::test]
async fn a_failed_sign_in_is_one_line_without_its_secrets() {
    let url = echoing_provider(vec![
        // The first request is for the key, because a starting stack verifies one of its own tokens.
        (500, json!({})),
        (400, json!({ "error": "invalid_grant" })),
        (400, json!({ "error": "planted-error" })),
        (401, json!({ "error": "invalid_client" })),
        (500, json!({})),
        (200, json!({ "access_token": "planted-opaque-token" })),
        (200, json!({ "access_token": "planted-header.planted-claims.planted-signature" })),
        (200, json!({ "planted": 1 })),
    ]);
    let settings =
        [("SIGN_IN_CLIENT_ID", "a-client"), ("SIGN_IN_CLIENT_SECRET", "planted-secret"), ("AUTH_URL", &url)];
    let running = Running::start(&settings);
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let open = async |path: &str, cookie: &str| {
        let request = client.get(format!("{}{path}", running.api)).header("accept", "text/html");
        let request = request.header("sec-fetch-mode", "navigate").header("sec-fetch-dest", "document");
        request.header("cookie", cookie).send().await.unwrap()
    };
    let mut secrets = vec!["planted".to_owned()];
    for (query, level, status, cause) in [
        ("", "WARN", 400, "the provider rejects the code as invalid or expired"),
        ("", "ERROR", 502, "the token endpoint returned status 400: an unknown error"),
        ("", "ERROR", 502, "the token endpoint returned status 401: invalid_client"),
        ("", "ERROR", 503, "the token endpoint returned status 500: no error code"),
        ("", "ERROR", 502, "the provider's token is not a signed JWT"),
        ("", "ERROR", 502, "the provider's token is not a signed JWT"),
        ("", "ERROR", 502, "the token endpoint's response has no access_token"),
        ("&error=planted-error&error_description=planted", "WARN", 403, "an unknown error"),
        ("&error=access_denied", "WARN", 403, "access_denied"),
        ("&iss=https://planted.example", "WARN", 400, "the callback is from a different issuer"),
        ("-planted", "WARN", 400, "this browser has no sign-in in progress with this state"),
    ] {
        let begun = open("/-/sign-in?return_to=/docs", "signpost=planted-session").await;
        assert_eq!(begun.status().as_u16(), 302);
        let cookie = begun.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let parts: Vec<&str> = cookie.split('|').collect();
        secrets.extend(parts[1..4].iter().map(|part| (*part).to_owned()));
        let back = format!("/-/callback?code=planted-code&state={}{query}", parts[1]);
        assert_eq!(open(&back, &cookie).await.status().as_u16(), status, "{cause}");
        let line = running.line();
        assert_eq!((&line["level"], &line["event"]), (&json!(level), &json!("sign_in_failure")), "{line}");
        assert_eq!((&line["status"], &line["route"]), (&json!(status), &json!("GET /-/callback")), "{line}");
        assert!(line["cause"].as_str().unwrap().starts_with(cause), "{line}");
        let members: Vec<&String> = line.as_object().unwrap().keys().collect();
        assert_eq!(members, ["cause", "event", "level", "request_id", "route", "status", "timestamp"]);
        for secret in &secrets {
            assert!(!line.to_string().contains(secret), "{line}");
        }
    }
    let printed = running.rest();
    for secret in secrets {
        assert!(!printed.contains(&secret), "{printed}");
    }
}

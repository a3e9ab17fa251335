//! `cargo run` as a process: its output, its data, and how it ends.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests fail by panicking")]

mod data;
mod kills;
mod settings;

use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

const ACME: &str = local::users::ACME.id;
/// A person's user agent.
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// A running Signpost. It is killed when dropped.
struct Running {
    child: Child,
    /// The pipe is kept open, because a program that prints to a closed pipe is stopped.
    _stdout: BufReader<ChildStdout>,
    api: String,
    auth: String,
    dynamodb: String,
    printed: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A directory for one test. It is deleted afterwards.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("signpost-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn signpost(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.args(arguments).env_remove("AUTH_ISSUER").stdin(Stdio::null());
    for proxy in ["ALL_PROXY", "HTTP_PROXY", "NO_PROXY"] {
        command.env_remove(proxy).env_remove(proxy.to_lowercase());
    }
    command
}

fn port(url: &str) -> &str {
    url.rsplit(':').next().unwrap()
}

impl Running {
    fn start(directory: &Path, ports: [&str; 3]) -> Self {
        Self::start_with(directory, ports, &[])
    }

    fn start_with(directory: &Path, ports: [&str; 3], more: &[&str]) -> Self {
        let flags = ["--port", ports[0], "--auth-port", ports[1], "--dynamodb-port", ports[2], "--data-dir"];
        Self::spawn(signpost(&flags).arg(directory).args(more))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut printed = String::new();
        while !printed.ends_with("Signpost is ready\n") {
            assert_ne!(stdout.read_line(&mut printed).unwrap(), 0, "Signpost ended early: {printed}");
        }
        let address = |label: &str| {
            let line = printed.lines().find(|line| line.starts_with(label)).unwrap();
            line.split_whitespace().nth(1).unwrap().to_owned()
        };
        let (api, auth, dynamodb) = (address("API"), address("sign-in"), address("DynamoDB"));
        Self { child, _stdout: stdout, api, auth, dynamodb, printed }
    }

    fn on_any_ports(directory: &Path) -> Self {
        Self::start(directory, ["0", "0", "0"])
    }

    /// The same ports are used again, because tokens contain the issuer's URL.
    fn ports(&self) -> [String; 3] {
        [&self.api, &self.auth, &self.dynamodb].map(|url| port(url).to_owned())
    }

    fn token(&self, user: &str) -> String {
        let output = signpost(&["token", user, "--auth-port", port(&self.auth)]).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn links(&self) -> String {
        format!("{}/{ACME}/link", self.api)
    }
}

fn sentence(output: &Output) -> String {
    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(!text.contains("panicked"), "{text}");
    text
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

async fn create(client: &reqwest::Client, links: &str, token: &str) -> Option<String> {
    let request = client.post(links).bearer_auth(token).json(&json!({ "url": "https://example.com/" }));
    let answer = request.send().await.ok().filter(|answer| answer.status() == 201)?;
    Some(answer.json::<Value>().await.ok()?["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn its_first_screen_is_short_and_ends_with_its_addresses_and_a_working_hint() {
    let directory = Directory::new();
    let running = Running::on_any_ports(&directory.0);
    let lines: Vec<&str> = running.printed.lines().collect();
    assert!(lines.len() <= 24 && lines.iter().all(|line| line.len() <= 80), "{}", running.printed);
    assert!(!running.printed.contains("eyJ"), "no token is printed unless the user asks for one");
    for user in local::users::USERS {
        let described = |line: &&&str| {
            line.contains(user.name) && line.contains(&user.full_name()) && line.ends_with(&user.describe())
        };
        assert!(lines.iter().any(|line| described(&line)), "{}", user.name);
    }
    let labels: Vec<&str> =
        lines.iter().rev().take(8).filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(labels, ["Signpost", "data", "DynamoDB", "sign-in", "docs", "API", "console"]);

    let hint = lines.iter().find_map(|line| line.split_once("cargo run -- token ")).unwrap().1;
    let arguments: Vec<&str> = ["token"].into_iter().chain(hint.split_whitespace()).collect();
    let output = signpost(&arguments).output().unwrap();
    let token = String::from_utf8(output.stdout).unwrap();
    let answer = client().get(running.links()).bearer_auth(token.trim()).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{hint}");
}

#[tokio::test]
async fn each_user_has_a_token() {
    let directory = Directory::new();
    let running = Running::on_any_ports(&directory.0);
    let users = ["owner", "admin", "member", "colleague", "outsider", "stranger"];
    for (user, status) in users.into_iter().zip([200, 200, 200, 200, 403, 403]) {
        let answer = client().get(running.links()).bearer_auth(running.token(user)).send().await.unwrap();
        assert_eq!(answer.status(), status, "{user}");
    }
}

#[tokio::test]
async fn a_click_before_ctrl_c_is_counted_and_a_host_is_allowed_by_its_flag() {
    let directory = Directory::new();
    let mut running = Running::on_any_ports(&directory.0);
    let (ports, token) = (running.ports(), running.token("member"));
    let slug = create(&client(), &running.links(), &token).await.unwrap();
    for signal in ["-INT", "-TERM"] {
        let visit = client().get(format!("{}/{ACME}/{slug}", running.api)).header("user-agent", BROWSER);
        let visited = visit.send().await.unwrap();
        assert_eq!(visited.status(), 302);
        let pid = running.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        assert!(running.child.wait().unwrap().success());
        running = Running::start(&directory.0, [&ports[0], &ports[1], &ports[2]]);
    }
    let clicks =
        client().get(format!("{}/{slug}/clicks", running.links())).bearer_auth(&token).send().await.unwrap();
    assert_eq!(clicks.json::<Value>().await.unwrap()["total"], 2);

    let by_name =
        |running: &Running| client().get(running.links()).header("host", "host.docker.internal:3000").send();
    assert_eq!(by_name(&running).await.unwrap().status(), 421);
    drop(running);
    let flags = ["--allow-host", "example.test", "--allow-host", "host.docker.internal"];
    let running = Running::start_with(&directory.0, [&ports[0], &ports[1], &ports[2]], &flags);
    assert_eq!(by_name(&running).await.unwrap().status(), 401);
    let malformed =
        signpost(&["--ephemeral", "--allow-host", "http://host.docker.internal"]).output().unwrap();
    assert!(
        sentence(&malformed).contains("expected a host name or an IP address, such as host.docker.internal")
    );
}

#[tokio::test]
async fn the_tutorials_own_request_creates_a_token() {
    let directory = Directory::new();
    let running = Running::on_any_ports(&directory.0);
    let mint = |key: &str, body: Value| {
        let url = format!("{}/api/backend/v1/access_token", running.auth);
        client().post(url).bearer_auth(key).json(&body).send()
    };
    let member = "0f3f5a0e-0003-4000-8000-000000000003";
    let body = json!({ "user_id": member, "duration_in_minutes": 1440 });
    let answer = mint("local-api-key", body.clone()).await.unwrap();
    assert_eq!(answer.status(), 200);
    let token = answer.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned();
    assert!(create(&client(), &running.links(), &token).await.is_some());

    assert_eq!(mint("another", body).await.unwrap().status(), 401);
    let unknown = json!({ "user_id": "0f3f5a0e-0009-4000-8000-000000000009", "duration_in_minutes": 1 });
    assert_eq!(mint("local-api-key", unknown).await.unwrap().status(), 403);
    for body in
        [json!({}), json!({ "user_id": member }), json!({ "user_id": member, "duration_in_minutes": -1 })]
    {
        assert_eq!(mint("local-api-key", body).await.unwrap().status(), 400);
    }
}

#[tokio::test]
async fn a_sample_event_has_a_fresh_token_and_the_requested_slug() {
    let directory = Directory::new();
    let running = Running::on_any_ports(&directory.0);
    let arguments =
        ["event", "delete", "--user", "admin", "--slug", "launch", "--auth-port", port(&running.auth)];
    let output = signpost(&arguments).output().unwrap();
    let event: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(event["pathParameters"]["slug"], "launch");
    assert_eq!(event["rawPath"], format!("/{ACME}/link/launch"));
    let authorization = event["headers"]["authorization"].as_str().unwrap();
    let answer = client().get(running.links()).header("authorization", authorization).send().await.unwrap();
    assert_eq!(answer.status(), 200);

    // The session cookie has the name that a site on plain HTTP uses.
    let arguments = ["event", "list-signed-in", "--auth-port", port(&running.auth)];
    let output = signpost(&arguments).output().unwrap();
    let event: Value = serde_json::from_slice(&output.stdout).unwrap();
    let cookie = event["cookies"][0].as_str().unwrap();
    assert!(cookie.starts_with("signpost=ey"), "{cookie}");
    assert_eq!(client().get(running.links()).header("cookie", cookie).send().await.unwrap().status(), 200);

    let unknown = signpost(&["event", "nothing"]).output().unwrap();
    assert!(sentence(&unknown).contains("there is no event 'nothing'; expected one of console"));
}

#[test]
fn ctrl_c_stops_it_at_once_with_success() {
    let directory = Directory::new();
    let mut running = Running::on_any_ports(&directory.0);
    let pid = running.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert!(running.child.wait().unwrap().success());
}

#[tokio::test]
async fn paths_are_routed_as_by_api_gateway() {
    let directory = Directory::new();
    let running = Running::on_any_ports(&directory.0);
    let token = running.token("member");
    let client = client();
    let slug = create(&client, &running.links(), &token).await.unwrap();
    let get = |path: String| {
        let request = client.get(format!("{}{path}", running.api));
        async move { request.send().await.unwrap() }
    };
    assert_eq!(get(format!("/{ACME}/{slug}")).await.status(), 302);
    assert_eq!(
        get(format!("/{ACME}/%{:X}{}", slug.as_bytes()[0], &slug[1..])).await.status(),
        302,
        "decoded once"
    );

    for path in [
        format!("/{ACME}//"),
        format!("/{ACME}/link/{slug}/more"),
        format!("/{ACME}/-/{slug}"),
        // This path belongs to no organization, because there is no root organization.
        format!("/{slug}"),
        // This path must not match the route of its decoded form.
        format!("/{ACME}%2Flink"),
    ] {
        let answer = get(path.clone()).await;
        assert_eq!(answer.status(), 404, "{path}");
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], "not_found");
    }
    // A path is decoded once, and truncated at a decoded question mark.
    for path in [format!("/{ACME}%2F{slug}"), format!("/{ACME}/{slug}%3Fx%2Fy")] {
        assert_eq!(get(path).await.status(), 302);
    }
    for segment in ["%2F", "%3F", "%00", "%F0%9F%9A%80", "%FF", "%5C", "%2E%2E", "%252F", "link%2Fx", "a%20b"]
    {
        let answer = get(format!("/{ACME}/{segment}")).await;
        // The client itself resolves two dots to the parent path, which is the path of the console.
        let status = if segment == "%2E%2E" { 200 } else { 404 };
        assert_eq!(answer.status(), status, "{segment}");
        let request = client.delete(format!("{}/{segment}", running.links())).bearer_auth(&token);
        // For this request, the parent path looks like a short URL in the root organization.
        let status = if segment == "%2E%2E" { 405 } else { 404 };
        assert_eq!(request.send().await.unwrap().status(), status, "{segment}");
    }
    for method in ["PUT", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        for (url, allow) in
            [(running.links(), "GET, POST"), (format!("{}/{ACME}/{slug}", running.api), "GET, HEAD")]
        {
            let request = client.request(method.parse().unwrap(), url).bearer_auth(&token);
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 405, "{method}");
            assert_eq!(answer.headers()["allow"], allow);
            assert_eq!(answer.json::<Value>().await.unwrap()["code"], "method_not_allowed");
        }
    }
    let large = client.get(running.links()).header("x-large", "x".repeat(10_240)).send().await.unwrap();
    assert_eq!(large.status(), 431);
    let binary = client.post(running.links()).bearer_auth(&token).header("content-type", "application/json");
    let answer = binary.body(b"{\"url\": \"\xff\"}".to_vec()).send().await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap()["code"], "malformed_body");
    assert_eq!(get(format!("/{ACME}/{slug}")).await.status(), 302);
}

//! Where the verifier's key comes from, and what happens when it changes or is unavailable.

use crate::support::watched::Watched;
use crate::support::{Call, KEY, TestApp, functions, signed, token};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use local::functions::Functions;
use local::issuer::{API_KEY, Issuer, Key};
use local::stack::engine_settings;
use local::users::User;
use serde_json::json;
use shared::model::Timestamp;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

/// A running issuer. It counts the requests for its key.
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

    fn functions(&self, app: &TestApp) -> Functions {
        let settings = engine_settings(&app.url);
        let auth = [("AUTH_ISSUER", self.url.as_str()), ("AUTH_API_KEY", API_KEY)];
        functions(&settings.overridden_by(auth.into_iter().collect()), &Watched::default())
    }

    fn call(&self, now: Timestamp) -> Call {
        let token = self.issuer.mint(User::named("member").unwrap(), None, now, 1440).unwrap();
        Call::new("list").header("authorization", &format!("Bearer {token}"))
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
    let app = TestApp::start().await;
    let running = RunningIssuer::start().await;
    let functions = running.functions(&app);
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
async fn a_clock_that_jumps_back_ends_the_pause_between_two_fetches() {
    let app = TestApp::start().await;
    let running = RunningIssuer::start().await;
    let functions = running.functions(&app);
    let start = Timestamp::now();
    assert_eq!(running.call(start).send_to(&functions, start).await.status, 200);
    running.issuer.rotate(Key::from_pem(&Key::generate().unwrap()).unwrap());
    let earlier = after(start, -30);
    assert_eq!(running.call(earlier).send_to(&functions, earlier).await.status, 200);
}

#[tokio::test]
async fn a_token_that_is_expired_or_malformed_or_foreign_never_causes_a_fetch() {
    let app = TestApp::start().await;
    let running = RunningIssuer::start().await;
    let functions = running.functions(&app);
    let start = Timestamp::now();
    assert_eq!(running.call(start).send_to(&functions, start).await.status, 200);
    running.issuer.rotate(Key::from_pem(&Key::generate().unwrap()).unwrap());

    let much_later = after(start, 2 * 86_400);
    running.call(start).send_to(&functions, much_later).await.is_problem(401, "unauthenticated");
    for token in ["a.b.c".to_owned(), token("member"), "x".repeat(17_000)] {
        let call = Call::new("list").header("authorization", &format!("Bearer {token}"));
        call.send_to(&functions, after(start, 120)).await.is_problem(401, "unauthenticated");
    }
    assert_eq!(running.asked.load(SeqCst), 1);
}

#[tokio::test]
async fn without_any_key_a_request_is_503_and_a_cached_key_outlives_an_outage() {
    let app = TestApp::start().await;
    let running = RunningIssuer::start().await;
    let start = Timestamp::now();
    for fault in [1, 2, 3, 4] {
        let functions = running.functions(&app);
        running.broken.store(fault, SeqCst);
        let asked = running.asked.load(SeqCst);
        let answer = running.call(start).send_to(&functions, start).await;
        assert_eq!(answer.is_problem(503, "unavailable").headers["retry-after"], "1");
        running.call(start).send_to(&functions, after(start, 4)).await.is_problem(503, "unavailable");
        assert_eq!(running.asked.load(SeqCst) - asked, 1, "a failing issuer is not called again within 5 s");

        running.broken.store(0, SeqCst);
        assert_eq!(running.call(start).send_to(&functions, after(start, 5)).await.status, 200);
        running.broken.store(fault, SeqCst);
        assert_eq!(running.call(start).send_to(&functions, after(start, 500)).await.status, 200);
    }
}

#[tokio::test]
async fn an_unreachable_issuer_is_a_503() {
    let app = TestApp::start().await;
    let auth = [("AUTH_ISSUER", "http://127.0.0.1:1"), ("AUTH_API_KEY", API_KEY)];
    let settings = engine_settings(&app.url).overridden_by(auth.into_iter().collect());
    let functions = functions(&settings, &Watched::default());
    let token = signed("member", |claims| claims["iss"] = "http://127.0.0.1:1".into());
    let call = Call::new("list").header("authorization", &format!("Bearer {token}"));
    call.send_to(&functions, Timestamp::now()).await.is_problem(503, "unavailable");
}

/// Sends a call fifty times concurrently and returns the statuses.
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
async fn fifty_concurrent_requests_fetch_a_key_once() {
    let app = TestApp::start().await;
    let running = RunningIssuer::start().await;
    let functions = Arc::new(running.functions(&app));
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
    let app = TestApp::start().await;
    let running = RunningIssuer::start().await;
    let functions = running.functions(&app);
    Call::new("list").send_to(&functions, Timestamp::now()).await.is_problem(401, "unauthenticated");
    assert_eq!(running.asked.load(SeqCst), 0);
}

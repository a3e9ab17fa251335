//! Many API keys at once, and how often the provider is called.

use super::{VALIDATE, after, by, functions, key, member};
use crate::support::issuer::{Reply, Server};
use crate::support::{Call, TestApp};
use serde_json::Value;
use shared::model::Timestamp;
use std::sync::Arc;

#[tokio::test]
async fn a_flood_of_unknown_keys_is_limited_and_known_keys_are_not_affected() {
    let app = TestApp::start().await;
    let server = Server::start().await;
    let functions = functions(&app, &server, &[]);
    let start = Timestamp::now();
    let list = async |number, seconds| {
        by(Call::new("list"), &key(number)).send_to(&functions, after(start, seconds)).await
    };
    // Valid keys do not use up the budget, however many of them are new.
    server.answer(VALIDATE, Reply::Json(member("member")));
    for number in 1..=100 {
        assert_eq!(list(number, 0).await.status, 200);
    }
    server.answer(VALIDATE, Reply::Status(404, Vec::new(), Value::Null));
    let asked = server.asked().len();
    let mut held_back = 0;
    for number in 1_000..1_200 {
        let answer = list(number, 61).await;
        if answer.status == 429 {
            assert_eq!(answer.is_problem(429, "rate_limited").headers["retry-after"], "1");
            held_back += 1;
        } else {
            answer.is_problem(401, "unauthenticated");
        }
    }
    assert_eq!((held_back, server.asked().len() - asked), (170, 30));
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!(list(1, 61).await.status, 200);
    assert_eq!(list(1_001, 61).await.status, 401, "a previously rejected key gets 401, not 429");
    assert_eq!(server.asked().len() - asked, 31, "a known key is looked up as before");
    assert_eq!(list(2_000, 62).await.status, 200, "a second later the budget allows one more unknown key");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_key_does_not_wait_behind_unknown_ones() {
    let app = TestApp::start().await;
    let server = Server::start().await;
    let functions = Arc::new(functions(&app, &server, &[]));
    let start = Timestamp::now();
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!(by(Call::new("list"), &key(1)).send_to(&functions, start).await.status, 200);
    server.answer(VALIDATE, Reply::Never);
    let later = after(start, 61);
    let unknown = {
        let functions = Arc::clone(&functions);
        tokio::spawn(async move { by(Call::new("list"), &key(2)).send_to(&functions, later).await.status })
    };
    while server.asked().len() < 2 {
        tokio::task::yield_now().await;
    }
    // The lookup of the unknown key is in progress, and takes two seconds.
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!(by(Call::new("list"), &key(1)).send_to(&functions, later).await.status, 200);
    assert!(!unknown.is_finished());
    assert_eq!(unknown.await.unwrap(), 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_requests_with_one_key_cause_one_lookup_and_other_keys_are_looked_up_one_by_one() {
    let app = TestApp::start().await;
    let server = Server::start().await;
    let functions = Arc::new(functions(&app, &server, &[]));
    let now = Timestamp::now();
    server.answer(VALIDATE, Reply::Json(member("member")));
    let send = |key: String| {
        let functions = Arc::clone(&functions);
        tokio::spawn(async move { by(Call::new("list"), &key).send_to(&functions, now).await.status })
    };
    let running: Vec<_> = (0..50).map(|_| send(key(1))).collect();
    for answer in running {
        assert_eq!(answer.await.unwrap(), 200);
    }
    assert_eq!(server.asked().len(), 1);
    // After the second forged key, the provider's response sets a rate limit, so no further key is looked up.
    server.answer(VALIDATE, Reply::Status(429, vec![("retry-after", "30".to_owned())], Value::Null));
    let running: Vec<_> = (2..502).map(|number| send(key(number))).collect();
    for answer in running {
        assert_eq!(answer.await.unwrap(), 429);
    }
    assert_eq!(server.asked().len(), 2);
}

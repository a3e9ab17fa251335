//! API keys while the provider fails, rejects requests, or limits their rate.

use super::{VALIDATE, after, by, functions, key, member};
use crate::support::issuer::{Reply, Server};
use crate::support::{ACME, Call, TestApp};
use serde_json::{Value, json};
use shared::model::Timestamp;

#[tokio::test]
async fn a_rate_limit_of_the_provider_is_passed_on_and_respected() {
    let app = TestApp::start().await;
    let server = Server::start().await;
    let functions = functions(&app, &server, &[]);
    let start = Timestamp::now();
    let list = async |key: &str, seconds| {
        by(Call::new("list"), key).send_to(&functions, after(start, seconds)).await
    };
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!(list(&key(1), 0).await.status, 200);

    // A rate limit on the whole project: no key is looked up until the limit is over, but cached keys are still
    // accepted.
    server.answer(VALIDATE, Reply::Status(429, vec![("retry-after", "7".to_owned())], json!("slow down")));
    assert_eq!(list(&key(2), 1).await.is_problem(429, "rate_limited").headers["retry-after"], "7");
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!(list(&key(3), 4).await.is_problem(429, "rate_limited").headers["retry-after"], "4");
    assert_eq!(list(&key(1), 4).await.status, 200);
    assert_eq!(server.asked().len(), 2);
    assert_eq!(list(&key(3), 8).await.status, 200);

    // The response's body says that the rate limit is for one key, so other keys are still looked up.
    server.answer(
        VALIDATE,
        Reply::Status(429, Vec::new(), json!({ "wait_seconds": 2.5, "error_code": "rate_limit" })),
    );
    assert_eq!(list(&key(4), 10).await.is_problem(429, "rate_limited").headers["retry-after"], "3");
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!(list(&key(5), 10).await.status, 200);
    list(&key(4), 12).await.is_problem(429, "rate_limited");
    assert_eq!(list(&key(4), 13).await.status, 200);

    // The header contains no time, or an absurd one.
    for (sent, told) in
        [(None, "1"), (Some("0"), "1"), (Some("-5"), "1"), (Some("soon"), "1"), (Some("99999999"), "60")]
    {
        let functions = self::functions(&app, &server, &[]);
        let headers = sent.map(|sent| ("retry-after", sent.to_owned())).into_iter().collect();
        server.answer(VALIDATE, Reply::Status(429, headers, Value::Null));
        let answer = by(Call::new("list"), &key(6)).send_to(&functions, start).await;
        assert_eq!(answer.is_problem(429, "rate_limited").headers["retry-after"], told, "{sent:?}");
    }
}

#[tokio::test]
async fn a_provider_that_fails_is_503_and_is_not_asked_again_at_once() {
    let app = TestApp::start().await;
    let server = Server::start().await;
    let start = Timestamp::now();
    for trouble in [
        Reply::Status(500, Vec::new(), Value::Null),
        Reply::Status(401, Vec::new(), Value::Null),
        Reply::Status(302, vec![("location", "/elsewhere".to_owned())], Value::Null),
        Reply::Text("<html>".to_owned()),
        Reply::Never,
    ] {
        let functions = functions(&app, &server, &[]);
        server.answer(VALIDATE, trouble);
        let asked = server.asked().len();
        for seconds in [0, 1, 4] {
            let answer = by(Call::new("list"), &key(1)).send_to(&functions, after(start, seconds)).await;
            assert_eq!(answer.is_problem(503, "unavailable").headers["retry-after"], "1");
        }
        assert_eq!(server.asked().len() - asked, 1);
        server.answer(VALIDATE, Reply::Json(member("member")));
        assert_eq!(by(Call::new("list"), &key(1)).send_to(&functions, after(start, 5)).await.status, 200);
    }
}

/// Returns responses that are about one key, and that must not affect any other key.
fn odd_answers() -> Vec<Reply> {
    let with_metadata =
        |metadata: &str| Reply::Text(member("member").to_string().replace("{\"any\":\"thing\"}", metadata));
    vec![
        Reply::Json(json!({ "user": { "user_id": 7 } })),
        Reply::Json(json!({ "user": {} })),
        Reply::Json(json!({ "user": { "user_id": "" } })),
        Reply::Json(json!({ "user": { "user_id": "a".repeat(256) } })),
        Reply::Json(json!({ "user": { "user_id": "a" }, "user_in_org": {} })),
        Reply::Json(json!({ "user": { "user_id": "a" }, "user_in_org": { "org_id": ACME, "user_role": 7 } })),
        Reply::Json(json!({ "user": { "user_id": "a", "org_id_to_org_info": [] } })),
        Reply::Json(json!({ "org": {} })),
        Reply::Json(json!({ "org": { "org_id": 7 } })),
        Reply::Json(json!([])),
        // A tenant can write this into the key's metadata.
        with_metadata(&format!("\"{}\"", "x".repeat(70_000))),
        with_metadata(&format!("{}{}", "[".repeat(1_000), "]".repeat(1_000))),
        with_metadata("\"\\ud800\""),
        with_metadata("1e999"),
        with_metadata("{\"a\":1,\"a\":2}"),
    ]
}

#[tokio::test]
async fn an_invalid_response_about_a_key_refuses_that_key_alone() {
    let app = TestApp::start().await;
    let server = Server::start().await;
    let functions = functions(&app, &server, &[]);
    let start = Timestamp::now();
    for (number, odd) in (100..).zip(odd_answers()) {
        server.answer(VALIDATE, odd);
        let odd = by(Call::new("list"), &key(number)).send_to(&functions, start).await;
        odd.is_problem(401, "unauthenticated");
        server.answer(VALIDATE, Reply::Json(member("member")));
        let other = by(Call::new("list"), &key(number + 1_000)).send_to(&functions, start).await;
        assert_eq!(other.status, 200, "{number}: {}", other.text);
        // The key is not looked up again for a while. After that, it is accepted, because the provider's response is now
        // valid.
        let asked = server.asked().len();
        by(Call::new("list"), &key(number))
            .send_to(&functions, after(start, 9))
            .await
            .is_problem(401, "unauthenticated");
        assert_eq!(server.asked().len(), asked);
        assert_eq!(
            by(Call::new("list"), &key(number)).send_to(&functions, after(start, 10)).await.status,
            200
        );
    }
}

#[tokio::test]
async fn a_failure_for_one_key_is_503_for_that_key_alone_and_three_in_a_row_count_as_the_providers() {
    let app = TestApp::start().await;
    let server = Server::start().await;
    let start = Timestamp::now();
    for trouble in [500, 403, 422]
        .map(|status| Reply::Status(status, Vec::new(), Value::Null))
        .into_iter()
        .chain([Reply::Never])
    {
        let functions = functions(&app, &server, &[]);
        let list = async |number, seconds, reply: &Reply| {
            server.answer(VALIDATE, reply.clone());
            by(Call::new("list"), &key(number)).send_to(&functions, after(start, seconds)).await.status
        };
        let good = Reply::Json(member("member"));
        for number in [1, 2] {
            assert_eq!(list(number, 0, &trouble).await, 503);
        }
        assert_eq!(
            list(10, 0, &good).await,
            200,
            "failures for two keys do not mean that the provider is down"
        );
        for number in [3, 4, 5] {
            assert_eq!(list(number, 1, &trouble).await, 503);
        }
        let asked = server.asked().len();
        assert_eq!(list(11, 5, &good).await, 503, "three failures in a row mean that the provider is down");
        assert_eq!(list(10, 5, &good).await, 200);
        assert_eq!(server.asked().len(), asked, "a provider that is down is not called for a while");
        assert_eq!(list(11, 6, &good).await, 200);
    }
}

#[tokio::test]
async fn a_known_key_stays_valid_for_five_minutes_while_the_provider_is_unreachable() {
    let app = TestApp::start().await;
    let server = Server::start().await;
    let start = Timestamp::now();
    for (reply, afterwards) in [
        (Reply::Status(500, Vec::new(), Value::Null), 503),
        (Reply::Status(429, vec![("retry-after", "3600".to_owned())], Value::Null), 429),
        (Reply::Status(429, Vec::new(), json!({ "wait_seconds": 3000 })), 429),
        (Reply::Text("<html>".to_owned()), 503),
        (Reply::Never, 503),
    ] {
        let functions = functions(&app, &server, &[]);
        let list = async |number, seconds| {
            by(Call::new("list"), &key(number)).send_to(&functions, after(start, seconds)).await.status
        };
        server.answer(VALIDATE, Reply::Json(member("member")));
        assert_eq!(list(1, 0).await, 200);
        server.answer(VALIDATE, reply);
        for seconds in [61, 100, 299] {
            assert_eq!(list(1, seconds).await, 200);
        }
        assert_eq!(list(1, 300).await, afterwards);
    }
}

#[tokio::test]
async fn a_deleted_key_stays_invalid_while_the_provider_is_unreachable() {
    let app = TestApp::start().await;
    let server = Server::start().await;
    let functions = functions(&app, &server, &[]);
    let start = Timestamp::now();
    let list = async |seconds| {
        by(Call::new("list"), &key(1)).send_to(&functions, after(start, seconds)).await.status
    };
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!(list(0).await, 200);
    server.answer(VALIDATE, Reply::Status(404, Vec::new(), Value::Null));
    assert_eq!(list(61).await, 401);
    server.answer(VALIDATE, Reply::Status(500, Vec::new(), Value::Null));
    for seconds in [70, 72, 80, 200] {
        assert_ne!(list(seconds).await, 200, "{seconds}");
    }
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!(list(300).await, 200);
}

#[tokio::test]
async fn a_pause_for_all_keys_ends_within_a_minute_whatever_the_provider_says() {
    let app = TestApp::start().await;
    let server = Server::start().await;
    let functions = functions(&app, &server, &[]);
    let start = Timestamp::now();
    let list = async |number, seconds| {
        by(Call::new("list"), &key(number)).send_to(&functions, after(start, seconds)).await.status
    };
    server.answer(VALIDATE, Reply::Status(429, vec![("retry-after", "3600".to_owned())], Value::Null));
    assert_eq!(list(1, 0).await, 429);
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!(list(2, 59).await, 429);
    assert_eq!(list(2, 60).await, 200);
    // A rate limit on one key lasts as long as the provider says, and does not affect other keys.
    server.answer(VALIDATE, Reply::Status(429, Vec::new(), json!({ "wait_seconds": 120 })));
    assert_eq!(list(3, 60).await, 429);
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!((list(3, 179).await, list(4, 179).await, list(3, 180).await), (429, 200, 200));
}

//! API keys instead of tokens: their owners, how long the provider's answers are cached, and how often it is called.

use crate::house::{ACME, Call, GLOBEX, House, KEY, SESSION, settings};
use crate::issuers::{Reply, Server};
use local::functions::Functions;
use local::issuer::{API_KEY, Issuer};
use local::stack::engine_settings;
use local::users::{self, User, entry};
use serde_json::{Value, json};
use shared::error::Unauthenticated;
use shared::model::Timestamp;
use std::sync::Arc;

const VALIDATE: &str = "/api/backend/v1/end_user_api_keys/validate";

fn functions(house: &House, server: &Server, more: &[(&str, &str)]) -> Functions {
    let auth = [("AUTH_URL", server.url.as_str()), ("AUTH_API_KEY", "our-own-key")];
    let settings =
        engine_settings(&house.url).overridden_by(settings()).overridden_by(auth.into_iter().collect());
    Functions::new(&settings.overridden_by(more.iter().copied().collect())).unwrap()
}

fn key(digit: u32) -> String {
    format!("{digit:08x}").repeat(16)
}

fn by(call: Call, key: &str) -> Call {
    call.header("authorization", &format!("Bearer {key}"))
}

fn member(user: &str) -> Value {
    let user = User::named(user).unwrap();
    let (organization, role) = user.roles[0];
    json!({
        "user": { "user_id": user.id, "email": "a@b.test" },
        "org": { "org_id": organization.id, "org_name": organization.name },
        "user_in_org": entry(organization, role),
        "metadata": { "any": "thing" },
    })
}

fn after(start: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::try_from(start.millis() + seconds * 1000).unwrap()
}

#[tokio::test]
async fn a_users_key_acts_as_the_user_in_the_keys_organization() {
    let house = House::open().await;
    let server = Server::start().await;
    let functions = functions(&house, &server, &[]);
    let now = Timestamp::now();
    server.answer(VALIDATE, Reply::Json(member("member")));
    let created = by(Call::of("create"), &key(1)).send_to(&functions, now).await;
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(created.body["creator_user_id"], User::named("member").unwrap().id);
    assert_eq!(created.body["creator_name"], "a@b.test");
    by(Call::of("list").org(GLOBEX), &key(1)).send_to(&functions, now).await.is_problem(403, "forbidden");

    let theirs = house.link_by("owner").await;
    by(Call::of("delete").slug(&theirs), &key(1)).send_to(&functions, now).await.is_problem(403, "forbidden");
    server.answer(VALIDATE, Reply::Json(member("admin")));
    assert_eq!(by(Call::of("delete").slug(&theirs), &key(2)).send_to(&functions, now).await.status, 200);

    let asked = &server.asked()[0];
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", VALIDATE));
    assert_eq!(asked.headers["authorization"], "Bearer our-own-key");
    assert_eq!(asked.headers["x-propelauth-url"], "auth.acme.test");
    assert_eq!(serde_json::from_str::<Value>(&asked.body).unwrap(), json!({ "api_key_token": key(1) }));
}

#[tokio::test]
async fn an_api_key_in_the_session_cookie_is_ignored_and_never_looked_up() {
    let house = House::open().await;
    let server = Server::start().await;
    let functions = functions(&house, &server, &[]);
    let now = Timestamp::now();
    server.answer(VALIDATE, Reply::Json(member("member")));
    let in_cookie = Call::of("list").anonymous().cookie(SESSION, &key(1)).send_to(&functions, now).await;
    let detail = Unauthenticated::SessionInvalid.detail();
    assert_eq!(in_cookie.is_problem(401, "unauthenticated").body["detail"], detail);
    assert_eq!(server.asked().len(), 0);
    assert_eq!(by(Call::of("list"), &key(1)).send_to(&functions, now).await.status, 200);
}

#[tokio::test]
async fn a_key_without_an_organization_acts_in_all_organizations_of_its_user() {
    let house = House::open().await;
    let server = Server::start().await;
    let functions = functions(&house, &server, &[]);
    let user = User::named("colleague").unwrap();
    let all: serde_json::Map<String, Value> = user
        .roles
        .iter()
        .map(|(organization, role)| (organization.id.to_owned(), entry(*organization, *role)))
        .collect();
    let now = Timestamp::now();
    let answer = |user: Value| Reply::Json(json!({ "user": user, "org": null, "user_in_org": null }));
    server.answer(VALIDATE, answer(json!({ "user_id": user.id, "org_id_to_org_info": all })));
    for org in [ACME, GLOBEX] {
        assert_eq!(by(Call::of("list").org(org), &key(1)).send_to(&functions, now).await.status, 200);
    }
    server.answer(VALIDATE, answer(json!({ "user_id": user.id })));
    by(Call::of("list"), &key(2)).send_to(&functions, now).await.is_problem(403, "forbidden");
}

#[tokio::test]
async fn an_organizations_key_acts_as_the_organization_in_the_configured_role() {
    let house = House::open().await;
    let server = Server::start().await;
    let of_acme = json!({ "user": null, "org": { "org_id": ACME, "org_name": "Acme" }, "user_in_org": null });
    server.answer(VALIDATE, Reply::Json(of_acme));
    let now = Timestamp::now();
    let theirs = house.link_by("owner").await;
    for (role, manages) in [("", false), ("Member", false), ("admin", false), ("Admin", true)] {
        let functions = functions(&house, &server, &[("AUTH_API_KEY_ROLE", role)]);
        // Two keys of one organization are the same creator, so that a key can be replaced and keeps its links.
        for key in [key(1), key(2)] {
            let created = by(Call::of("create"), &key).send_to(&functions, now).await;
            assert_eq!(created.body["creator_user_id"], format!("organization:{ACME}"), "{}", created.text);
            assert_eq!(created.body["creator_name"], "Acme");
        }
        let own = by(Call::of("list").query("creator=me&limit=1"), &key(2)).send_to(&functions, now).await;
        let slug = own.body["data"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(by(Call::of("delete").slug(&slug), &key(1)).send_to(&functions, now).await.status, 200);
        let answer = by(Call::of("update").slug(&theirs), &key(1)).send_to(&functions, now).await;
        assert_eq!(answer.status, if manages { 200 } else { 403 }, "{role}: {}", answer.text);
        let answer = by(Call::of("handle"), &key(1)).send_to(&functions, now).await;
        assert_eq!(answer.status, if manages { 200 } else { 403 }, "{role}: {}", answer.text);
        by(Call::of("list").org(GLOBEX), &key(1)).send_to(&functions, now).await.is_problem(403, "forbidden");
    }
}

#[tokio::test]
async fn a_valid_key_is_cached_for_a_minute_and_an_invalid_one_for_ten_seconds() {
    let house = House::open().await;
    let server = Server::start().await;
    let functions = functions(&house, &server, &[]);
    let start = Timestamp::now();
    let list = async |key: &str, seconds| {
        by(Call::of("list"), key).send_to(&functions, after(start, seconds)).await.status
    };
    server.answer(VALIDATE, Reply::Json(member("member")));
    for seconds in [0, 1, 30, 59] {
        assert_eq!(list(&key(1), seconds).await, 200);
    }
    assert_eq!(server.asked().len(), 1);
    server.answer(VALIDATE, Reply::Status(404, Vec::new(), Value::Null));
    assert_eq!(list(&key(1), 60).await, 401);
    for seconds in [61, 69] {
        assert_eq!(list(&key(1), seconds).await, 401);
    }
    assert_eq!(server.asked().len(), 2);
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!(list(&key(1), 70).await, 200);
    assert_eq!(server.asked().len(), 3);
    // Another spelling is another key: only the provider can say whether they are the same.
    server.answer(VALIDATE, Reply::Status(400, Vec::new(), json!({ "api_key_token": ["invalid"] })));
    assert_eq!(list(&key(0xab).to_uppercase(), 70).await, 401);
}

#[tokio::test]
async fn a_rate_limit_of_the_provider_is_passed_on_and_respected() {
    let house = House::open().await;
    let server = Server::start().await;
    let functions = functions(&house, &server, &[]);
    let start = Timestamp::now();
    let list =
        async |key: &str, seconds| by(Call::of("list"), key).send_to(&functions, after(start, seconds)).await;
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!(list(&key(1), 0).await.status, 200);

    // A limit on the project: no key is looked up until it is over, and known callers still work.
    server.answer(VALIDATE, Reply::Status(429, vec![("retry-after", "7".to_owned())], json!("slow down")));
    assert_eq!(list(&key(2), 1).await.is_problem(429, "rate_limited").headers["retry-after"], "7");
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!(list(&key(3), 4).await.is_problem(429, "rate_limited").headers["retry-after"], "4");
    assert_eq!(list(&key(1), 4).await.status, 200);
    assert_eq!(server.asked().len(), 2);
    assert_eq!(list(&key(3), 8).await.status, 200);

    // A limit on one key, as the provider's body says: other keys are still looked up.
    server.answer(
        VALIDATE,
        Reply::Status(429, Vec::new(), json!({ "wait_seconds": 2.5, "error_code": "rate_limit" })),
    );
    assert_eq!(list(&key(4), 10).await.is_problem(429, "rate_limited").headers["retry-after"], "3");
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!(list(&key(5), 10).await.status, 200);
    list(&key(4), 12).await.is_problem(429, "rate_limited");
    assert_eq!(list(&key(4), 13).await.status, 200);

    // Without a time, or with an absurd one, in the same header.
    for (sent, told) in
        [(None, "1"), (Some("0"), "1"), (Some("-5"), "1"), (Some("soon"), "1"), (Some("99999999"), "60")]
    {
        let functions = self::functions(&house, &server, &[]);
        let headers = sent.map(|sent| ("retry-after", sent.to_owned())).into_iter().collect();
        server.answer(VALIDATE, Reply::Status(429, headers, Value::Null));
        let answer = by(Call::of("list"), &key(6)).send_to(&functions, start).await;
        assert_eq!(answer.is_problem(429, "rate_limited").headers["retry-after"], told, "{sent:?}");
    }
}

#[tokio::test]
async fn a_provider_that_fails_is_503_and_is_not_asked_again_at_once() {
    let house = House::open().await;
    let server = Server::start().await;
    let start = Timestamp::now();
    for trouble in [
        Reply::Status(500, Vec::new(), Value::Null),
        Reply::Status(401, Vec::new(), Value::Null),
        Reply::Status(302, vec![("location", "/elsewhere".to_owned())], Value::Null),
        Reply::Text("<html>".to_owned()),
        Reply::Never,
    ] {
        let functions = functions(&house, &server, &[]);
        server.answer(VALIDATE, trouble);
        let asked = server.asked().len();
        for seconds in [0, 1, 4] {
            let answer = by(Call::of("list"), &key(1)).send_to(&functions, after(start, seconds)).await;
            assert_eq!(answer.is_problem(503, "unavailable").headers["retry-after"], "1");
        }
        assert_eq!(server.asked().len() - asked, 1);
        server.answer(VALIDATE, Reply::Json(member("member")));
        assert_eq!(by(Call::of("list"), &key(1)).send_to(&functions, after(start, 5)).await.status, 200);
    }
}

/// Responses about one key that must not affect any other key.
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
        // What a tenant wrote into the key's metadata.
        with_metadata(&format!("\"{}\"", "x".repeat(70_000))),
        with_metadata(&format!("{}{}", "[".repeat(1_000), "]".repeat(1_000))),
        with_metadata("\"\\ud800\""),
        with_metadata("1e999"),
        with_metadata("{\"a\":1,\"a\":2}"),
    ]
}

#[tokio::test]
async fn an_invalid_response_about_a_key_refuses_that_key_alone() {
    let house = House::open().await;
    let server = Server::start().await;
    let functions = functions(&house, &server, &[]);
    let start = Timestamp::now();
    for (number, odd) in (100..).zip(odd_answers()) {
        server.answer(VALIDATE, odd);
        let odd = by(Call::of("list"), &key(number)).send_to(&functions, start).await;
        odd.is_problem(401, "unauthenticated");
        server.answer(VALIDATE, Reply::Json(member("member")));
        let other = by(Call::of("list"), &key(number + 1_000)).send_to(&functions, start).await;
        assert_eq!(other.status, 200, "{number}: {}", other.text);
        // It is not looked up again for a while, and is accepted once the response is valid.
        let asked = server.asked().len();
        by(Call::of("list"), &key(number))
            .send_to(&functions, after(start, 9))
            .await
            .is_problem(401, "unauthenticated");
        assert_eq!(server.asked().len(), asked);
        assert_eq!(
            by(Call::of("list"), &key(number)).send_to(&functions, after(start, 10)).await.status,
            200
        );
    }
}

#[tokio::test]
async fn a_failure_for_one_key_is_503_for_that_key_alone_and_three_in_a_row_count_as_the_providers() {
    let house = House::open().await;
    let server = Server::start().await;
    let start = Timestamp::now();
    for trouble in [500, 403, 422]
        .map(|status| Reply::Status(status, Vec::new(), Value::Null))
        .into_iter()
        .chain([Reply::Never])
    {
        let functions = functions(&house, &server, &[]);
        let list = async |number, seconds, reply: &Reply| {
            server.answer(VALIDATE, reply.clone());
            by(Call::of("list"), &key(number)).send_to(&functions, after(start, seconds)).await.status
        };
        let good = Reply::Json(member("member"));
        for number in [1, 2] {
            assert_eq!(list(number, 0, &trouble).await, 503);
        }
        assert_eq!(list(10, 0, &good).await, 200, "two keys are not the provider");
        for number in [3, 4, 5] {
            assert_eq!(list(number, 1, &trouble).await, 503);
        }
        let asked = server.asked().len();
        assert_eq!(list(11, 5, &good).await, 503, "three in a row are");
        assert_eq!(list(10, 5, &good).await, 200);
        assert_eq!(server.asked().len(), asked, "and it is left in peace");
        assert_eq!(list(11, 6, &good).await, 200);
    }
}

#[tokio::test]
async fn a_known_key_stays_valid_for_five_minutes_while_the_provider_is_unreachable() {
    let house = House::open().await;
    let server = Server::start().await;
    let start = Timestamp::now();
    for (reply, afterwards) in [
        (Reply::Status(500, Vec::new(), Value::Null), 503),
        (Reply::Status(429, vec![("retry-after", "3600".to_owned())], Value::Null), 429),
        (Reply::Status(429, Vec::new(), json!({ "wait_seconds": 3000 })), 429),
        (Reply::Text("<html>".to_owned()), 503),
        (Reply::Never, 503),
    ] {
        let functions = functions(&house, &server, &[]);
        let list = async |number, seconds| {
            by(Call::of("list"), &key(number)).send_to(&functions, after(start, seconds)).await.status
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
    let house = House::open().await;
    let server = Server::start().await;
    let functions = functions(&house, &server, &[]);
    let start = Timestamp::now();
    let list =
        async |seconds| by(Call::of("list"), &key(1)).send_to(&functions, after(start, seconds)).await.status;
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
async fn a_flood_of_unknown_keys_is_limited_and_known_keys_are_not_affected() {
    let house = House::open().await;
    let server = Server::start().await;
    let functions = functions(&house, &server, &[]);
    let start = Timestamp::now();
    let list = async |number, seconds| {
        by(Call::of("list"), &key(number)).send_to(&functions, after(start, seconds)).await
    };
    // Valid keys do not use up the budget, however many are new.
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
    assert_eq!(list(1_001, 61).await.status, 401, "who was refused is not held back");
    assert_eq!(server.asked().len() - asked, 31, "a known key is asked about as ever");
    assert_eq!(list(2_000, 62).await.status, 200, "half a second later there is room for one more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_key_does_not_wait_behind_unknown_ones() {
    let house = House::open().await;
    let server = Server::start().await;
    let functions = Arc::new(functions(&house, &server, &[]));
    let start = Timestamp::now();
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!(by(Call::of("list"), &key(1)).send_to(&functions, start).await.status, 200);
    server.answer(VALIDATE, Reply::Never);
    let later = after(start, 61);
    let unknown = {
        let functions = Arc::clone(&functions);
        tokio::spawn(async move { by(Call::of("list"), &key(2)).send_to(&functions, later).await.status })
    };
    while server.asked().len() < 2 {
        tokio::task::yield_now().await;
    }
    // The lookup of the unknown key is in progress, and takes two seconds.
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!(by(Call::of("list"), &key(1)).send_to(&functions, later).await.status, 200);
    assert!(!unknown.is_finished());
    assert_eq!(unknown.await.unwrap(), 503);
}

#[tokio::test]
async fn a_pause_for_all_keys_ends_within_a_minute_whatever_the_provider_says() {
    let house = House::open().await;
    let server = Server::start().await;
    let functions = functions(&house, &server, &[]);
    let start = Timestamp::now();
    let list = async |number, seconds| {
        by(Call::of("list"), &key(number)).send_to(&functions, after(start, seconds)).await.status
    };
    server.answer(VALIDATE, Reply::Status(429, vec![("retry-after", "3600".to_owned())], Value::Null));
    assert_eq!(list(1, 0).await, 429);
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!(list(2, 59).await, 429);
    assert_eq!(list(2, 60).await, 200);
    // A limit on one key lasts as long as the provider says, and affects no other key.
    server.answer(VALIDATE, Reply::Status(429, Vec::new(), json!({ "wait_seconds": 120 })));
    assert_eq!(list(3, 60).await, 429);
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!((list(3, 179).await, list(4, 179).await, list(3, 180).await), (429, 200, 200));
}

#[tokio::test]
async fn keys_of_blocked_users_and_responses_without_a_user_are_401() {
    let house = House::open().await;
    let server = Server::start().await;
    let mut answers = vec![json!({}), json!({ "user": null, "org": null })];
    for (name, value) in [("enabled", false), ("locked", true)] {
        let mut answer = member("member");
        answer["user"][name] = value.into();
        answers.push(answer);
    }
    // A user who has left the organization that the key is for.
    let mut left = member("member");
    left["user_in_org"] = Value::Null;
    answers.push(left);
    for answer in answers {
        let functions = functions(&house, &server, &[]);
        server.answer(VALIDATE, Reply::Json(answer));
        by(Call::of("list"), &key(1))
            .send_to(&functions, Timestamp::now())
            .await
            .is_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn text_that_does_not_look_like_a_key_is_never_looked_up() {
    let house = House::open().await;
    let server = Server::start().await;
    let functions = functions(&house, &server, &[]);
    for header in [
        format!("Bearer {}", "ab".repeat(15)),
        format!("Bearer {}", "ab".repeat(300)),
        format!("Bearer {}g", "ab".repeat(32)),
        format!("Bearer {0},Bearer {0}", key(1)),
        format!("Bearer {} ", key(1)),
        format!("Basic {}", key(1)),
        format!("ApiKey {}", key(1)),
        key(1),
    ] {
        let call = Call::of("list").header("authorization", &header);
        call.send_to(&functions, Timestamp::now()).await.is_problem(401, "unauthenticated");
    }
    let elsewhere =
        Call::of("list-without-token").query(&format!("api_key={}", key(1))).header("x-api-key", &key(1));
    elsewhere.send_to(&functions, Timestamp::now()).await.is_problem(401, "unauthenticated");
    assert!(server.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_requests_with_one_key_cause_one_lookup_and_other_keys_are_looked_up_one_by_one() {
    let house = House::open().await;
    let server = Server::start().await;
    let functions = Arc::new(functions(&house, &server, &[]));
    let now = Timestamp::now();
    server.answer(VALIDATE, Reply::Json(member("member")));
    let send = |key: String| {
        let functions = Arc::clone(&functions);
        tokio::spawn(async move { by(Call::of("list"), &key).send_to(&functions, now).await.status })
    };
    let running: Vec<_> = (0..50).map(|_| send(key(1))).collect();
    for answer in running {
        assert_eq!(answer.await.unwrap(), 200);
    }
    assert_eq!(server.asked().len(), 1);
    // The provider sets a limit at the second forged key: nothing more is looked up.
    server.answer(VALIDATE, Reply::Status(429, vec![("retry-after", "30".to_owned())], Value::Null));
    let running: Vec<_> = (2..502).map(|number| send(key(number))).collect();
    for answer in running {
        assert_eq!(answer.await.unwrap(), 429);
    }
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn the_local_issuer_has_a_key_for_each_user_and_for_acme() {
    let house = House::open().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Issuer::new(&url, KEY.clone()).router();
    tokio::spawn(async { axum::serve(listener, router).await });
    let auth = [("AUTH_ISSUER", url.as_str()), ("AUTH_API_KEY", API_KEY)];
    let functions =
        Functions::new(&engine_settings(&house.url).overridden_by(auth.into_iter().collect())).unwrap();
    let now = Timestamp::now();
    for (key, status) in [
        (users::ACME.api_key(), 200),
        (User::named("owner").unwrap().api_key(), 200),
        (User::named("member").unwrap().api_key(), 200),
        (User::named("outsider").unwrap().api_key(), 403),
        (User::named("stranger").unwrap().api_key(), 403),
        ("0".repeat(128), 401),
    ] {
        assert_eq!(by(Call::of("list"), &key).send_to(&functions, now).await.status, status, "{key}");
    }
}

/// The response of Systems Manager to `GetParameter`.
fn parameter(value: &str) -> Reply {
    Reply::Json(
        json!({ "Parameter": { "Name": "/signpost/api-key", "Type": "SecureString", "Value": value, "Version": 1 } }),
    )
}

#[tokio::test]
async fn the_backends_api_key_is_read_from_its_parameter_when_first_needed_and_again_when_it_is_refused() {
    let house = House::open().await;
    let (server, store) = (Server::start().await, Server::start().await);
    let from_store = [
        ("AUTH_API_KEY_PARAMETER", "/signpost/api-key"),
        ("AUTH_API_KEY", ""),
        ("AWS_ENDPOINT_URL_SSM", store.url.as_str()),
    ];
    let functions = functions(&house, &server, &from_store);
    let start = Timestamp::now();
    let list = async |digit, seconds| {
        by(Call::of("list"), &key(digit)).send_to(&functions, after(start, seconds)).await.status
    };
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!(Call::of("list").send_to(&functions, start).await.status, 200);
    assert!(store.asked().is_empty(), "a token needs no secret");

    let denied = json!({ "__type": "AccessDeniedException", "message": "secret of the store" });
    store.answer("/", Reply::Status(400, Vec::new(), denied));
    assert_eq!(list(1, 0).await, 503);
    store.answer("/", parameter("first-key\n"));
    assert_eq!(list(1, 6).await, 200);
    assert_eq!(list(2, 7).await, 200);
    assert_eq!(store.asked().len(), 2);
    let asked = &store.asked()[1];
    assert_eq!(asked.headers["x-amz-target"], "AmazonSSM.GetParameter");
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(body, json!({ "Name": "/signpost/api-key", "WithDecryption": true }));
    assert_eq!(server.asked()[0].headers["authorization"], "Bearer first-key");

    // The key was replaced: the old one is refused, and the new one read within a minute.
    store.answer("/", parameter("second-key"));
    server.answer(VALIDATE, Reply::Status(401, Vec::new(), Value::Null));
    assert_eq!((list(3, 20).await, list(3, 30).await), (503, 503));
    assert_eq!(store.asked().len(), 2);
    assert_eq!(list(3, 70).await, 503);
    server.answer(VALIDATE, Reply::Json(member("member")));
    assert_eq!(list(3, 76).await, 200);
    assert_eq!(store.asked().len(), 3);
    assert_eq!(server.asked().last().unwrap().headers["authorization"], "Bearer second-key");
}

#[tokio::test]
async fn the_verifier_key_is_fetched_with_the_api_key_of_the_parameter() {
    let house = House::open().await;
    let (server, store) = (Server::start().await, Server::start().await);
    store.answer("/", parameter("our-own-key"));
    let metadata = json!({ "verifier_key_pem": KEY.public_pem() });
    server.answer("/api/v1/token_verification_metadata", Reply::Json(metadata));
    let auth = [
        ("AUTH_VERIFIER_KEY", ""),
        ("AUTH_API_KEY", ""),
        ("AUTH_API_KEY_PARAMETER", "/signpost/api-key"),
        ("AWS_ENDPOINT_URL_SSM", store.url.as_str()),
    ];
    let functions = functions(&house, &server, &auth);
    for _ in 0..2 {
        assert_eq!(Call::of("list").send_to(&functions, Timestamp::now()).await.status, 200);
    }
    assert_eq!((store.asked().len(), server.asked().len()), (1, 1));
}

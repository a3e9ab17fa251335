//! API keys instead of tokens: who owns them, how long the provider's responses are cached, and how often the provider
//! is called.

mod failures;
mod floods;
mod parameter;

use crate::support::issuer::{Reply, Server};
use crate::support::{ACME, Call, GLOBEX, KEY, SESSION, TestApp, settings};
use local::functions::Functions;
use local::issuer::{API_KEY, Issuer};
use local::stack::engine_settings;
use local::users::{self, User, entry};
use serde_json::{Value, json};
use shared::error::Unauthenticated;
use shared::model::Timestamp;

const VALIDATE: &str = "/api/backend/v1/end_user_api_keys/validate";

fn functions(app: &TestApp, server: &Server, more: &[(&str, &str)]) -> Functions {
    let auth = [("AUTH_URL", server.url.as_str()), ("AUTH_API_KEY", "our-own-key")];
    let settings =
        engine_settings(&app.url).overridden_by(settings()).overridden_by(auth.into_iter().collect());
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
    let app = TestApp::start().await;
    let server = Server::start().await;
    let functions = functions(&app, &server, &[]);
    let now = Timestamp::now();
    server.answer(VALIDATE, Reply::Json(member("member")));
    let created = by(Call::new("create"), &key(1)).send_to(&functions, now).await;
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(created.body["creator_user_id"], User::named("member").unwrap().id);
    assert_eq!(created.body["creator_name"], "a@b.test");
    by(Call::new("list").org(GLOBEX), &key(1)).send_to(&functions, now).await.is_problem(403, "forbidden");

    let theirs = app.link_by("owner").await;
    by(Call::new("delete").slug(&theirs), &key(1))
        .send_to(&functions, now)
        .await
        .is_problem(403, "forbidden");
    server.answer(VALIDATE, Reply::Json(member("admin")));
    assert_eq!(by(Call::new("delete").slug(&theirs), &key(2)).send_to(&functions, now).await.status, 200);

    let asked = &server.asked()[0];
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", VALIDATE));
    assert_eq!(asked.headers["authorization"], "Bearer our-own-key");
    assert_eq!(asked.headers["x-propelauth-url"], "auth.acme.test");
    assert_eq!(serde_json::from_str::<Value>(&asked.body).unwrap(), json!({ "api_key_token": key(1) }));
}

#[tokio::test]
async fn an_api_key_in_the_session_cookie_is_ignored_and_never_looked_up() {
    let app = TestApp::start().await;
    let server = Server::start().await;
    let functions = functions(&app, &server, &[]);
    let now = Timestamp::now();
    server.answer(VALIDATE, Reply::Json(member("member")));
    let in_cookie = Call::new("list").anonymous().cookie(SESSION, &key(1)).send_to(&functions, now).await;
    let detail = Unauthenticated::SessionInvalid.detail();
    assert_eq!(in_cookie.is_problem(401, "unauthenticated").body["detail"], detail);
    assert_eq!(server.asked().len(), 0);
    assert_eq!(by(Call::new("list"), &key(1)).send_to(&functions, now).await.status, 200);
}

#[tokio::test]
async fn a_key_without_an_organization_acts_in_all_organizations_of_its_user() {
    let app = TestApp::start().await;
    let server = Server::start().await;
    let functions = functions(&app, &server, &[]);
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
        assert_eq!(by(Call::new("list").org(org), &key(1)).send_to(&functions, now).await.status, 200);
    }
    server.answer(VALIDATE, answer(json!({ "user_id": user.id })));
    by(Call::new("list"), &key(2)).send_to(&functions, now).await.is_problem(403, "forbidden");
}

#[tokio::test]
async fn an_organizations_key_acts_as_the_organization_in_the_configured_role() {
    let app = TestApp::start().await;
    let server = Server::start().await;
    let of_acme = json!({ "user": null, "org": { "org_id": ACME, "org_name": "Acme" }, "user_in_org": null });
    server.answer(VALIDATE, Reply::Json(of_acme));
    let now = Timestamp::now();
    let theirs = app.link_by("owner").await;
    for (role, manages) in [("", false), ("Member", false), ("admin", false), ("Admin", true)] {
        let functions = functions(&app, &server, &[("AUTH_API_KEY_ROLE", role)]);
        // Links that were created with different keys of one organization have the same creator, so that a new key can
        // edit the links of the key that it replaced.
        for key in [key(1), key(2)] {
            let created = by(Call::new("create"), &key).send_to(&functions, now).await;
            assert_eq!(created.body["creator_user_id"], format!("organization:{ACME}"), "{}", created.text);
            assert_eq!(created.body["creator_name"], "Acme");
        }
        let own = by(Call::new("list").query("creator=me&limit=1"), &key(2)).send_to(&functions, now).await;
        let slug = own.body["data"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(by(Call::new("delete").slug(&slug), &key(1)).send_to(&functions, now).await.status, 200);
        let answer = by(Call::new("update").slug(&theirs), &key(1)).send_to(&functions, now).await;
        assert_eq!(answer.status, if manages { 200 } else { 403 }, "{role}: {}", answer.text);
        let answer = by(Call::new("handle"), &key(1)).send_to(&functions, now).await;
        assert_eq!(answer.status, if manages { 200 } else { 403 }, "{role}: {}", answer.text);
        by(Call::new("list").org(GLOBEX), &key(1))
            .send_to(&functions, now)
            .await
            .is_problem(403, "forbidden");
    }
}

#[tokio::test]
async fn a_valid_key_is_cached_for_a_minute_and_an_invalid_one_for_ten_seconds() {
    let app = TestApp::start().await;
    let server = Server::start().await;
    let functions = functions(&app, &server, &[]);
    let start = Timestamp::now();
    let list = async |key: &str, seconds| {
        by(Call::new("list"), key).send_to(&functions, after(start, seconds)).await.status
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
    // A key in upper case is looked up as a new key: only the provider knows whether case matters in keys.
    server.answer(VALIDATE, Reply::Status(400, Vec::new(), json!({ "api_key_token": ["invalid"] })));
    assert_eq!(list(&key(0xab).to_uppercase(), 70).await, 401);
}

#[tokio::test]
async fn keys_of_blocked_users_and_responses_without_a_user_are_401() {
    let app = TestApp::start().await;
    let server = Server::start().await;
    let mut answers = vec![json!({}), json!({ "user": null, "org": null })];
    for (name, value) in [("enabled", false), ("locked", true)] {
        let mut answer = member("member");
        answer["user"][name] = value.into();
        answers.push(answer);
    }
    // The user has left the organization that the key is for.
    let mut left = member("member");
    left["user_in_org"] = Value::Null;
    answers.push(left);
    for answer in answers {
        let functions = functions(&app, &server, &[]);
        server.answer(VALIDATE, Reply::Json(answer));
        by(Call::new("list"), &key(1))
            .send_to(&functions, Timestamp::now())
            .await
            .is_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn text_that_does_not_look_like_a_key_is_never_looked_up() {
    let app = TestApp::start().await;
    let server = Server::start().await;
    let functions = functions(&app, &server, &[]);
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
        let call = Call::new("list").header("authorization", &header);
        call.send_to(&functions, Timestamp::now()).await.is_problem(401, "unauthenticated");
    }
    let elsewhere =
        Call::new("list-without-token").query(&format!("api_key={}", key(1))).header("x-api-key", &key(1));
    elsewhere.send_to(&functions, Timestamp::now()).await.is_problem(401, "unauthenticated");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn the_local_issuer_has_a_key_for_each_user_and_for_acme() {
    let app = TestApp::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Issuer::new(&url, KEY.clone()).router();
    tokio::spawn(async { axum::serve(listener, router).await });
    let auth = [("AUTH_ISSUER", url.as_str()), ("AUTH_API_KEY", API_KEY)];
    let functions =
        Functions::new(&engine_settings(&app.url).overridden_by(auth.into_iter().collect())).unwrap();
    let now = Timestamp::now();
    for (key, status) in [
        (users::ACME.api_key(), 200),
        (User::named("owner").unwrap().api_key(), 200),
        (User::named("member").unwrap().api_key(), 200),
        (User::named("outsider").unwrap().api_key(), 403),
        (User::named("stranger").unwrap().api_key(), 403),
        ("0".repeat(128), 401),
    ] {
        assert_eq!(by(Call::new("list"), &key).send_to(&functions, now).await.status, status, "{key}");
    }
}

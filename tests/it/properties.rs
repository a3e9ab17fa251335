//! Any text that is sent is either rejected or becomes one canonical value, which is the same in JSON, in the table and
//! in a redirect.

use crate::support::{ACME, Answer, Call, GLOBEX, TestApp};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

/// Generates text that is mostly close to what a rule accepts, and sometimes arbitrary.
fn text(near: &'static str) -> impl Strategy<Value = String> {
    prop_oneof![3 => near, 1 => any::<String>()]
}

fn run<S: Strategy>(cases: u32, strategy: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&strategy, test).unwrap();
}

/// Sends `call` from within a property test, which is synchronous code.
fn send(app: &TestApp, call: Call) -> Answer {
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(call.send(app)))
}

fn create(app: &TestApp, org: &str, user: &str, body: &Value) -> Answer {
    send(app, Call::new("create").by(user).org(org).body(&body.to_string()))
}

#[tokio::test(flavor = "multi_thread")]
async fn any_text_in_a_link_is_kept_in_one_canonical_form_or_refused() {
    let app = TestApp::start().await;
    let link = (
        text("[A-Za-z0-9][A-Za-z0-9_-]{0,64}"),
        text("[ -~äß漢\u{200d}]{1,200}"),
        prop::collection::vec(prop_oneof![9 => "[A-Za-z0-9_-]{1,32}", 1 => any::<String>()], 0..10),
        text("[Hh]ttps?://[a-zA-Z]{1,3}[a-zA-Z0-9.äß-]{0,6}[a-z]{2}(/[ -~ä]{0,12}){0,2}"),
    );
    let made = std::cell::Cell::new(0);
    run(300, link, |(id, title, tags, url)| {
        let sent = json!({ "id": id, "title": title, "tags": tags, "url": url });
        let created = create(&app, ACME, "member", &sent);
        if created.status != 201 {
            prop_assert!([409, 422].contains(&created.status), "{sent}: {}", created.text);
            return Ok(());
        }
        made.set(made.get() + 1);
        let slug = created.body["id"].as_str().unwrap();
        prop_assert_eq!(&send(&app, Call::new("read").slug(slug)).body, &created.body);
        let redirect = send(&app, Call::new("redirect").slug(slug));
        prop_assert_eq!(Some(redirect.headers["location"].as_str()), created.body["url"].as_str());
        // A canonical value stays unchanged when it is sent again.
        let mut canonical = created.body.clone();
        canonical.as_object_mut().unwrap().retain(|name, _| sent.get(name).is_some());
        let again = create(&app, GLOBEX, "outsider", &canonical);
        prop_assert_eq!(again.status, 201, "{}: {}", canonical, again.text);
        for name in ["id", "title", "tags", "url"] {
            prop_assert_eq!(&again.body[name], &created.body[name]);
        }
        send(&app, Call::new("delete").slug(slug));
        send(&app, Call::new("delete").by("outsider").org(GLOBEX).slug(slug));
        Ok(())
    });
    assert!(made.get() > 20, "only {} of what was sent is a link", made.get());
}

#[tokio::test(flavor = "multi_thread")]
async fn any_text_as_a_handle_is_kept_in_one_canonical_form_or_refused() {
    let app = TestApp::start().await;
    run(200, text("[A-Za-z0-9-]{0,42}"), |handle| {
        let call = Call::new("handle").by("owner");
        let claimed = send(&app, call.clone().body(&json!({ "handle": handle }).to_string()));
        if claimed.status == 200 {
            prop_assert_eq!(&claimed.body["handle"], &Value::from(handle.to_ascii_lowercase()));
            let held = send(&app, Call::new("handle-get"));
            prop_assert_eq!(&held.body, &claimed.body);
            let again = send(&app, call.body(&json!({ "handle": claimed.body["handle"] }).to_string()));
            prop_assert_eq!(&again.body, &claimed.body);
        } else {
            prop_assert!([409, 422].contains(&claimed.status), "{handle:?}: {}", claimed.text);
        }
        Ok(())
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn any_text_in_a_query_string_or_a_header_is_understood_or_refused() {
    let app = TestApp::start().await;
    let query = (prop::sample::select(vec!["cursor", "creator", "tag", "prefix", "limit"]), any::<String>());
    run(300, query, |(name, value)| {
        let encoded: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let status = send(&app, Call::new("list").query(&format!("{name}={encoded}"))).status;
        prop_assert!([200, 400].contains(&status), "{name}={value:?}: {status}");
        Ok(())
    });
    app.put(&[]).await;
    run(300, text("(W/)?\"[0-9]{1,14}-[0-9]{1,3}\"(, ?\"[!-~]{0,5}\"){0,11}"), |value| {
        let edited = send(&app, Call::new("update").header("if-match", &value));
        // `*` is any version.
        let any_version = edited.status == 200 && value.trim() == "*";
        prop_assert!(any_version || [400, 412].contains(&edited.status), "{value:?}: {}", edited.text);
        Ok(())
    });
}

#[tokio::test]
async fn every_url_of_the_standards_test_data_that_is_kept_is_redirected_to_as_the_standard_serialises_it() {
    let app = TestApp::with_settings(&[("ALLOW_PRIVATE_TARGETS", "true")]).await;
    let data = include_str!("../../shared/src/model/urltestdata.json");
    let data: Vec<Value> = serde_json::from_str(data).unwrap();
    let mut redirected = 0;
    for case in data.iter().filter(|case| case["input"].is_string()) {
        let created = Call::new("create").body(&json!({ "url": case["input"] }).to_string()).send(&app).await;
        if created.status != 201 {
            created.is_problem(422, "validation_failed");
            continue;
        }
        let redirect = Call::new("redirect").slug(created.body["id"].as_str().unwrap()).send(&app).await;
        assert_eq!(Some(redirect.headers["location"].as_str()), case["href"].as_str(), "{case}");
        redirected += 1;
    }
    assert!(redirected >= 190, "only {redirected}");
}

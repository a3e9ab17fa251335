//! Signing in and out with a browser: the flow, and the attacks on it.

mod attacks;
mod failures;
mod hosts;
mod providers;

use crate::support::browser::{Browser, FLOW, SESSION, Stage, form, is_a_page, origin};
use crate::support::{ACME, Call, TestApp, signed, token};
use serde_json::{Value, json};
use shared::model::Timestamp;

const BACK: &str = "return_to=%2F1189c444-8a2d-4c41-8b4b-ae43ce79a492%2F-%2Fopen%2Fk7m2p9qr";

#[tokio::test]
async fn a_person_signs_in_and_returns_to_the_page_they_wanted() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let started = browser.open(&stage, &format!("/-/sign-in?{BACK}&org_id={ACME}")).await;
    assert_eq!(started.status, 302, "{}", started.text);
    let location = &started.headers["location"];
    assert!(
        location.starts_with(&format!("{}/propelauth/oauth/authorize?", stage.provider.url)),
        "{location}"
    );
    let asked = form(location);
    let state = asked["state"].clone();
    let fixed = [
        ("response_type", "code"),
        ("client_id", "client"),
        ("redirect_uri", &format!("{}/-/callback", origin())),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in fixed {
        assert_eq!(asked[name], value);
    }
    assert_eq!((asked.len(), state.len(), asked["code_challenge"].len()), (6, 43, 43));
    let flow = browser.flow_of(&state).unwrap();
    let slots = ["0", "1", "2", "3"].map(|slot| format!("{FLOW}{slot}"));
    assert!(slots.iter().any(|slot| slot == flow), "{flow}");
    assert_eq!(browser.attributes[flow], "HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=600");
    assert_eq!(started.headers["referrer-policy"], "no-referrer");
    assert_eq!(started.headers["cache-control"], "no-store");

    let token = token("member");
    stage.gives(&token);
    let back = browser
        .open(&stage, &format!("/-/callback?code=a%2Bb%2Fc%3D&state={state}&session_state=x&scope=y"))
        .await;
    let target = format!("/{ACME}/-/open/k7m2p9qr");
    assert_eq!((back.status, back.headers["location"].as_str()), (302, target.as_str()), "{}", back.text);
    let sent = stage.form();
    assert_eq!(sent["code"], "a+b/c=");
    assert_eq!(sent["grant_type"], "authorization_code");
    assert_eq!(sent["client_id"], "client");
    assert_eq!(sent["redirect_uri"], asked["redirect_uri"]);
    assert_eq!((sent["code_verifier"].len(), sent.len()), (43, 5));
    assert_eq!(browser.jar[SESSION], token);
    assert!(browser.attributes[SESSION].starts_with("HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=1"));
    assert_eq!(
        browser.attributes["__Host-Http-signpost-tried"],
        "HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=60"
    );
    assert!(browser.flows().is_empty());
    assert_eq!(back.headers["referrer-policy"], "no-referrer");
    assert_eq!(back.headers["cache-control"], "no-store");

    let straight = browser.open(&stage, &format!("/-/sign-in?{BACK}&org_id={ACME}")).await;
    assert_eq!((straight.status, straight.headers["location"].as_str()), (302, target.as_str()));
    assert!(straight.cookies.is_empty());
    assert_eq!(stage.exchanges(), 1);
}

#[tokio::test]
async fn a_session_describes_the_caller_by_cookie_or_token_and_never_contains_the_token() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    browser.open(&stage, "/-/session").await.is_problem(401, "unauthenticated");
    browser
        .jar
        .insert(SESSION.to_owned(), signed("colleague", |claims| claims["exp"] = 4_000_000_000_i64.into()));
    let by_cookie = browser.open(&stage, "/-/session").await;
    assert_eq!(by_cookie.status, 200, "{}", by_cookie.text);
    assert_eq!(by_cookie.headers["cache-control"], "no-store");
    assert_eq!(by_cookie.body["expires_at"], "2096-10-02T07:06:40.000Z");
    assert_eq!(by_cookie.body["organizations"][0]["id"], ACME);
    assert_eq!(by_cookie.body["organizations"][0]["name"], "Acme Inc");
    assert_eq!(by_cookie.body["organizations"][0]["role"], "Member");
    assert_eq!(by_cookie.body["organizations"][0]["manages_all_links"], false);
    let members: Vec<&String> = by_cookie.body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["expires_at", "name", "organizations", "user_id"]);
    assert!(!by_cookie.text.contains(&browser.jar[SESSION]));
    let by_token = Call::new("session").by("owner").send(&stage.app).await;
    assert_eq!(by_token.body["organizations"][0]["manages_all_links"], true, "{}", by_token.text);
    Call::new("session").query("x=1").send(&stage.app).await.is_problem(400, "invalid_query");
}

#[tokio::test]
async fn without_browser_sign_in_a_session_without_a_token_is_401_with_its_own_code_and_tokens_still_work() {
    let app = TestApp::start().await;
    let code = "sign_in_not_configured";
    let session = || Call::new("session").anonymous();
    let expired = signed("member", |claims| claims["exp"] = 1.into());
    for call in [
        session(),
        session().cookie(SESSION, &expired),
        session().cookie(SESSION, "not a token"),
        session().cookie(SESSION, &token("member")).header("sec-fetch-site", "cross-site"),
    ] {
        let answer = call.send(&app).await;
        assert_eq!(answer.is_problem(401, code).headers["www-authenticate"], "Bearer");
        let detail = "Sign-in isn't set up. If you run this server, set SignInClientId.";
        assert_eq!(answer.body["detail"], detail);
    }
    for by in [
        session().header("authorization", &format!("Bearer {}", token("member"))),
        session().cookie(SESSION, &token("member")),
    ] {
        assert_eq!(by.send(&app).await.body["name"], "Maya Rao");
    }
    for wrong in [
        session().header("authorization", &format!("Bearer {expired}")),
        session().header("authorization", "Basic x").cookie(SESSION, &token("member")),
        session().query("access_token=x"),
    ] {
        wrong.send(&app).await.is_problem(401, "unauthenticated");
    }
    let stage = Stage::new().await;
    session().send(&stage.app).await.is_problem(401, "unauthenticated");
    let expired = session().cookie(SESSION, &expired).send(&stage.app).await;
    assert_eq!(
        expired.is_problem(401, "unauthenticated").body["detail"],
        "Your session has expired; sign in again."
    );
}

#[tokio::test]
async fn a_sign_out_ends_the_session_and_the_next_sign_in_asks_for_the_account() {
    let stage = Stage::new().await;
    stage.gives(&token("member"));
    let mut browser = Browser::default();
    let state = browser.begin(&stage, BACK).await;
    browser.come_back(&stage, &state).await;
    assert!(browser.is_signed_in());
    let out = browser.open(&stage, "/-/sign-out").await;
    assert_eq!((out.status, out.headers["location"].as_str()), (303, "/"));
    let names: Vec<&String> = browser.jar.keys().collect();
    assert_eq!(names, ["__Host-Http-signpost-out"]);
    let again = browser.open(&stage, "/-/sign-in").await;
    assert_eq!(form(&again.headers["location"])["prompt"], "select_account");
    let state = form(&again.headers["location"])["state"].clone();
    browser.come_back(&stage, &state).await;
    assert!(browser.is_signed_in() && !browser.jar.contains_key("__Host-Http-signpost-out"));
}

#[tokio::test]
async fn another_account_can_be_chosen_while_one_is_signed_in() {
    let stage = Stage::new().await;
    stage.gives(&token("outsider"));
    let mut browser = Browser::default();
    browser.jar.insert(SESSION.to_owned(), token("outsider"));
    browser.jar.insert("__Host-Http-signpost-tried".to_owned(), "1".to_owned());
    let change = browser.open(&stage, &format!("/-/sign-in?{BACK}&org_id={ACME}&change=1")).await;
    assert_eq!(form(&change.headers["location"])["prompt"], "select_account");
    assert!(browser.jar.contains_key("__Host-Http-signpost-out") && browser.is_signed_in());
    // If the session lacks the organization, a sign-in without `change` leads to the provider once, never in a loop.
    let other = browser.open(&stage, &format!("/-/sign-in?{BACK}&org_id={ACME}")).await;
    let state = form(&other.headers["location"])["state"].clone();
    let back = browser.come_back(&stage, &state).await;
    assert_eq!(back.headers["location"], format!("/{ACME}/-/open/k7m2p9qr"));
}

/// Returns the token of a user who is in twenty organizations.
fn crowded(user: &str) -> String {
    signed(user, |claims| {
        for number in 0..20 {
            let id = format!("1189c444-8a2d-4c41-8b4b-ae43ce79a0{number:02}");
            let mut entry = claims["org_id_to_org_member_info"][ACME].clone();
            entry["org_id"] = id.as_str().into();
            entry["org_name"] = format!("<b>\"Org\" & '{number}'").into();
            claims["org_id_to_org_member_info"][id] = entry;
        }
    })
}

#[tokio::test]
async fn a_token_that_is_too_large_is_requested_again_for_the_wanted_organization() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    stage.gives(&crowded("member"));
    let state = browser.begin(&stage, &format!("{BACK}&org_id={ACME}")).await;
    let first = browser.flow_of(&state).unwrap().to_owned();
    let again = browser.come_back(&stage, &state).await;
    assert_eq!(again.status, 302, "{}", again.text);
    let asked = form(&again.headers["location"]);
    assert_eq!(asked["org_id"], ACME);
    assert!(!asked.contains_key("prompt") && !browser.is_signed_in());
    assert_ne!(asked["state"], state);
    // The second flow is stored in the same cookie as the first.
    assert_eq!(browser.flow_of(&asked["state"]), Some(first.as_str()));
    assert_eq!(browser.flows().len(), 1);
    assert_eq!(again.cookies.len(), 1, "{:?}", again.cookies);
    stage.gives(&signed("member", |claims| {
        let acme = claims["org_id_to_org_member_info"][ACME].clone();
        claims.as_object_mut().unwrap().remove("org_id_to_org_member_info");
        claims["org_member_info"] = acme;
    }));
    let back = browser.come_back(&stage, &asked["state"]).await;
    assert_eq!(back.headers["location"], format!("/{ACME}/-/open/k7m2p9qr"));
    assert!(browser.is_signed_in());

    // If the second token is too large as well, there is no further attempt.
    let mut browser = Browser::default();
    stage.gives(&crowded("member"));
    let state = browser.begin(&stage, &format!("org_id={ACME}")).await;
    let again = browser.come_back(&stage, &state).await;
    let end = browser.come_back(&stage, &form(&again.headers["location"])["state"]).await;
    assert_eq!(end.status, 403, "{}", end.text);
    assert!(
        end.text.contains("Too many organizations") && !browser.is_signed_in() && browser.flows().is_empty()
    );
}

#[tokio::test]
async fn a_sign_in_that_is_repeated_for_one_organization_does_not_affect_others() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    stage.gives(&crowded("member"));
    let mut states = Vec::new();
    for _ in 0..4 {
        states.push(browser.begin(&stage, &format!("return_to=/docs&org_id={ACME}")).await);
    }
    for state in states {
        let again = browser.come_back(&stage, &state).await;
        let narrow = form(&again.headers["location"])["state"].clone();
        assert!(browser.flow_of(&narrow).is_some() && browser.flow_of(&state).is_none());
        assert_eq!((browser.flows().len(), again.cookies.len()), (4, 1), "{:?}", again.cookies);
    }
}

#[tokio::test]
async fn a_person_in_twenty_organizations_chooses_one() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    stage.gives(&crowded("member"));
    let state = browser.begin(&stage, "return_to=/docs").await;
    let choice = browser.come_back(&stage, &state).await;
    assert_eq!(choice.status, 200);
    assert!(!browser.is_signed_in() && browser.flows().is_empty());
    assert_eq!(choice.text.matches("<a href=").count(), 21);
    assert!(
        choice.text.contains("&lt;b&gt;&quot;Org&quot; &amp; &#39;7&#39;") && !choice.text.contains("<b>")
    );
    let link = format!("/-/sign-in?return_to=%2Fdocs&amp;org_id={ACME}");
    assert!(choice.text.contains(&link), "{}", choice.text);
    is_a_page(&choice, 200);
    let state = browser.begin(&stage, &format!("return_to=%2Fdocs&org_id={ACME}")).await;
    let again = browser.come_back(&stage, &state).await;
    assert_eq!(form(&again.headers["location"])["org_id"], ACME);
}

#[tokio::test]
async fn a_session_lives_as_long_as_its_token() {
    let stage = Stage::new().await;
    let now = Timestamp::now();
    for (seconds, kept) in [(1, true), (1_800, true), (0, false), (-30, false), (-3_600, false)] {
        let mut browser = Browser::default();
        let exp = now.seconds() + seconds;
        stage.gives(&signed("member", |claims| {
            claims["iat"] = (exp - 1_800).into();
            claims["exp"] = exp.into();
        }));
        let state = browser.begin(&stage, BACK).await;
        let call = browser.call(&format!("/-/callback?code=c&state={state}"));
        let answer = browser.send(&stage.app.functions, &call, now).await;
        assert_eq!(browser.is_signed_in(), kept, "{seconds}: {}", answer.text);
        if kept {
            assert!(browser.attributes[SESSION].ends_with(&format!("; Max-Age={seconds}")), "{seconds}");
        } else {
            is_a_page(&answer, 502);
        }
    }
}

/// A token's claims, and how they appear in the session's response.
#[tokio::test]
async fn an_api_key_has_no_session_and_a_person_without_organizations_has_one() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    browser.jar.insert(SESSION.to_owned(), "a1".repeat(64));
    browser.open(&stage, "/-/session").await.is_problem(401, "unauthenticated");
    browser.jar.insert(SESSION.to_owned(), token("stranger"));
    let answer = browser.open(&stage, "/-/session").await;
    assert_eq!((answer.status, &answer.body["organizations"]), (200, &json!([])));
    assert_ne!(answer.body["user_id"], Value::Null);
}

//! Attacks on a sign-in, one test each.

use super::BACK;
use crate::support::browser::{Browser, FLOW, SESSION, Stage, form, is_a_page};
use crate::support::{ACME, Call, token};
use serde_json::json;
use shared::model::Timestamp;

#[tokio::test]
async fn a_state_of_another_browser_signs_nobody_in() {
    let stage = Stage::new().await;
    stage.gives(&token("outsider"));
    let mut attacker = Browser::default();
    let foreign = attacker.begin(&stage, BACK).await;
    let mut victim = Browser::default();
    let own = victim.begin(&stage, BACK).await;
    // Two states that begin with the same characters are still different.
    let alike = format!("{}{}", &own[..8], &foreign[8..]);
    for state in [foreign.as_str(), &alike, "", "x", &own[..8], &own[..42], &format!("{own}x"), "%00", "é"] {
        let answer = victim.come_back(&stage, state).await;
        is_a_page(&answer, 400);
        assert!(answer.cookies.is_empty(), "{state}");
    }
    is_a_page(&victim.open(&stage, "/-/callback?code=c").await, 400);
    assert_eq!((stage.exchanges(), victim.is_signed_in()), (0, false));
    victim.come_back(&stage, &own).await;
    assert!(victim.is_signed_in());
}

#[tokio::test]
async fn a_second_callback_exchanges_nothing() {
    let stage = Stage::new().await;
    stage.gives(&token("member"));
    let mut browser = Browser::default();
    let state = browser.begin(&stage, BACK).await;
    browser.come_back(&stage, &state).await;
    let second = browser.come_back(&stage, &state).await;
    assert_eq!((second.status, second.headers["location"].as_str()), (302, "/"));
    assert_eq!((stage.exchanges(), second.cookies.len()), (1, 0));
}

#[tokio::test]
async fn a_flow_ends_after_ten_minutes() {
    let stage = Stage::new().await;
    stage.gives(&token("member"));
    for (millis, kept) in [(599_000, true), (601_000, false), (-5_000, false)] {
        let mut browser = Browser::default();
        let state = browser.begin(&stage, BACK).await;
        let later = Timestamp::try_from(Timestamp::now().millis() + millis).unwrap();
        let call = browser.call(&format!("/-/callback?code=c&state={state}"));
        browser.send(&stage.app.functions, &call, later).await;
        assert_eq!((browser.is_signed_in(), browser.flows().len()), (kept, 0), "{millis}");
    }
}

#[tokio::test]
async fn a_repeated_cookie_counts_as_neither_session_nor_flow() {
    let stage = Stage::new().await;
    stage.gives(&token("member"));
    let mut browser = Browser::default();
    browser.jar.insert(SESSION.to_owned(), token("member"));
    for (first, second) in [("member", "outsider"), ("outsider", "member"), ("member", "member")] {
        let mut call = browser.call("/-/session");
        call.event["cookies"] =
            json!([format!("{SESSION}={}", token(first)), format!("{SESSION}={}", token(second))]);
        call.send(&stage.app).await.is_problem(401, "unauthenticated");
    }
    let mut browser = Browser::default();
    let state = browser.begin(&stage, BACK).await;
    let mut call = browser.call(&format!("/-/callback?code=c&state={state}"));
    let cookie = call.event["cookies"][0].clone();
    call.event["cookies"] = json!([cookie, cookie]);
    is_a_page(&call.send(&stage.app).await, 400);
    assert_eq!(stage.exchanges(), 0);
}

#[tokio::test]
async fn a_sign_in_never_leads_to_another_site() {
    let stage = Stage::new().await;
    stage.gives(&token("member"));
    for text in [
        "//e",
        "/\\e",
        "/%09/e",
        "/%2509/e",
        "/@h/s",
        "/acme/evil",
        "/%0D%0ASet-Cookie:%20a=b",
        "https://e",
        "%2F%2Fe",
        "javascript:alert(1)",
        "/-/sign-in",
        "/acme/-/open/x%2F..%2F..%2F..",
        "/acme/-/open/x%3Fy",
        "e",
        "",
        "%00",
        "é",
    ] {
        let mut browser = Browser::default();
        let state = browser.begin(&stage, &format!("return_to={text}")).await;
        let back = browser.come_back(&stage, &state).await;
        assert_eq!((back.status, back.headers["location"].as_str()), (302, "/"), "{text}");
    }
    // The path in a flow's cookie is validated in the same way as in a request.
    let mut browser = Browser::default();
    let state = browser.begin(&stage, "return_to=/docs").await;
    for value in browser.jar.values_mut() {
        *value = value.replace("/docs", "https://evil.example/");
    }
    assert_eq!(browser.come_back(&stage, &state).await.headers["location"], "/");
}

#[tokio::test]
async fn two_tabs_sign_in_at_once() {
    let stage = Stage::new().await;
    stage.gives(&token("member"));
    let mut browser = Browser::default();
    let first = browser.begin(&stage, "return_to=/docs").await;
    let second = browser.begin(&stage, BACK).await;
    assert_eq!(browser.flows().len(), 2);
    let back = browser.come_back(&stage, &first).await;
    assert_eq!(back.headers["location"], "/docs");
    let verifier = stage.form()["code_verifier"].clone();
    let back = browser.come_back(&stage, &second).await;
    assert_eq!(back.headers["location"], format!("/{ACME}/-/open/k7m2p9qr"));
    assert_ne!(stage.form()["code_verifier"], verifier);
    assert_eq!((browser.flows().len(), stage.exchanges()), (0, 2));
}

#[tokio::test]
async fn a_fifth_flow_replaces_the_first() {
    let stage = Stage::new().await;
    stage.gives(&token("member"));
    let mut browser = Browser::default();
    let mut states = Vec::new();
    let start = Timestamp::now().millis();
    for number in 0..5 {
        let call = browser.call("/-/sign-in?return_to=/docs");
        let now = Timestamp::try_from(start + number).unwrap();
        let answer = browser.send(&stage.app.functions, &call, now).await;
        states.push(form(&answer.headers["location"])["state"].clone());
    }
    assert_eq!(browser.flows(), ["0", "1", "2", "3"]);
    let kept: Vec<bool> = states.iter().map(|state| browser.flow_of(state).is_some()).collect();
    assert_eq!(kept, [false, true, true, true, true]);
    is_a_page(&browser.come_back(&stage, &states[0]).await, 400);
    assert_eq!(browser.come_back(&stage, &states[4]).await.headers["location"], "/docs");
    // The cookie names of finished or invalid flows can be reused.
    let free = browser.flow_of(&states[3]).unwrap().to_owned();
    browser.jar.insert(free, "nothing".to_owned());
    let call = browser.call("/-/sign-in?change=1");
    let soon = Timestamp::try_from(start + 10).unwrap();
    let begun = browser.send(&stage.app.functions, &call, soon).await;
    assert!(browser.flow_of(&form(&begun.headers["location"])["state"]).is_some());
    assert!(states[1..3].iter().all(|state| browser.flow_of(state).is_some()));
    let call = browser.call("/-/sign-in?change=1");
    let much_later = Timestamp::try_from(start + 700_000).unwrap();
    browser.send(&stage.app.functions, &call, much_later).await;
    assert!(browser.flows().len() <= 4);
}

#[tokio::test]
async fn concurrent_sign_ins_do_not_overflow_the_headers_and_replaced_ones_start_again() {
    let stage = Stage::new().await;
    stage.gives(&token("member"));
    let mut browser = Browser::default();
    // None of these requests contains the cookies that the responses to the others set.
    let call = browser.call("/-/sign-in?return_to=/docs");
    let now = Timestamp::now();
    let mut states = Vec::new();
    for _ in 0..35 {
        let answer = browser.send(&stage.app.functions, &call, now).await;
        states.push(form(&answer.headers["location"])["state"].clone());
    }
    let cookies: usize = browser.jar.iter().map(|(name, value)| name.len() + value.len() + 3).sum();
    assert!(browser.flows().len() <= 4 && cookies < 2_000, "{cookies} bytes of cookies");
    let mut signed_in = 0;
    for state in &states {
        let mut browser = browser.clone();
        let back = browser.come_back(&stage, state).await;
        if browser.is_signed_in() {
            signed_in += 1;
            assert_eq!(back.headers["location"], "/docs");
        } else {
            is_a_page(&back, 400);
            assert_eq!(back.text.matches("<a href=\"/-/sign-in?").count(), 1, "{}", back.text);
            assert_eq!(back.text.matches("<a ").count(), 1);
        }
    }
    assert_eq!(signed_in, browser.flows().len());
}

#[tokio::test]
async fn a_flow_of_an_earlier_version_is_ignored_and_removed_by_the_next_sign_in() {
    let stage = Stage::new().await;
    stage.gives(&token("member"));
    let mut browser = Browser::default();
    let state = browser.begin(&stage, BACK).await;
    let slot = browser.flow_of(&state).unwrap().to_owned();
    let value = browser.jar.remove(&slot).unwrap();
    for name in [&state[..8], "4", "00", "-1", ""] {
        browser.jar.insert(format!("{FLOW}{name}"), value.clone());
    }
    is_a_page(&browser.come_back(&stage, &state).await, 400);
    assert_eq!(stage.exchanges(), 0);
    browser.begin(&stage, BACK).await;
    assert!(!browser.flows().contains(&&state[..8]), "{:?}", browser.flows());
}

#[tokio::test]
async fn only_a_document_begins_or_ends_a_sign_in() {
    let stage = Stage::new().await;
    let browser = Browser::default();
    for path in ["/-/sign-in", "/-/callback"] {
        for (mode, destination) in [
            ("cors", "empty"),
            ("no-cors", "image"),
            ("navigate", "iframe"),
            ("navigate", "frame"),
            ("navigate", "embed"),
        ] {
            for _ in 0..20 {
                let call =
                    browser.call(path).header("sec-fetch-mode", mode).header("sec-fetch-dest", destination);
                let answer = call.send(&stage.app).await;
                answer.is_problem(403, "forbidden");
                assert!(answer.cookies.is_empty());
            }
        }
        let mut program = browser.call(path).header("accept", "*/*");
        for name in ["sec-fetch-mode", "sec-fetch-dest", "sec-fetch-site", "sec-fetch-user"] {
            program.event["headers"].as_object_mut().unwrap().remove(name);
        }
        program.send(&stage.app).await.is_problem(403, "forbidden");
        // Safari before 16.4 sends no Fetch Metadata.
        let old =
            program.header("accept", "text/html,application/xhtml+xml,*/*;q=0.8").send(&stage.app).await;
        assert_ne!(old.status, 403);
    }
    assert_eq!(stage.exchanges(), 0);
}

#[tokio::test]
async fn a_prefetch_gets_503_without_a_cookie_and_head_is_not_supported() {
    let stage = Stage::new().await;
    stage.gives(&token("member"));
    let mut browser = Browser::default();
    let state = browser.begin(&stage, BACK).await;
    for path in ["/-/sign-in?return_to=/docs", &format!("/-/callback?code=c&state={state}")] {
        for purpose in ["prefetch", "prefetch;prerender"] {
            let answer = browser.call(path).header("sec-purpose", purpose).send(&stage.app).await;
            is_a_page(&answer, 503);
            assert!(answer.cookies.is_empty());
        }
    }
    for path in ["/-/sign-in", "/-/callback"] {
        let head = Call::new("redirect").path(path).method("HEAD").send(&stage.app).await;
        assert_eq!((head.status, head.cookies.len()), (405, 0));
        let head = browser.call(path).method("HEAD").send(&stage.app).await;
        assert_eq!((head.status, head.cookies.len()), (404, 0));
    }
    assert_eq!(stage.exchanges(), 0);
}

#[tokio::test]
async fn only_our_own_pages_sign_out() {
    let stage = Stage::new().await;
    let own = super::origin();
    for (site, origin, done) in [
        (Some("same-origin"), None, true),
        (Some("same-origin"), Some("https://evil.example"), true),
        (Some("same-site"), Some(own.as_str()), false),
        (Some("cross-site"), Some(own.as_str()), false),
        (Some("none"), None, false),
        (None, Some(own.as_str()), true),
        (None, Some("https://evil.example"), false),
        (None, Some("null"), false),
        (None, None, false),
    ] {
        let mut browser = Browser::default();
        browser.jar.insert(SESSION.to_owned(), token("member"));
        let mut call = browser.call("/-/sign-out");
        let headers = call.event["headers"].as_object_mut().unwrap();
        for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
            match value {
                Some(value) => headers.insert(name.to_owned(), value.into()),
                None => headers.remove(name),
            };
        }
        let answer = browser.send(&stage.app.functions, &call, Timestamp::now()).await;
        assert_eq!(browser.is_signed_in(), !done, "{site:?} {origin:?}");
        if done {
            assert_eq!(answer.status, 303);
        } else {
            answer.is_problem(403, "forbidden");
            assert!(answer.cookies.is_empty());
        }
    }
    let get = Browser::default().call("/-/sign-out").method("GET").send(&stage.app).await;
    assert_eq!((get.status, get.cookies.len()), (404, 0));
}

/// Follows all redirects; the provider redirects the browser back at once. Returns the number of requests and the last
/// status.
async fn hops(mut browser: Browser, stage: &Stage) -> (usize, u64) {
    let mut url = format!("/-/sign-in?{BACK}&org_id={ACME}");
    for hop in 1..=20 {
        let answer = browser.open(stage, &url).await;
        let Some(location) = answer.headers.get("location") else { return (hop, answer.status) };
        url = if location.starts_with(&stage.provider.url) {
            format!("/-/callback?code=c&state={}", form(location)["state"])
        } else if browser.is_signed_in() {
            return (hop, 302);
        } else {
            // `open` redirects a browser to this URL if it is not signed in.
            format!("/-/sign-in?{BACK}&org_id={ACME}")
        };
    }
    panic!("an endless loop");
}

#[tokio::test]
async fn a_browser_that_drops_cookies_is_not_redirected_endlessly() {
    let stage = Stage::new().await;
    stage.gives(&token("member"));
    let dropping = |drops| Browser { drops, ..Browser::default() };
    assert_eq!(hops(dropping(None), &stage).await, (2, 302));
    assert_eq!(hops(dropping(Some("__Host-")), &stage).await, (2, 400));
    // The browser drops only the session cookie, as it does if the cookie is too large. The page says that the sign-in
    // was not kept, and the person can try again.
    let (hops, status) = hops(dropping(Some(SESSION)), &stage).await;
    assert!(hops <= 8 && status == 403, "{hops} {status}");
}

#[tokio::test]
async fn the_page_of_a_session_that_is_not_kept_lets_the_person_try_again() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    browser.jar.insert("__Host-Http-signpost-tried".to_owned(), "1".to_owned());
    let page = browser.open(&stage, &format!("/-/sign-in?{BACK}")).await;
    is_a_page(&page, 403);
    assert!(page.text.contains("Sign-in didn't stick"), "{}", page.text);
    assert_eq!(browser.open(&stage, &format!("/-/sign-in?{BACK}")).await.status, 302);
}

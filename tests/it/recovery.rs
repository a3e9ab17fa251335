//! The state after a store outage, a late response, a jump of the clock or the end of a function. Nothing that was
//! acknowledged is lost, nothing is created twice, and no restart is needed.

use crate::support::faulty::{Fault, Faulty};
use crate::support::{ACME, Answer, Call, TestApp};
use local::functions::Function;
use local::routes::ROUTES;
use shared::model::Timestamp;

/// Each instance has the SDK's retry budget of 500 tokens. A retry takes 14 tokens, or 5 if the store throttles, and
/// returns them if it succeeds. A first attempt that succeeds adds one token. So a failing store gets three calls per
/// request at first, but soon only one.
#[tokio::test]
async fn a_store_that_stays_away_soon_gets_one_call_for_each_request() {
    let throttled = Fault::Refused(400, "ThrottlingException");
    for (fault, with_two_retries, with_one) in [(Fault::Broken, 17, 1), (throttled, 50, 0)] {
        let app = TestApp::start().await;
        app.put(&[]).await;
        let faulty = Faulty::new(&[]);
        let functions = faulty.functions(&app.url);
        let call = Call::new("read");
        let refill = || faulty.faults.lock().unwrap().extend([fault; 3]);
        let mut calls = 0;
        for number in 0..100 {
            faulty.faults.lock().unwrap().clear();
            refill();
            call.send_to(&functions, Timestamp::now()).await.is_problem(503, "unavailable");
            let made = faulty.calls() - std::mem::replace(&mut calls, faulty.calls());
            let wanted = match number {
                number if number < with_two_retries => 3,
                number if number < with_two_retries + with_one => 2,
                _ => 1,
            };
            assert_eq!(made, wanted, "{fault:?} {number}");
        }
        // When the store works again, requests succeed at once. After some successful requests, the SDK's retry budget
        // allows retries again.
        faulty.faults.lock().unwrap().clear();
        for _ in 0..10 {
            assert_eq!(call.send_to(&functions, Timestamp::now()).await.status, 200);
        }
        faulty.faults.lock().unwrap().push_back(fault);
        assert_eq!(call.send_to(&functions, Timestamp::now()).await.status, 200, "{fault:?}");
    }
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_asked_for_again_and_nothing_is_made_twice() {
    let app = TestApp::start().await;
    let late = |name: &'static str, spared: usize| {
        let faulty = Faulty::new(&[Fault::TooLate]);
        *faulty.spared.lock().unwrap() = spared;
        let functions = faulty.functions(&app.url);
        async move { Call::new(name).by("owner").send_to(&functions, Timestamp::now()).await }
    };
    app.put(&[]).await;
    // Each request waits for its real timeout, but all wait at the same time.
    let (created, chosen, updated, handle, read, listed, redirected) = tokio::join!(
        late("create", 0),
        late("create-chosen", 0),
        late("update", 1),
        late("handle", 1),
        late("read-qr", 0),
        late("list", 0),
        late("redirect", 0),
    );
    assert_eq!((created.status, chosen.status), (201, 201), "{} {}", created.text, chosen.text);
    assert_eq!((updated.status, &updated.body["version"]), (200, &2.into()), "{}", updated.text);
    assert_eq!(handle.text, r#"{"handle":"acme","handles":["acme"]}"#);
    assert_eq!((read.status, listed.status, redirected.status), (200, 200, 302));
    assert_eq!(Call::new("read").send(&app).await.body["version"], 2);
    // The table contains three links, the handle and the list of handles.
    assert_eq!(app.count().await, 5);
    assert_eq!(late("delete", 1).await.status, 200);
    assert_eq!(app.count().await, 4);
}

#[tokio::test]
async fn a_clock_that_jumps_about_fails_nothing_and_is_forgotten_once_it_is_right() {
    for route in ROUTES {
        let app = TestApp::with_settings(&[("LINK_CACHE_SECONDS", "300"), ("ROOT_ORG", ACME)]).await;
        app.put(&[]).await;
        let call = Call::from_route(&route).by("owner");
        let now = Timestamp::now().millis();
        let day = 86_400_000;
        let writes = matches!(route.function, Function::Update | Function::Delete);
        let first = call.send_at(&app, Timestamp::try_from(now).unwrap()).await;
        for jumped in [now + day, now - day, 0, 253_402_300_799_999, now - 1, now + 1_000, now] {
            let answer = call.send_at(&app, Timestamp::try_from(jumped).unwrap()).await;
            assert!(answer.status < 500, "{} at {jumped}: {}", route.key(), answer.text);
            if writes {
                app.put(&[]).await;
            }
        }
        let last = call.send_at(&app, Timestamp::try_from(now).unwrap()).await;
        assert_eq!(last.status, first.status, "{}: {}", route.key(), last.text);
    }
}

/// Runs a call until the store has sent this many responses (`answered`) and the call waits for the next one. Then
/// drops the call, as if the function were killed. Returns `None` if the call finished earlier.
async fn killed(app: &TestApp, call: &Call, answered: usize, fault: Fault) -> Option<()> {
    let faulty = Faulty::new(&[fault]);
    *faulty.spared.lock().unwrap() = answered;
    let functions = faulty.functions(&app.url);
    tokio::select! {
        _ = call.send_to(&functions, Timestamp::now()) => None,
        () = faulty.stuck.notified() => Some(()),
    }
}

/// Kills a call at each possible point and sends it again. Then calls `check` with the fixture and the second attempt's
/// response.
async fn killed_anywhere(call: Call, check: impl AsyncFn(&TestApp, Answer)) {
    let mut kills = 0;
    for answered in 0.. {
        let before = kills;
        for fault in [Fault::Hangs, Fault::TooLate] {
            let app = TestApp::start().await;
            app.put(&[]).await;
            if killed(&app, &call, answered, fault).await.is_some() {
                kills += 1;
                check(&app, call.send(&app).await).await;
            }
        }
        if kills == before {
            break;
        }
    }
    assert!(kills >= 2, "{kills}");
}

#[tokio::test]
async fn a_create_that_is_killed_anywhere_is_made_once_by_a_second_try_under_its_key() {
    killed_anywhere(Call::new("create-idempotent"), async |app, answer| {
        assert!([200, 201].contains(&answer.status), "{}", answer.text);
        assert_eq!(app.count().await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_create_of_a_chosen_slug_that_is_killed_anywhere_is_made_once_by_a_second_try() {
    killed_anywhere(Call::new("create-chosen"), async |app, answer| {
        assert!([201, 409].contains(&answer.status), "{}", answer.text);
        assert_eq!(app.count().await, 2);
        assert_eq!(Call::new("read").slug("launch").send(app).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn an_edit_that_is_killed_anywhere_is_made_once_by_a_second_try() {
    killed_anywhere(Call::new("update").header("if-match", "\"1795383720000-1\""), async |app, answer| {
        assert!([200, 412].contains(&answer.status), "{}", answer.text);
        let link = Call::new("read").send(app).await;
        assert_eq!((&link.body["version"], &link.body["title"]), (&2.into(), &"Edited".into()));
    })
    .await;
}

#[tokio::test]
async fn a_delete_that_is_killed_anywhere_is_done_after_a_second_try() {
    killed_anywhere(Call::new("delete"), async |app, answer| {
        assert!([200, 404].contains(&answer.status), "{}", answer.text);
        assert_eq!(app.count().await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_claim_that_is_killed_anywhere_is_whole_and_made_once_by_a_second_try() {
    killed_anywhere(Call::new("handle").by("owner"), async |app, answer| {
        assert_eq!((answer.status, &answer.body["handles"]), (200, &["acme"][..].into()), "{}", answer.text);
        assert_eq!(app.count().await, 3);
    })
    .await;
}

#[tokio::test]
async fn what_reads_can_be_killed_anywhere_and_asked_again() {
    for name in [
        "list",
        "list-filtered",
        "list-search",
        "list-url",
        "read",
        "read-qr",
        "redirect",
        "open",
        "handle-get",
    ] {
        killed_anywhere(Call::new(name), async |app, answer| {
            assert!(answer.status < 400, "{name}: {}", answer.text);
            assert_eq!(app.count().await, 1);
        })
        .await;
    }
}

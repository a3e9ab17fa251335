use crate::house::{Answer, Call, GLOBEX, House};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;

fn patch(body: Value) -> Call {
    Call::of("update").body(&body.to_string())
}

#[tokio::test]
async fn an_edit_writes_the_sent_fields_and_nothing_else() {
    let house = House::open().await;
    house.put(&[]).await;
    let before = Call::of("read").send(&house).await;
    let now = Timestamp::try_from(Timestamp::now().millis() + 5_000).unwrap();
    let after = Call::of("update").send_at(&house, now).await;
    assert_eq!(after.status, 200, "{}", after.text);
    let mut expected = before.body.clone();
    expected["url"] = "https://example.com/edited".into();
    expected["title"] = "Edited".into();
    expected["updated_at"] = now.to_string().into();
    expected["version"] = 2.into();
    assert_eq!(after.body, expected);
    assert_eq!(after.headers["etag"], "\"k7m2p9qr#1795383720000-2\"");
    assert_eq!(Call::of("read").send(&house).await.body, expected);
    assert_eq!(Call::of("redirect").send(&house).await.headers["location"], "https://example.com/edited");
}

#[tokio::test]
async fn every_editable_field_can_be_changed_and_null_clears() {
    let house = House::open().await;
    house.put(&[]).await;
    let full = json!({
        "url": "https://example.com/2", "title": "Two", "tags": ["b", "a"], "access": "members", "enabled": false,
        "expires_at": "2030-01-31T23:59:59Z",
    });
    let edited = patch(full).send(&house).await;
    assert_eq!(edited.body["tags"], json!(["a", "b"]));
    assert_eq!(edited.body["expires_at"], "2030-01-31T23:59:59.000Z");
    assert_eq!((&edited.body["access"], &edited.body["enabled"]), (&json!("members"), &json!(false)));
    for empty in [json!({ "title": null, "tags": null, "expires_at": null }), json!({ "tags": [] })] {
        let cleared = patch(empty).send(&house).await;
        assert_eq!(cleared.status, 200, "{}", cleared.text);
        assert_eq!((&cleared.body["title"], &cleared.body["tags"]), (&json!(null), &json!([])));
        assert_eq!(cleared.body["expires_at"], json!(null));
        assert_eq!(cleared.body["url"], "https://example.com/2");
    }
    let item = house.client.scan().table_name("links").send().await.unwrap().items()[0].clone();
    assert!(["ttl", "tags", "title", "expires_at"].iter().all(|name| !item.contains_key(*name)), "{item:?}");
}

#[tokio::test]
async fn the_time_of_deletion_moves_with_the_expiry() {
    let house = House::open().await;
    house.put(&[]).await;
    for (expires_at, ttl) in [("2030-01-31T22:59:59Z", "1898722799"), ("2030-01-31T23:59:59Z", "1898726399")]
    {
        patch(json!({ "expires_at": expires_at })).send(&house).await;
        patch(json!({ "title": "unrelated" })).send(&house).await;
        let item = house.client.scan().table_name("links").send().await.unwrap().items()[0].clone();
        assert_eq!(item["ttl"].as_n().unwrap(), ttl);
    }
}

#[tokio::test]
async fn the_media_type_of_merge_patches_is_accepted() {
    let house = House::open().await;
    house.put(&[("title", Some(AttributeValue::S("Old".to_owned())))]).await;
    let answer = Call::of("update-merge-patch").send(&house).await;
    assert_eq!((answer.status, &answer.body["title"]), (200, &json!(null)), "{}", answer.text);
}

#[tokio::test]
async fn the_identity_of_a_link_cannot_change() {
    let house = House::open().await;
    house.put(&[]).await;
    let answer = Call::of("update-identity").send(&house).await;
    let places = ["/org_id", "/birth", "/creator_name", "/version"].map(|place| (place, "immutable"));
    assert_eq!(answer.is_problem(422, "validation_failed").faults(), places);
    assert_eq!(
        answer.body["errors"][0]["message"],
        "this field cannot be changed; create a new link instead"
    );
    for (body, fault) in [
        (json!({ "url": null }), ("/url", "wrong_type")),
        (json!({ "enabled": null }), ("/enabled", "wrong_type")),
        (json!({ "colour": 1 }), ("/colour", "unknown_field")),
        (json!({ "birth": "V1StGXR8_Z5jdHi6" }), ("/birth", "immutable")),
        (json!([]), ("", "wrong_type")),
    ] {
        let answer = patch(body).send(&house).await;
        assert_eq!(answer.is_problem(422, "validation_failed").faults(), [fault]);
    }
    assert_eq!(Call::of("read").send(&house).await.body["version"], 1);
}

#[tokio::test]
async fn a_member_edits_only_their_own_links_and_an_admin_any() {
    for (user, status) in
        [("member", 200), ("colleague", 403), ("admin", 200), ("owner", 200), ("outsider", 403)]
    {
        let house = House::open().await;
        house.put(&[]).await;
        let answer = Call::of("update").by(user).send(&house).await;
        assert_eq!(answer.status, status, "{user}: {}", answer.text);
        let version = if status == 200 { 2 } else { 1 };
        assert_eq!(Call::of("read").send(&house).await.body["version"], version, "{user}");
    }
}

#[tokio::test]
async fn an_edit_does_not_bring_back_a_deleted_link() {
    let house = House::open().await;
    Call::of("update").send(&house).await.is_problem(404, "not_found");
    Call::of("update").by("owner").send(&house).await.is_problem(404, "not_found");
    Call::of("update")
        .header("if-match", "\"1795383720000-1\"")
        .send(&house)
        .await
        .is_problem(404, "not_found");
    Call::of("update").header("if-match", "*").send(&house).await.is_problem(404, "not_found");
    assert_eq!(house.count().await, 0);
    house.put(&[]).await;
    Call::of("update").by("outsider").org(GLOBEX).send(&house).await.is_problem(404, "not_found");
    Call::of("update").slug("@handles").send(&house).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn if_match_allows_an_edit_or_a_delete_only_of_that_version() {
    for name in ["update", "delete"] {
        for (if_match, holds) in [
            ("\"1795383720000-1\"", true),
            ("*", true),
            ("\"1-1\", \"1795383720000-1\"", true),
            ("\"1795383720000-2\"", false),
            ("\"1795383720001-1\"", false),
            ("W/\"1795383720000-1\"", false),
            ("\"something\"", false),
            ("", false),
        ] {
            let house = House::open().await;
            house.put(&[]).await;
            let answer = Call::of(name).header("if-match", if_match).send(&house).await;
            if holds {
                assert_eq!(answer.status, 200, "{name} {if_match}: {}", answer.text);
            } else {
                answer.is_problem(412, "precondition_failed");
                assert_eq!(Call::of("read").send(&house).await.body["version"], 1);
            }
            // Ownership is checked before the version.
            house.put(&[]).await;
            let colleague = Call::of(name).header("if-match", "\"1-1\"").by("colleague").send(&house).await;
            colleague.is_problem(403, "forbidden");
        }
    }
}

#[tokio::test]
async fn an_invalid_precondition_is_reported_and_nothing_is_changed() {
    let house = House::open().await;
    house.put(&[]).await;
    for name in ["update", "delete"] {
        for if_match in ["1795383720000-1", "\"unclosed", "*, *"] {
            let answer = Call::of(name).header("if-match", if_match).send(&house).await;
            answer.is_problem(400, "invalid_header");
        }
    }
    assert_eq!(Call::of("read").send(&house).await.body["version"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_concurrent_edits_of_one_version_one_succeeds() {
    let house = Arc::new(House::open().await);
    house.put(&[]).await;
    let answers = Call::of("update").header("if-match", "\"1795383720000-1\"").race(&house, 50).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.is_problem(412, "precondition_failed");
    }
    assert_eq!(Call::of("read").send(&house).await.body["version"], 2);
}

/// Sends these calls concurrently, and returns their responses.
async fn at_once(house: &Arc<House>, calls: impl IntoIterator<Item = Call>) -> Vec<Answer> {
    let send = |call: Call| {
        let house = Arc::clone(house);
        tokio::spawn(async move { call.send(&house).await })
    };
    let sent: Vec<_> = calls.into_iter().map(send).collect();
    let mut answers = Vec::new();
    for answer in sent {
        answers.push(answer.await.unwrap());
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_concurrent_edits_without_a_precondition_are_twenty_versions() {
    let house = Arc::new(House::open().await);
    house.put(&[]).await;
    let calls = (0..20).map(|number| patch(json!({ "title": format!("Title {number}") })));
    let answers = at_once(&house, calls).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(Call::of("read").send(&house).await.body["version"], 21);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_equal_concurrent_edits_are_one_version_which_all_of_them_return() {
    let house = Arc::new(House::open().await);
    house.put(&[]).await;
    let answers = Call::of("update").race(&house, 50).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (200, &answers[0].body), "{}", answer.text);
    }
    assert_eq!(Call::of("read").send(&house).await.body["version"], 2);
}

async fn item(house: &House) -> HashMap<String, AttributeValue> {
    house.client.scan().table_name("links").send().await.unwrap().items()[0].clone()
}

/// Sends edits that leave the link as it is, with and without preconditions that hold.
async fn change_nothing(house: &House, link: &Answer, edits: Vec<Value>) {
    let before = item(house).await;
    for edit in edits {
        for if_match in [None, Some("*"), Some(link.headers["etag"].as_str())] {
            let call = patch(edit.clone());
            let call = if_match.map_or(call.clone(), |tag| call.header("if-match", tag));
            let now = Timestamp::try_from(Timestamp::now().millis() + 5_000).unwrap();
            let answer = call.send_at(house, now).await;
            assert_eq!((answer.status, &answer.body), (200, &link.body), "{edit}: {}", answer.text);
            assert_eq!(answer.headers["etag"], link.headers["etag"], "{edit}");
        }
    }
    assert_eq!(item(house).await, before);
}

#[tokio::test]
async fn an_edit_that_changes_nothing_writes_nothing_however_it_is_spelled() {
    let house = House::open().await;
    house.put(&[]).await;
    let bare = Call::of("read").send(&house).await;
    let cleared = json!({ "title": null, "tags": null, "expires_at": null });
    let defaults = json!({ "access": "public", "enabled": true });
    change_nothing(&house, &bare, vec![json!({}), cleared, json!({ "tags": [] }), defaults]).await;

    let full = json!({
        "url": "https://example.com/a%20b", "title": "Two", "tags": ["b", "a"], "access": "members", "enabled": false,
        "expires_at": "2030-01-31T22:59:59Z",
    });
    let edited = patch(full.clone()).send(&house).await;
    assert_eq!(edited.body["version"], 2, "{}", edited.text);
    let edits = vec![
        full,
        json!({}),
        json!({ "title": "Two" }),
        json!({ "url": " HTTPS://EXAMPLE.com:443/x/../a b" }),
        json!({ "tags": ["a", "B", "b", "A"] }),
        json!({ "expires_at": "2030-01-31T23:59:59.999+01:00" }),
    ];
    change_nothing(&house, &edited, edits).await;
}

/// The link of [`House::put`], whose expiry has passed.
async fn put_expired(house: &House, expires_at: &str) {
    let seconds = Timestamp::from_rfc_3339(expires_at).unwrap().seconds();
    let number = |seconds: i64| Some(AttributeValue::N(seconds.to_string()));
    house.put(&[("expires_at", number(seconds)), ("ttl", number(seconds + 30 * 24 * 60 * 60))]).await;
}

const PASSED: &str = "2026-11-23T00:00:00.000Z";

#[tokio::test]
async fn a_links_own_expiry_can_be_sent_back_after_it_has_passed() {
    let house = House::open().await;
    put_expired(&house, PASSED).await;
    let stored = item(&house).await;
    let read = Call::of("read").send(&house).await;
    let same = [PASSED, "2026-11-23T01:00:00.9+01:00"].map(|time| json!({ "expires_at": time }));
    change_nothing(&house, &read, same.to_vec()).await;
    let whole = json!({
        "url": read.body["url"], "title": null, "tags": [], "access": "public", "enabled": true, "expires_at": PASSED,
    });
    change_nothing(&house, &read, vec![whole.clone()]).await;

    let mut form = whole;
    form["title"] = "Found again".into();
    let edit = patch(form).header("if-match", &read.headers["etag"]);
    let edited = edit.send(&house).await;
    assert_eq!((edited.status, &edited.body["title"]), (200, &json!("Found again")), "{}", edited.text);
    assert_eq!((&edited.body["expires_at"], &edited.body["version"]), (&json!(PASSED), &json!(2)));
    let after = item(&house).await;
    assert_eq!((&after["expires_at"], &after["ttl"]), (&stored["expires_at"], &stored["ttl"]));
    Call::of("redirect").send(&house).await.is_problem(410, "link_expired");
}

#[tokio::test]
async fn an_edit_with_the_links_own_passed_expiry_is_one_read_and_one_write() {
    let house = House::open().await;
    let seconds = Timestamp::from_rfc_3339(PASSED).unwrap().seconds();
    let birth = Some(AttributeValue::S("V1StGXR8_Z5jdHi6".to_owned()));
    house.put(&[("birth", birth), ("expires_at", Some(AttributeValue::N(seconds.to_string())))]).await;
    let counting = crate::faulty::Counting::of(&house);
    let now = Timestamp::now();
    // The first edit puts the link into the index, and the first response also reads the organization's handle.
    patch(json!({ "title": "Zero" })).send_to(&counting.functions, now).await;
    for title in ["One", "Two"] {
        let before = counting.calls();
        let edit = patch(json!({ "title": title, "expires_at": PASSED }));
        let edited = edit.send_to(&counting.functions, now).await;
        assert_eq!((edited.status, &edited.body["title"]), (200, &json!(title)), "{}", edited.text);
        assert_eq!(counting.calls() - before, 2);
    }
}

#[tokio::test]
async fn any_other_expiry_in_the_past_is_a_fault_and_nothing_is_changed() {
    let house = House::open().await;
    let fault = ("/expires_at", "not_in_the_future");
    for expires_at in [Some(PASSED), Some("2099-01-01T00:00:00.000Z"), None] {
        house.put(&[]).await;
        if let Some(expires_at) = expires_at {
            put_expired(&house, expires_at).await;
        }
        let before = item(&house).await;
        let etag = Call::of("read").send(&house).await.headers["etag"].clone();
        for edit in [
            json!({ "expires_at": "2026-11-23T00:00:01.000Z" }),
            json!({ "expires_at": "2026-11-22T23:59:59.999Z", "title": "Two" }),
        ] {
            for call in [patch(edit.clone()), patch(edit.clone()).header("if-match", &etag)] {
                let answer = call.send(&house).await;
                assert_eq!(answer.is_problem(422, "validation_failed").faults(), [fault], "{expires_at:?}");
                assert_eq!(answer.body["errors"][0]["message"], "an expiry must be in the future");
            }
            // Other reasons to refuse the edit take precedence.
            patch(edit.clone()).by("colleague").send(&house).await.is_problem(403, "forbidden");
            let other = patch(edit).header("if-match", "\"1-1\"").send(&house).await;
            other.is_problem(412, "precondition_failed");
        }
        assert_eq!(item(&house).await, before);
    }
}

#[tokio::test]
async fn with_other_faults_a_passed_expiry_is_reported_unless_it_is_the_links_own() {
    let house = House::open().await;
    put_expired(&house, PASSED).await;
    let passed = ("/expires_at", "not_in_the_future");
    for (more, fault) in [
        (json!({ "title": "" }), ("/title", "invalid_title")),
        (json!({ "colour": 1 }), ("/colour", "unknown_field")),
    ] {
        let with = |expires_at: &str| {
            let mut body = more.clone();
            body["expires_at"] = expires_at.into();
            patch(body)
        };
        let own = with(PASSED).send(&house).await;
        assert_eq!(own.is_problem(422, "validation_failed").faults(), [fault]);
        for slug in ["k7m2p9qr", "nosuch"] {
            let answer = with("2026-11-22T00:00:00Z").slug(slug).send(&house).await;
            let faults = answer.is_problem(422, "validation_failed").faults();
            assert!(faults.len() == 2 && faults.contains(&fault) && faults.contains(&passed), "{faults:?}");
        }
        // Even if the store fails, it is the caller's fault.
        let faulty = crate::faulty::Faulty::new(&[crate::faulty::Fault::Broken; 9]);
        let answer = with(PASSED).send_to(&faulty.functions(&house.url), Timestamp::now()).await;
        assert_eq!(answer.is_problem(422, "validation_failed").faults(), [fault]);
    }
}

#[tokio::test]
async fn an_edit_that_changes_nothing_needs_the_same_permissions() {
    let house = House::open().await;
    let edits = [json!({}), json!({ "url": "https://example.com/kept" })];
    for edit in &edits {
        patch(edit.clone()).send(&house).await.is_problem(404, "not_found");
    }
    house.put(&[]).await;
    for edit in edits {
        for if_match in ["\"1795383720000-2\"", "\"something\"", ""] {
            let call = patch(edit.clone()).header("if-match", if_match);
            call.send(&house).await.is_problem(412, "precondition_failed");
            call.by("colleague").send(&house).await.is_problem(403, "forbidden");
        }
        patch(edit.clone()).by("colleague").send(&house).await.is_problem(403, "forbidden");
        patch(edit.clone()).by("outsider").send(&house).await.is_problem(403, "forbidden");
        assert_eq!(patch(edit).by("admin").send(&house).await.status, 200);
    }
    assert_eq!(Call::of("read").send(&house).await.body["version"], 1);
}

#[tokio::test]
async fn one_field_of_many_that_differs_is_a_new_version() {
    let house = House::open().await;
    house.put(&[]).await;
    let same = json!({ "url": "https://example.com/kept", "title": null, "tags": [], "access": "public", "enabled": true });
    for (number, (field, value)) in [
        ("url", json!("https://example.com/other")),
        ("title", json!("Two")),
        ("tags", json!(["a"])),
        ("access", json!("members")),
        ("enabled", json!(false)),
        ("expires_at", json!("2030-01-31T22:59:59.000Z")),
    ]
    .into_iter()
    .enumerate()
    {
        let mut edit = same.clone();
        edit[field] = value.clone();
        let edited = patch(edit).send(&house).await;
        assert_eq!(
            (&edited.body["version"], &edited.body[field]),
            (&json!(2 * number + 2), &value),
            "{field}"
        );
        let mut back = same.clone();
        back["expires_at"] = json!(null);
        assert_eq!(patch(back).send(&house).await.body["version"], 2 * number + 3, "{field}");
    }
}

#[tokio::test]
async fn updated_at_never_goes_back_whatever_the_instances_clocks_say() {
    let house = House::open().await;
    house.put(&[]).await;
    let now = Timestamp::now().millis();
    let at = |millis: i64| Timestamp::try_from(now + millis).unwrap();
    // The last of them is even before the link's creation.
    for (number, (clock, shown)) in
        [(5_000, 5_000), (1_000, 5_000), (4_999, 5_000), (5_000, 5_000), (5_001, 5_001), (-2_000, 5_001)]
            .into_iter()
            .enumerate()
    {
        let edit = patch(json!({ "title": format!("Title {number}") }));
        let etag = Call::of("read").send(&house).await.headers["etag"].clone();
        let edit = if number % 2 == 0 { edit } else { edit.header("if-match", &etag) };
        let edited = edit.send_at(&house, at(clock)).await;
        assert_eq!(edited.body["version"], number + 2, "{}", edited.text);
        assert_eq!(edited.body["updated_at"], at(shown).to_string(), "{clock}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_edits_by_different_clocks_all_succeed_and_the_latest_time_is_kept() {
    let house = Arc::new(House::open().await);
    house.put(&[]).await;
    let now = Timestamp::now().millis();
    let runners = (0..15_i64).map(|number| {
        let house = Arc::clone(&house);
        let clock = Timestamp::try_from(now + number * 7_919 % 15 * 100).unwrap();
        let call = patch(json!({ "title": format!("Title {number}") }));
        tokio::spawn(async move { call.send_at(&house, clock).await.status })
    });
    for runner in runners.collect::<Vec<_>>() {
        assert_eq!(runner.await.unwrap(), 200);
    }
    let link = Call::of("read").send(&house).await;
    let latest = Timestamp::try_from(now + 1_400).unwrap().to_string();
    assert_eq!((&link.body["version"], &link.body["updated_at"]), (&json!(16), &json!(latest)));
}

#[tokio::test]
async fn a_reused_slug_is_another_link() {
    let house = House::open().await;
    let first = Call::of("create-chosen").send(&house).await;
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    let patched = Call::of("update").slug("launch").send(&house).await;
    let newer = house.link_by("member").await;
    let page = Call::of("list").query("limit=1").send(&house).await;
    assert_eq!(crate::list::slugs(&page), [newer.as_str()]);
    Call::of("delete").slug("launch").send(&house).await;
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    let second = Call::of("create-chosen").send(&house).await;
    assert_eq!((second.status, &second.body["version"]), (201, &json!(1)));
    for etag in [&first.headers["etag"], &patched.headers["etag"]] {
        for name in ["update", "delete"] {
            let answer = Call::of(name).slug("launch").header("if-match", etag).send(&house).await;
            answer.is_problem(412, "precondition_failed");
        }
    }
    // The old cursor still works: the link after it is gone, and the new one is before it.
    let cursor = page.body["next_cursor"].as_str().unwrap();
    let rest = Call::of("list").query(&format!("limit=1&cursor={cursor}")).send(&house).await;
    assert_eq!((crate::list::slugs(&rest).len(), &rest.body["next_cursor"]), (0, &Value::Null));
    assert_eq!(crate::list::walk(&house, 1).await, ["launch", newer.as_str()]);
}

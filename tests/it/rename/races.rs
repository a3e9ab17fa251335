//! Renames that race against other changes: one wins, and nothing is lost.

use super::{create, edit, links, records, rename};
use crate::support::{Answer, Call, TestApp};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The number of rounds of each race.
const ROUNDS: usize = 12;

/// Sends the calls concurrently.
async fn race(app: &Arc<TestApp>, calls: Vec<Call>) -> Vec<Answer> {
    let runners: Vec<_> = calls
        .into_iter()
        .map(|call| {
            let app = Arc::clone(app);
            tokio::spawn(async move { call.send(&app).await })
        })
        .collect();
    let mut answers = Vec::new();
    for runner in runners {
        answers.push(runner.await.unwrap());
    }
    answers
}

fn create_call(slug: &str) -> Call {
    Call::new("create").body(&json!({ "url": "https://example.com/new", "id": slug }).to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_renames_and_creates_of_one_slug_exactly_one_wins() {
    let mut winners = BTreeMap::<bool, usize>::new();
    for round in 0..ROUNDS {
        let app = Arc::new(TestApp::start().await);
        for slug in ["one", "two"] {
            create(&app, slug).await;
        }
        let mut calls = vec![
            edit("one", &json!({ "id": "wanted" })),
            create_call("wanted"),
            edit("two", &json!({ "id": "wanted" })),
            create_call("wanted"),
        ];
        calls.rotate_left(round % 4);
        let answers = race(&app, calls).await;
        let won: Vec<&Answer> = answers.iter().filter(|answer| answer.status < 300).collect();
        assert_eq!(won.len(), 1, "{:?}", answers.iter().map(|answer| &answer.text).collect::<Vec<_>>());
        for answer in answers.iter().filter(|answer| answer.status >= 300) {
            answer.is_problem(409, "slug_taken");
        }
        let is_create = won[0].status == 201;
        let links = links(&app).await;
        assert_eq!(links.len(), if is_create { 3 } else { 2 });
        assert_eq!(links["wanted"].len(), usize::from(!is_create));
        assert_eq!(records(&app).await.len(), usize::from(!is_create));
        *winners.entry(is_create).or_default() += 1;
    }
    println!("won by a create: {winners:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_rename_and_a_delete_both_succeed_or_the_link_is_gone_first() {
    for round in 0..ROUNDS {
        let app = Arc::new(TestApp::start().await);
        create(&app, "one").await;
        let mut calls = vec![edit("one", &json!({ "id": "two" })), Call::new("delete").slug("one")];
        calls.rotate_left(round % 2);
        let mut answers = race(&app, calls).await;
        answers.rotate_left(round % 2);
        let (renamed, deleted) = (&answers[0], &answers[1]);
        let links = links(&app).await;
        match (renamed.status, deleted.status) {
            // The delete came second: the slug was already an alias, so the delete freed the alias and kept the link.
            (200, 200) => assert_eq!(links, [("two".to_owned(), [].into())].into()),
            (404, 200) => assert!(links.is_empty()),
            other => panic!("{other:?}: {} {}", renamed.text, deleted.text),
        }
        let expected = if renamed.status == 200 { 2 } else { 1 };
        assert_eq!(records(&app).await.len(), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_renames_of_one_link_follow_each_other_and_only_one_meets_its_if_match() {
    for _ in 0..ROUNDS {
        let app = Arc::new(TestApp::start().await);
        let made = create(&app, "one").await;
        let calls = ["two", "three", "four"].map(|slug| edit("one", &json!({ "id": slug })));
        let answers = race(&app, calls.to_vec()).await;
        assert!(answers.iter().all(|answer| answer.status == 200), "{}", answers[0].text);
        let all = links(&app).await;
        let (_, aliases) = all.first_key_value().unwrap();
        assert_eq!((all.len(), aliases.len()), (1, 3));
        let read = Call::new("read").slug("one").send(&app).await;
        assert_eq!((&read.body["version"], &read.body["birth"]), (&json!(4), &made.body["birth"]));
        let calls = ["five", "six"]
            .map(|slug| edit("one", &json!({ "id": slug })).header("if-match", &read.headers["etag"]));
        let mut statuses: Vec<u64> = race(&app, calls.to_vec()).await.iter().map(|one| one.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        assert_eq!(links(&app).await.len(), 1);
        assert_eq!(records(&app).await.len(), 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rename_back_races_with_freeing_the_alias_and_taking_its_slug() {
    for round in 0..ROUNDS {
        let app = Arc::new(TestApp::start().await);
        create(&app, "one").await;
        rename(&app, "one", "two").await;
        let mut calls =
            vec![edit("two", &json!({ "id": "one" })), Call::new("delete").slug("one"), create_call("one")];
        calls.rotate_left(round % 3);
        let mut answers = race(&app, calls).await;
        answers.rotate_right(round % 3);
        let [back, free, taken] = answers.try_into().ok().unwrap();
        assert!([200, 404, 409].contains(&back.status), "{}", back.text);
        assert!([200, 404].contains(&free.status), "{}", free.text);
        assert!([201, 409].contains(&taken.status), "{}", taken.text);
        links(&app).await;
        for (answer, slug) in [(&back, "one"), (&taken, "one")] {
            assert!(answer.status >= 300 || answer.body["id"] == slug);
        }
    }
}

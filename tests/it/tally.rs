//! How clicks are counted: every delivered click exactly once, whatever other lines surround it, and however often it
//! is delivered again.

use crate::support::clicks::{Batch, asked, click, faulty, items};
use crate::support::faulty::{Fault, Faulty};
use crate::support::{ACME, Call, TestApp, tally};
use aws_sdk_dynamodb::types::AttributeValue;
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};
use shared::model::Timestamp;
use std::collections::HashMap;
use std::io::Write;
use tally::Counted;

fn clicks(number: usize) -> Vec<Value> {
    vec![click("2026-11-22T21:42:00Z", Some("news.example"), "mobile", None); number]
}

async fn shown(app: &TestApp) -> Value {
    asked(app, "from=2026-11-22&to=2026-11-22").await.body
}

#[tokio::test]
async fn a_batch_counts_once_however_often_and_in_whatever_order_it_is_delivered() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let batch = |number| Batch::new(&format!("stream {}", number % 3), clicks(number + 1)).numbered(number);
    let batches: Vec<Batch> = (0..20).map(batch).collect();
    for batch in batches.iter().chain(batches.iter().rev()) {
        batch.deliver(&app).await;
    }
    assert_eq!(shown(&app).await["total"], 210);
    assert_eq!(shown(&app).await["series"], json!([{ "at": "2026-11-22", "clicks": 210, "bots": 0 }]));
    assert_eq!(shown(&app).await["referrers"], json!([{ "name": "news.example", "clicks": 210 }]));
}

#[tokio::test]
async fn a_batch_that_was_interrupted_between_two_transactions_counts_once_when_it_is_delivered_again() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    // Thirty days of one link take thirty transactions.
    let line = |day: usize| click(&format!("2026-10-{:02}T12:00:00Z", day + 1), None, "mobile", None);
    let batch = Batch::new("one", (0..30).map(line));
    for spared in [0, 1, 7, 20] {
        let (functions, faulty) = faulty(&app, &[Fault::Hangs; 64]);
        *faulty.spared.lock().unwrap() = spared;
        let event = batch.event();
        let killed = tokio::time::timeout(
            std::time::Duration::from_millis(400),
            tally(&functions, &event, Timestamp::now()),
        );
        assert!(killed.await.is_err());
    }
    batch.deliver(&app).await;
    let body = asked(&app, "from=2026-10-01&to=2026-10-30").await.body;
    assert_eq!(body["total"], 30);
    assert!(body["series"].as_array().unwrap().iter().all(|point| point["clicks"] == 1), "{body}");
}

#[tokio::test]
async fn a_transaction_that_conflicts_or_is_throttled_is_retried() {
    for fault in [
        Fault::Cancelled("TransactionConflict"),
        Fault::Cancelled("ThrottlingError"),
        Fault::Cancelled("ProvisionedThroughputExceeded"),
        Fault::Refused(400, "TransactionInProgressException"),
        Fault::Refused(400, "ThrottlingException"),
        Fault::Refused(500, "InternalServerError"),
        Fault::Broken,
        Fault::LostAnswer,
    ] {
        let app = TestApp::start().await;
        app.put(&[]).await;
        let (functions, _) = faulty(&app, &[fault; 5]);
        let tally = tally(&functions, &Batch::new("one", clicks(3)).event(), Timestamp::now()).await.unwrap();
        assert_eq!(tally, Counted { clicks: 3, skipped: 0 }, "{fault:?}");
        assert_eq!(shown(&app).await["total"], 3, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn retries_of_a_throttling_store_end_five_seconds_before_the_functions_timeout() {
    let faulty = Faulty::new(&[Fault::Cancelled("TransactionConflict"); 10_000]);
    let functions = faulty.functions("http://127.0.0.1:9");
    let begun = tokio::time::Instant::now();
    let failed = tally(&functions, &Batch::new("one", clicks(1)).event(), Timestamp::now()).await;
    assert!(matches!(failed, Err(tally::Error::Store(_))), "{failed:?}");
    let seconds = begun.elapsed().as_secs();
    assert!((50..=55).contains(&seconds), "{seconds}");
    // The wait before a retry grows to at most a second; on average, a wait lasts half a second.
    assert!((55..400).contains(&faulty.calls()), "{}", faulty.calls());
}

#[tokio::test]
async fn a_refusal_fails_the_batch_at_once_and_its_other_shares_count() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let lines = (1..=9).map(|day| click(&format!("2026-11-0{day}T12:00:00Z"), None, "mobile", None));
    let batch = Batch::new("one", lines);
    let (functions, _) = faulty(&app, &[Fault::Refused(400, "AccessDeniedException")]);
    let failed = tally(&functions, &batch.event(), Timestamp::now()).await;
    assert!(matches!(failed, Err(tally::Error::Store(_))));
    assert_eq!(shown(&app).await["total"], 8);
    batch.deliver(&app).await;
    assert_eq!(shown(&app).await["total"], 9);
}

#[tokio::test]
async fn invalid_lines_are_skipped_and_the_rest_counts() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let whole = click("2026-11-22T21:42:00Z", None, "mobile", None).to_string();
    let with_more = whole.replacen('{', r#"{"requestId":"8286a188-ba32-4475-8077-530cd35c09a9","#, 1);
    let garbage = [
        String::new(),
        "START RequestId: 8286a188 Version: 1".to_owned(),
        whole[..whole.len() - 1].to_owned(),
        format!("{whole}{whole}"),
        whole.replace("\"version\":1", "\"version\":2"),
        whole.replace("\"click\"", "\"failure\""),
        whole.replace("k7m2p9qr", "link"),
        whole.replace(ACME, "@acme"),
        whole.replace("mobile", "phone"),
        r#"{"level":"ERROR","event":"failure","cause":"{\"event\":\"click\",\"version\":1}"}"#.to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        "{\"event\":\"click\"".repeat(1_000),
        "[".repeat(100_000),
    ];
    let number = garbage.len();
    let lines = garbage.into_iter().flat_map(|garbage| [garbage, whole.clone()]).chain([with_more]);
    let tally = Batch::from_texts("one", lines).deliver(&app).await;
    assert_eq!(tally, Counted { clicks: number as u64 + 1, skipped: number });
    assert_eq!(shown(&app).await["total"], number + 1);
}

fn zipped(text: &str) -> String {
    let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    zip.write_all(text.as_bytes()).unwrap();
    BASE64_STANDARD.encode(zip.finish().unwrap())
}

#[tokio::test]
async fn a_batch_that_unzips_to_more_than_the_limit_is_not_unzipped_to_its_end() {
    let app = TestApp::start().await;
    let control = r#"{"messageType":"CONTROL_MESSAGE","logGroup":"","logStream":"","logEvents":[]}"#;
    for (megabytes, is_read) in [(1, true), (33, false)] {
        // The data is valid JSON only if all of it is read.
        let data = zipped(&format!("{}{control}", " ".repeat(megabytes << 20)));
        assert!(data.len() < 2_000_000);
        let event = serde_json::value::to_raw_value(&json!({ "awslogs": { "data": data } })).unwrap();
        let read = tally(&app.functions, &event, Timestamp::now()).await;
        assert_eq!(read.is_ok(), is_read, "{megabytes} MB: {read:?}");
    }
}

#[tokio::test]
async fn an_invalid_event_fails_and_a_control_message_has_no_effect() {
    let app = TestApp::start().await;
    let control =
        json!({ "messageType": "CONTROL_MESSAGE", "logGroup": "", "logStream": "", "logEvents": [] });
    let raw = |event: Value| serde_json::value::to_raw_value(&event).unwrap();
    let zipped = |json: &Value| zipped(&json.to_string());
    let counted =
        tally(&app.functions, &raw(json!({ "awslogs": { "data": zipped(&control) } })), Timestamp::now())
            .await;
    assert_eq!(counted.unwrap(), Counted::default());
    for event in [
        json!({}),
        json!({ "awslogs": {} }),
        json!({ "awslogs": { "data": "%" } }),
        json!({ "awslogs": { "data": "AAAA" } }),
        json!({ "awslogs": { "data": zipped(&json!([])) } }),
        json!({ "awslogs": { "data": &zipped(&control)[..40] } }),
    ] {
        let failed = tally(&app.functions, &raw(event.clone()), Timestamp::now()).await;
        assert!(matches!(failed, Err(tally::Error::Unreadable(_))), "{event}");
    }
    assert!(items(&app).await.is_empty());
}

#[tokio::test]
async fn a_host_with_a_counter_keeps_it_when_the_shard_is_full() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let from = |host: &str| click("2026-11-22T21:42:00Z", Some(host), "mobile", None);
    Batch::new("one", [from("first.example")]).deliver(&app).await;
    for batch in 0..30 {
        let lines = [from(&format!("h{batch}.example")), from("first.example")];
        Batch::new("one", lines).numbered(batch).deliver(&app).await;
    }
    let referrers = shown(&app).await["referrers"].clone();
    assert_eq!(referrers[0], json!({ "name": "first.example", "clicks": 31 }));
    assert_eq!(referrers[1], json!({ "name": "other", "clicks": 6 }));
}

#[tokio::test]
async fn days_and_markers_are_kept_for_their_time_and_totals_permanently() {
    let app = TestApp::with_settings(&[("CLICK_RETENTION_DAYS", "10")]).await;
    app.put(&[]).await;
    let now = Timestamp::from_rfc_3339("2026-11-23T00:00:00Z").unwrap();
    tally(&app.functions, &Batch::new("one", clicks(1)).event(), now).await.unwrap();
    let days = |days: i64| Some((now.seconds() + days * 86_400).to_string());
    for item in items(&app).await {
        let expected = match item["bucket"].as_s().unwrap().as_str() {
            "@batch" => days(30),
            bucket if bucket.starts_with("total#") => None,
            _ => days(10),
        };
        assert_eq!(ttl(&item), expected, "{:?}", item["bucket"]);
    }
}

fn ttl(item: &HashMap<String, AttributeValue>) -> Option<String> {
    item.get("ttl").map(|ttl| ttl.as_n().unwrap().clone())
}

/// Deletes every item with a TTL, as DynamoDB does eventually.
async fn expire_everything(app: &TestApp) {
    for item in items(app).await.into_iter().filter(|item| item.contains_key("ttl")) {
        let key = ["link", "bucket"].map(|name| (name.to_owned(), item[name].clone()));
        let delete = app.client.delete_item().table_name("clicks").set_key(Some(key.into()));
        delete.send().await.unwrap();
    }
}

#[tokio::test]
async fn a_total_never_shrinks_when_everything_with_a_ttl_has_expired() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let bot = click("2026-11-22T21:42:00Z", None, "bot", None);
    for stream in ["one", "two", "three", "four", "five"] {
        Batch::new(stream, clicks(2).into_iter().chain([bot.clone()])).deliver(&app).await;
    }
    expire_everything(&app).await;
    let body = shown(&app).await;
    assert_eq!((&body["total"], &body["bots"]), (&json!(10), &json!(5)));
    assert_eq!(Call::new("list-clicks").send(&app).await.body["data"][0]["clicks"], 10);
    // The items of single days have expired, but the totals are kept.
    assert_eq!(body["series"], json!([{ "at": "2026-11-22", "clicks": 0, "bots": 0 }]));
    Batch::new("one", clicks(1).into_iter().chain([bot])).numbered(7).deliver(&app).await;
    let body = shown(&app).await;
    assert_eq!((&body["total"], &body["bots"]), (&json!(11), &json!(6)));
}

#[tokio::test]
async fn a_batch_delivered_after_its_days_expired_still_counts_in_the_total() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    // The batch arrives a year and a half after the clicks, as if it were re-fed from a queue.
    let late = Timestamp::from_rfc_3339("2028-05-22T00:00:00Z").unwrap();
    tally(&app.functions, &Batch::new("one", clicks(3)).event(), late).await.unwrap();
    expire_everything(&app).await;
    assert_eq!(shown(&app).await["total"], 3);
}

#[tokio::test]
async fn a_total_with_a_ttl_of_an_earlier_version_loses_the_ttl_at_its_next_click_but_no_counts() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    Batch::new("one", clicks(2)).deliver(&app).await;
    let is_total =
        |item: &HashMap<String, AttributeValue>| item["bucket"].as_s().unwrap().starts_with("total#");
    let mut total = items(&app).await.into_iter().find(is_total).unwrap();
    total.insert("ttl".to_owned(), AttributeValue::N("1830000000".to_owned()));
    app.client.put_item().table_name("clicks").set_item(Some(total)).send().await.unwrap();
    assert_eq!(shown(&app).await["total"], 2);
    Batch::new("one", clicks(1)).numbered(1).deliver(&app).await;
    expire_everything(&app).await;
    assert_eq!(shown(&app).await["total"], 3);
}

#[tokio::test]
async fn items_of_days_have_their_organization_day_shard_and_the_slug_if_a_line_has_it() {
    let app = TestApp::start().await;
    let birth = "V1StGXR8_Z5jdHi6";
    app.put(&[("birth", Some(AttributeValue::S(birth.to_owned())))]).await;
    // An earlier version writes the line like this, without the slug.
    let mut line = click("2026-11-22T21:42:00Z", Some("news.example"), "mobile", None);
    line["version"] = 2.into();
    line["birth"] = birth.into();
    line["id"] = Value::Null;
    let mut with_slug = line.clone();
    with_slug["id"] = "k7m2p9qr".into();
    let mut next_day = with_slug.clone();
    next_day["timestamp"] = "2026-11-23T00:00:00Z".into();
    let batches: [&[&Value]; 4] = [&[&line], &[&line, &with_slug, &line], &[&line], &[&line, &next_day]];
    for (number, lines) in batches.into_iter().enumerate() {
        let lines = lines.iter().map(|line| (*line).clone());
        Batch::new("one", lines).numbered(number).deliver(&app).await;
        let slug = (number > 0).then(|| AttributeValue::S("k7m2p9qr".to_owned()));
        let mut days = 0;
        for item in items(&app).await {
            let bucket = item["bucket"].as_s().unwrap();
            let is_day = bucket.split('#').count() == 2 && bucket.starts_with("2026-");
            days += usize::from(is_day);
            let org_day = is_day.then(|| AttributeValue::S(format!("{ACME}#{bucket}")));
            assert_eq!(item.get("org_day"), org_day.as_ref(), "{bucket}");
            assert_eq!(item.get("id"), slug.as_ref().filter(|_| is_day), "{bucket} after {number}");
        }
        assert_eq!(days, if number == 3 { 2 } else { 1 });
    }
    assert_eq!(asked(&app, "").await.body["total"], 7);
}

#[tokio::test]
async fn no_personal_data_of_a_visitor_is_in_a_line_a_table_or_a_response() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let call = Call::new("redirect")
        .header("user-agent", "Mozilla/5.0 (planted-agent)")
        .header("referer", "https://news.example/planted-path?planted=query#planted-fragment")
        .header("x-forwarded-for", "203.0.113.99")
        .header("cookie", "planted=cookie")
        .query("planted=query");
    let answer = call.send(&app).await;
    let lines: Vec<String> = app.click_lines().into_iter().map(|line| line.text).collect();
    assert_eq!(lines.len(), 1);
    Batch::from_texts("one", lines.clone()).deliver(&app).await;
    let tables = format!("{:?}", items(&app).await);
    for seen in
        [answer.text, format!("{:?}", answer.headers), lines.concat(), tables, shown(&app).await.to_string()]
    {
        assert!(!seen.contains("planted") && !seen.contains("203.0.113"), "{seen}");
    }
}

//! Visits by people, crawlers and programs: each click line is counted once, as a click of its kind.

use super::Sums;
use crate::support::clicks::{Batch, asked_of, faulty, roll};
use crate::support::faulty::Fault;
use crate::support::{Call, TestApp, tally};
use serde_json::json;
use shared::model::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;

/// A visit: the request's headers and, if the visit is a click, the expected values in the click line.
struct Visit {
    headers: &'static [(&'static str, &'static str)],
    /// The line's `device`, `referrer` and `country`.
    says: Option<[Option<&'static str>; 3]>,
}

const PHONE: (&str, &str) = (
    "user-agent",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
);
const LAPTOP: (&str, &str) =
    ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0");
const CRAWLER: (&str, &str) =
    ("user-agent", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)");

const VISITS: [Visit; 8] = [
    Visit { headers: &[PHONE, ("sec-purpose", "prefetch")], says: None },
    Visit {
        headers: &[PHONE, ("referer", "https://news.example/story"), ("cloudfront-viewer-country", "DE")],
        says: Some([Some("mobile"), Some("news.example"), Some("DE")]),
    },
    Visit { headers: &[PHONE], says: Some([Some("mobile"), None, None]) },
    Visit {
        headers: &[
            LAPTOP,
            ("referer", "https://me:secret@MAIL.example:8443/"),
            ("cloudfront-viewer-country", "fr"),
        ],
        says: Some([Some("desktop"), Some("mail.example"), Some("FR")]),
    },
    // The referrer and the country are forged, and neither is valid.
    Visit {
        headers: &[LAPTOP, ("referer", "direct://\"},{\"bot\":true"), ("cloudfront-viewer-country", "DE,US")],
        says: Some([Some("desktop"), None, None]),
    },
    Visit {
        headers: &[LAPTOP, ("referer", "https://other/"), ("cloudfront-viewer-country", "--")],
        says: Some([Some("desktop"), None, None]),
    },
    Visit {
        headers: &[CRAWLER, ("cloudfront-viewer-country", "US")],
        says: Some([Some("bot"), None, Some("US")]),
    },
    Visit {
        headers: &[("user-agent", "curl/8.11.1"), ("referer", "https://news.example/")],
        says: Some([Some("bot"), Some("news.example"), None]),
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_visits_are_counted_exactly_if_each_batch_is_delivered_twice_in_any_order() {
    let app = Arc::new(TestApp::with_settings(&[("TRUST_CDN_HEADERS", "true")]).await);
    for number in 0..50 {
        let closed = number >= 40;
        let mut body = json!({ "url": "https://example.com/", "id": format!("link-{number}") });
        if closed {
            body["enabled"] = false.into();
        }
        app.link(body).await;
    }
    let noon = Timestamp::from_rfc_3339("2026-11-23T12:00:00Z").unwrap();
    let visitors = (0..16).map(|visitor| {
        let app = Arc::clone(&app);
        tokio::spawn(async move {
            let mut followed = Vec::new();
            for turn in 0..313 {
                let number = visitor * 313 + turn;
                let slug = format!("link-{}", roll(number, 52));
                let visit = &VISITS[roll(number + 7, VISITS.len())];
                let is_head = roll(number + 11, 10) == 0;
                let call = Call::new(if is_head { "redirect-head" } else { "redirect" }).without("referer");
                let call = visit.headers.iter().fold(call, |call, (name, value)| call.header(name, value));
                // The clicks are at random seconds of the last thirty days.
                let at = noon.millis() - i64::try_from(roll(number + 13, 29 * 86_400)).unwrap() * 1000;
                let at = Timestamp::try_from(at).unwrap();
                let answer = call.slug(&slug).send_at(&app, at).await;
                if let Some([device, referrer, country]) = visit.says
                    && answer.status == 302
                    && !is_head
                {
                    let line = json!({
                        "timestamp": at.to_string(), "device": device, "referrer": referrer, "country": country,
                    });
                    followed.push((slug, line));
                }
            }
            followed
        })
    });
    let mut followed = HashMap::<String, Sums>::new();
    for visitor in visitors.collect::<Vec<_>>() {
        for (slug, line) in visitor.await.unwrap() {
            followed.entry(slug).or_default().add(&line);
        }
    }
    let lines: Vec<String> = app.click_lines().into_iter().map(|line| line.text).collect();
    assert_eq!(lines.len() as u64, followed.values().map(|sums| sums.people + sums.bots).sum::<u64>());
    let batches = lines.chunks(70).enumerate().map(|(number, lines)| {
        Batch::from_texts(&format!("stream {}", number % 5), lines.iter().cloned()).numbered(number)
    });
    let batches: Vec<Batch> = batches.collect();
    // Each batch is interrupted at a random call; then all are delivered in reverse order, and once more in order.
    for (number, batch) in batches.iter().enumerate() {
        let (functions, faulty) = faulty(&app, &[Fault::Hangs; 64]);
        *faulty.spared.lock().unwrap() = roll(number, 30);
        let (event, patience) = (batch.event(), std::time::Duration::from_millis(60));
        let _ = tokio::time::timeout(patience, tally(&functions, &event, Timestamp::now())).await;
    }
    for batch in batches.iter().rev().chain(&batches) {
        batch.deliver(&app).await;
    }
    let listed = Call::new("list-clicks").query("include=clicks&limit=100").send(&app).await.body;
    for number in 0..50 {
        let slug = format!("link-{number}");
        let by_day = asked_of(&app, &slug, "").await.body;
        let by_hour = asked_of(&app, &slug, "by=hour").await.body;
        let expected = followed.remove(&slug).unwrap_or_default();
        assert!(number < 40 || expected == Sums::default(), "{slug}");
        expected.assert_shown(&by_day, &by_hour);
        let data = listed["data"].as_array().unwrap();
        let link = data.iter().find(|link| link["id"] == slug.as_str()).unwrap();
        assert_eq!(link["clicks"], expected.people, "{slug}");
    }
    assert!(followed.is_empty());
}

//! Text that looks like other text, and markup where text is expected.

use super::{calls, is_sound, text};
use crate::support::{Call, TestApp};
use local::functions::Function;
use serde_json::json;

#[tokio::test]
async fn look_alike_letters_are_invalid_in_slugs_handles_tags_and_organization_ids() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let alike = [
        "lаunch",         // a Cyrillic а
        "lɑunch",         // a Latin alpha
        "ⅼaunch",         // the Roman numeral fifty
        "ｌａｕｎｃｈ",   // full width
        "𝗅𝖺𝗎𝗇𝖼𝗁",         // mathematical letters
        "la\u{301}unch",  // a combining accent
        "lau\u{200b}nch", // a space of no width
        "lau\u{ad}nch",   // a soft hyphen
        "lau\u{202e}hcn", // from right to left
        "\u{2066}launch\u{2069}",
        "\u{feff}launch",
        "launch\u{fe0f}",
        "\u{212a}elvin", // a sign that lower-cases to an ASCII letter
        "\u{17f}ale",    // one that upper-cases to one
        "xn--lunch-\u{e4}",
        "lau\tnch",
    ];
    let calls = calls();
    for text in alike {
        for (field, call) in [("id", Call::new("create")), ("tags", Call::new("create"))] {
            let value = if field == "id" { json!(text) } else { json!([text]) };
            let body = json!({ "url": "https://example.com/", field: value });
            call.body(&body.to_string()).send(&app).await.is_problem(422, "validation_failed");
        }
        let handle = json!({ "handle": text }).to_string();
        let claimed = Call::new("handle").by("owner").body(&handle).send(&app).await;
        claimed.is_problem(422, "validation_failed");
        for (route, call) in &calls {
            let attack = format!("{} {text:?}", route.key());
            if route.path.contains("{slug}") {
                assert_eq!(call.clone().slug(text).send(&app).await.status, 404, "{attack}");
            }
            if route.path.contains("{org_id}") {
                let refused = if route.function == Function::Redirect { 404 } else { 400 };
                assert_eq!(call.clone().org(text).send(&app).await.status, refused, "{attack}");
            }
        }
    }
    assert_eq!(app.count().await, 1);
}

#[tokio::test]
async fn a_title_cannot_reverse_the_text_next_to_it() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    for turn in
        "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{2028}\u{2029}".chars()
    {
        let body =
            json!({ "url": "https://example.com/", "title": format!("invoice{turn}fdp.exe") }).to_string();
        for call in [Call::new("create"), Call::new("update")] {
            let answer = call.body(&body).send(&app).await;
            assert_eq!(answer.is_problem(422, "validation_failed").faults(), [("/title", "invalid_title")]);
        }
    }
    for title in ["דוח שנתי 2026", "تقرير\u{200f} (2026)", "報告", "👩\u{200d}💻"] {
        let body = json!({ "url": "https://example.com/", "title": title });
        assert_eq!(app.link(body).await.body["title"], title);
    }
    // A title that was stored before the rule existed is still shown, and can be edited.
    app.put(&[("title", text("invoice\u{202e}fdp.exe"))]).await;
    assert_eq!(Call::new("read").send(&app).await.body["title"], "invoice\u{202e}fdp.exe");
}

#[tokio::test]
async fn markup_in_a_title_a_path_or_a_referrer_is_text_in_json_and_absent_from_pages() {
    let app = TestApp::start().await;
    let markup = [
        "<script>mallory()</script>",
        "\"><svg onload=mallory()>",
        "'-mallory()-'",
        "</title><script>mallory()</script>",
        "javascript:mallory()//",
        "{{mallory}}${mallory}<%= mallory %>",
        "]]><mallory/>",
        "&lt;mallory&gt;",
    ];
    let calls = calls();
    for title in markup {
        app.put(&[("title", text(title))]).await;
        for (route, call) in &calls {
            for accept in ["text/html", "image/svg+xml", "*/*"] {
                let call = call.clone().header("accept", accept).header("referer", title);
                let call = call.header("user-agent", title).query(title);
                for call in
                    [call.clone(), call.clone().slug(title), call.clone().org(title), call.anonymous()]
                {
                    let answer = call.send(&app).await;
                    is_sound(&answer, &format!("{} {title}", route.key()));
                    if answer.headers.get("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
                        assert!(answer.headers.contains_key("content-security-policy"), "{}", route.key());
                    }
                }
            }
            app.put(&[("title", text(title))]).await;
        }
        assert_eq!(Call::new("read").send(&app).await.body["title"], title);
    }
}

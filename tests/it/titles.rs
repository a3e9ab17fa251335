//! A title is visible text that is displayed in the order in which it was written.

use crate::support::{Call, TestApp};
use serde_json::json;

async fn is_refused(app: &TestApp, title: &str) {
    let body = json!({ "url": "https://example.com/", "title": title }).to_string();
    for name in ["create", "update"] {
        let answer = Call::new(name).body(&body).send(app).await;
        let faults = answer.is_problem(422, "validation_failed").faults();
        assert_eq!(faults, [("/title", "invalid_title")], "{name} {title:?}");
    }
}

#[tokio::test]
async fn a_title_without_a_visible_character_is_refused() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let blanks = [
        " ",
        "   ",
        "\u{a0}",
        "\u{1680}",
        "\u{2003}",
        "\u{202f}",
        "\u{205f}",
        "\u{3000}",
        "\u{200b}",
        "\u{200c}",
        "\u{200d}",
        "\u{200e}",
        "\u{200f}",
        "\u{61c}",
        "\u{2060}",
        "\u{2064}",
        "\u{feff}",
        "\u{ad}",
        "\u{34f}",
        "\u{180e}",
        "\u{115f}",
        "\u{1160}",
        "\u{3164}",
        "\u{ffa0}",
        "\u{2800}",
        "\u{17b4}",
        "\u{fe0f}",
        "\u{e0100}",
        "\u{180b}",
        "\u{e0001}",
        "\u{e0041}\u{e007f}",
        "\u{e0fff}",
        "\u{fffc}",
        "\u{1d159}",
        "\u{1d173}",
        "\u{13441}",
        "\u{e000}",
        "\u{100000}",
        "\u{fffe}",
        "\u{10ffff}",
        "\u{fdd0}",
        "\u{301}",
        "\u{20dd}",
    ];
    for blank in blanks {
        is_refused(&app, blank).await;
        is_refused(&app, &format!(" {blank}{blank}\u{200b}")).await;
    }
    is_refused(&app, &blanks.concat()).await;
    assert_eq!(Call::new("read").send(&app).await.body["title"], json!(null));
}

#[tokio::test]
async fn a_title_that_reverses_text_or_hides_an_annotation_is_refused() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    for character in "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{206a}\u{206b}\u{206c}\u{206d}\u{206e}\u{206f}\u{2028}\u{2029}\u{fff9}\u{fffa}\u{fffb}".chars() {
        is_refused(&app, &format!("invoice{character}fdp.exe")).await;
        is_refused(&app, &format!("דוח{character}")).await;
    }
    // In text without right-to-left letters, a direction mark would only reverse numbers and punctuation.
    for title in ["\u{200f}1 - 2", "invoice\u{200f} (3)", "a\u{200e}", "\u{61c}報告", "\u{200f}\u{200f}a"] {
        is_refused(&app, title).await;
    }
}

#[tokio::test]
async fn characters_that_a_writing_system_needs_are_kept_in_a_title() {
    let app = TestApp::start().await;
    for title in [
        "می\u{200c}خواهم",
        "👩\u{200d}💻",
        "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
        "❤\u{fe0f}",
        "1\u{fe0f}\u{20e3}",
        "🇩🇪",
        "تقرير\u{200f} (2026)",
        "\u{200e}3 דוחות",
        "\u{61c}تقرير 1 - 2",
        "क\u{94d}\u{200d}ष",
        "Donau\u{ad}dampf\u{ad}schiff",
        "ภาษา\u{200b}ไทย",
        "\u{feff}Report",
        "ᠮᠣᠩᠭᠣᠯ\u{180e}ᠠ",
        "ᄀ\u{1160}",
        "⠓⠊\u{2800}⠞⠓⠑⠗⠑",
        "辻\u{e0100}",
        "e\u{301}te\u{301}",
        "報告",
        "דוח שנתי 2026",
        " padded ",
        "?",
        "\u{1faff}",
        "logo \u{f8ff}",
    ] {
        let created = app.link(json!({ "url": "https://example.com/", "title": title })).await;
        assert_eq!(created.body["title"], title);
    }
}

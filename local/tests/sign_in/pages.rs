//! The pages that a browser gets.

use super::{App, form, location, parameters, query, with};
use local::users::{GLOBEX, USERS};

#[tokio::test]
async fn the_login_page_has_a_button_for_each_user_and_runs_nothing() {
    let app = App::start().await;
    let mut attacked = with("state", Some("\"><script>alert(1)</script>"));
    attacked.push(("org_id", GLOBEX.id.to_owned()));
    let answer = app.authorize(&attacked, None).await;
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert!(policy.contains("base-uri 'none'; frame-ancestors 'none'") && !policy.contains("form-action"));
    for (name, value) in [("cache-control", "no-store"), ("referrer-policy", "same-origin")] {
        assert_eq!(answer.headers()[name], value);
    }
    let page = answer.text().await.unwrap();
    assert!(!page.contains("<script") && !page.contains("style="), "{page}");
    assert!(page.contains("sign in as a member of <strong>Globex</strong>"));
    assert_eq!(page.matches("<button").count(), USERS.len());
    for user in USERS {
        assert!(page.contains(&format!("name=\"user\" value=\"{}\"", user.name)), "{}", user.name);
        assert!(page.contains(&user.full_name()), "{}", user.name);
    }
    // The form sends the original request.
    let action = page.split("action=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    let answer = form(app.client.post(app.url(&action)), &[("user", "outsider")]).send().await.unwrap();
    assert_eq!(query(&location(&answer))["state"], "\"><script>alert(1)</script>");
    let unknown = app.press(&parameters(), "nobody").send().await.unwrap();
    assert_eq!((unknown.status().as_u16(), unknown.headers().get("set-cookie")), (400, None));
}

#[tokio::test]
async fn only_its_own_pages_can_sign_a_browser_in_or_out() {
    let app = App::start().await;
    for path in ["/login", "/api/v1/logout", "/propelauth/oauth/token"] {
        for (headers, is_allowed) in [
            (vec![("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")], false),
            (vec![("origin", app.stack.api.as_str()), ("sec-fetch-site", "same-site")], false),
            (vec![("origin", "null"), ("sec-fetch-site", "cross-site")], false),
            (
                vec![
                    ("sec-fetch-site", "cross-site"),
                    ("sec-fetch-mode", "navigate"),
                    ("sec-fetch-dest", "document"),
                ],
                false,
            ),
            (vec![("origin", app.stack.auth.as_str()), ("sec-fetch-site", "same-origin")], true),
        ] {
            let mut url = app.authorize_url(&parameters());
            url.set_path(path);
            let mut request = form(app.client.post(url), &[("user", "member")]);
            for (name, value) in &headers {
                request = request.header(*name, *value);
            }
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status() != 403, is_allowed, "{path} {headers:?}");
            assert!(is_allowed || answer.headers().get("set-cookie").is_none(), "{path} {headers:?}");
        }
    }
    // Any site is allowed to send a browser to the authorization endpoint.
    for site in ["cross-site", "same-site", "none"] {
        let request = app.client.get(app.authorize_url(&parameters())).header("sec-fetch-site", site);
        let request = request.header("sec-fetch-mode", "navigate").header("sec-fetch-dest", "document");
        assert_eq!(request.send().await.unwrap().status(), 200, "{site}");
    }
}

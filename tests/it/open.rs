use crate::house::{Call, GLOBEX, House};
use aws_sdk_dynamodb::types::AttributeValue;
use shared::model::Timestamp;

fn text(value: &str) -> Option<AttributeValue> {
    Some(AttributeValue::S(value.to_owned()))
}

#[tokio::test]
async fn a_member_follows_a_link_for_members_and_nobody_else_does() {
    let house = House::open().await;
    house.put(&[("access", text("members"))]).await;
    for user in ["member", "colleague", "admin", "owner"] {
        let answer = Call::of("open").by(user).send(&house).await;
        assert_eq!(
            (answer.status, answer.headers["location"].as_str()),
            (302, "https://example.com/kept"),
            "{user}"
        );
        assert_eq!(answer.headers["cache-control"], "no-store");
        let head = Call::of("open-head").by(user).send(&house).await;
        assert_eq!((head.status, &head.headers, head.text.as_str()), (302, &answer.headers, ""));
    }
    for user in ["outsider", "stranger"] {
        let answer = Call::of("open").by(user).send(&house).await;
        answer.is_problem(403, "forbidden");
        assert!(!answer.headers.contains_key("location") && !answer.text.contains("kept"));
    }
    Call::of("open").anonymous().send(&house).await.is_problem(401, "unauthenticated");
    Call::of("open").by("outsider").org(GLOBEX).send(&house).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn a_redirect_leads_members_to_where_they_are_let_in() {
    let house = House::open().await;
    house.put(&[("access", text("members"))]).await;
    let redirect = Call::of("redirect").send(&house).await;
    assert_eq!(redirect.headers["location"], Call::of("open").event["rawPath"]);
}

#[tokio::test]
async fn a_link_that_is_not_open_stays_closed_to_members() {
    let house = House::open().await;
    house.put(&[("access", text("members")), ("enabled", Some(AttributeValue::Bool(false)))]).await;
    Call::of("open").send(&house).await.is_problem(410, "link_disabled");
    let second = Timestamp::now().seconds();
    house
        .put(&[("access", text("members")), ("expires_at", Some(AttributeValue::N(second.to_string())))])
        .await;
    Call::of("open").send(&house).await.is_problem(410, "link_expired");
    Call::of("open").slug("nothing").send(&house).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn a_browser_without_a_token_gets_a_page() {
    let house = House::open().await;
    house.put(&[("access", text("members"))]).await;
    let answer = Call::of("open-browser").send(&house).await;
    assert_eq!((answer.status, answer.headers["content-type"].as_str()), (401, "text/html; charset=utf-8"));
    assert_eq!(answer.headers["www-authenticate"], "Bearer");
    assert!(answer.text.contains("<h1>For members</h1>"), "{}", answer.text);
    let forbidden = Call::of("open-browser").by("stranger").send(&house).await;
    assert_eq!(
        (forbidden.status, forbidden.headers["content-type"].as_str()),
        (403, "text/html; charset=utf-8")
    );
}

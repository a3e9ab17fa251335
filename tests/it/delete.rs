use crate::house::{ACME, Call, GLOBEX, House};
use aws_sdk_dynamodb::types::AttributeValue;
use std::sync::Arc;

#[tokio::test]
async fn a_member_deletes_their_own_link_and_gets_it_back() {
    let house = House::open().await;
    let created = Call::of("create").send(&house).await;
    let slug = created.body["id"].as_str().unwrap();

    let deleted = Call::of("delete").slug(slug).send(&house).await;
    assert_eq!((deleted.status, &deleted.body), (200, &created.body));
    Call::of("delete").slug(slug).send(&house).await.is_problem(404, "not_found");
    Call::of("redirect").slug(slug).send(&house).await.is_problem(404, "not_found");
    assert_eq!(house.count().await, 0);
}

#[tokio::test]
async fn a_member_cannot_delete_a_colleagues_link() {
    let house = House::open().await;
    let slug = house.link_by("member").await;
    let refused = Call::of("delete").by("colleague").slug(&slug).send(&house).await;
    refused.is_problem(403, "forbidden");
    assert_eq!(Call::of("redirect").slug(&slug).send(&house).await.status, 302);
}

#[tokio::test]
async fn an_admin_and_an_owner_delete_any_link() {
    let house = House::open().await;
    for user in ["admin", "owner"] {
        let slug = house.link_by("member").await;
        assert_eq!(Call::of("delete").by(user).slug(&slug).send(&house).await.status, 200);
        Call::of("delete").by(user).slug(&slug).send(&house).await.is_problem(404, "not_found");
    }
}

#[tokio::test]
async fn another_organizations_link_is_not_found() {
    let house = House::open().await;
    let slug = house.link_by("member").await;
    let call = Call::of("delete").by("outsider").slug(&slug);
    call.clone().org(GLOBEX).send(&house).await.is_problem(404, "not_found");
    call.send(&house).await.is_problem(403, "forbidden");
    assert_eq!(house.count().await, 1);
}

#[tokio::test]
async fn a_slug_in_upper_case_is_the_same_link() {
    let house = House::open().await;
    house.put(&[]).await;
    assert_eq!(Call::of("delete").slug("K7M2P9QR").send(&house).await.status, 200);
}

#[tokio::test]
async fn an_invalid_slug_is_not_found_and_deletes_nothing() {
    let house = House::open().await;
    house.put(&[]).await;
    house
        .put(&[
            ("org_id", Some(AttributeValue::S(ACME.to_owned()))),
            ("id", Some(AttributeValue::S("@handles".to_owned()))),
        ])
        .await;
    for slug in ["@handles", "link", "", "k7m2p9qr\u{0}", "k7m2p9qr%20", "é"] {
        Call::of("delete").by("owner").slug(slug).send(&house).await.is_problem(404, "not_found");
    }
    assert_eq!(house.count().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_concurrent_deletes_one_succeeds() {
    let house = Arc::new(House::open().await);
    let slug = house.link_by("member").await;
    let deletes: Vec<_> = (0..50)
        .map(|_| {
            let (house, call) = (Arc::clone(&house), Call::of("delete").slug(&slug));
            tokio::spawn(async move { call.send(&house).await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for delete in deletes {
        statuses.push(delete.await.unwrap());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == 404).count(), 49);
}

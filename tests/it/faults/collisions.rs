//! Generated slugs that are already taken.

use crate::support::faulty::Faulty;
use crate::support::{Call, TestApp};
use shared::model::{Access, Actor, Forward, NewLink, OrgId, Slug, TargetRules, Timestamp};
use shared::store::{CreateError, Created, StoreError};

fn actor() -> Actor {
    Actor { user_id: "somebody".parse().unwrap(), name: None, impersonator: None }
}

fn new_link() -> NewLink {
    NewLink {
        url: TargetRules::default().parse("https://example.com/", &[]).unwrap(),
        creator_user_id: "somebody".parse().unwrap(),
        creator_name: None,
        created_at: Timestamp::now(),
        title: None,
        tags: Default::default(),
        access: Access::Public,
        forward: Forward::None,
        enabled: true,
        expires_at: None,
    }
}

#[tokio::test]
async fn if_a_drawn_slug_is_taken_another_one_is_drawn() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let store = Faulty::new(&[]).changes(&app.url);
    let org: OrgId = crate::support::ACME.parse().unwrap();
    let new = new_link();
    let draws = ["k7m2p9qr", "k7m2p9qr", "freeslug"].iter().map(|slug| slug.parse::<Slug>().unwrap());
    let created = store.create(&org, &new, None, &actor(), draws).await.unwrap();
    assert!(matches!(created, Created::New(link, _) if link.id.as_str() == "freeslug"));
    assert_eq!(Call::new("redirect").send(&app).await.headers["location"], "https://example.com/kept");
    let always_taken = std::iter::repeat_with(|| "k7m2p9qr".parse().unwrap());
    let taken = store.create(&org, &new, None, &actor(), always_taken).await;
    assert!(matches!(taken, Err(CreateError::Store(StoreError::NoFreeSlug))));
}

#[tokio::test]
async fn collisions_are_invisible_while_a_slug_is_free() {
    let app = TestApp::start().await;
    let store = Faulty::new(&[]).changes(&app.url);
    let org: OrgId = crate::support::ACME.parse().unwrap();
    let mut rolls = (0_u32..).map(|number| number.wrapping_mul(2_654_435_769) >> 16);
    let mut made = Vec::new();
    for _ in 0..5 {
        // Each slug is one character from an alphabet of five, so slugs often collide.
        let draws = rolls.by_ref().map(|roll| ["a", "b", "c", "d", "e"][roll as usize % 5].parse().unwrap());
        let created = store.create(&org, &new_link(), None, &actor(), draws).await.unwrap();
        let Created::New(link, _) = created else { panic!() };
        made.push(link.id.to_string());
    }
    made.sort();
    assert_eq!(made, ["a", "b", "c", "d", "e"]);
}

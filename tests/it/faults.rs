//! The functions' responses when the store fails. Faults are injected at the SDK's HTTP client, so that its retries and
//! timeouts are the real ones.

use crate::faulty::{Fault, Faulty};
use crate::house::{Answer, Call, House};
use local::functions::Function;
use shared::model::{Access, Actor, NewLink, OrgId, Slug, TargetRules, Timestamp};
use shared::store::{CreateError, Created, StoreError};

fn uses_the_store(function: &Function) -> bool {
    ![Function::Docs, Function::Console, Function::Session].contains(function)
}

async fn send(house: &House, call: &Call, faults: &[Fault]) -> (Answer, usize) {
    let faulty = Faulty::new(faults);
    let answer = call.send_to(&faulty.functions(&house.url), Timestamp::now()).await;
    (answer, faulty.calls())
}

#[tokio::test]
async fn a_create_whose_response_was_lost_is_201_and_one_link() {
    for faults in [&[Fault::LostAnswer][..], &[Fault::LostAnswer, Fault::LostAnswer]] {
        let house = House::open().await;
        let (answer, calls) = send(&house, &Call::of("create"), faults).await;
        assert_eq!((answer.status, calls), (201, faults.len() + 2), "{}", answer.text);
        assert_eq!(house.count().await, 1);
        let listed = Call::of("list").send(&house).await;
        assert_eq!(listed.body["data"][0], answer.body);
    }
}

#[tokio::test]
async fn two_identical_creates_are_two_links_even_if_a_response_is_lost() {
    let house = House::open().await;
    Call::of("create").send(&house).await;
    let (answer, _) = send(&house, &Call::of("create"), &[Fault::LostAnswer]).await;
    assert_eq!(answer.status, 201);
    assert_eq!(house.count().await, 2);
}

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
        enabled: true,
        expires_at: None,
    }
}

#[tokio::test]
async fn if_a_drawn_slug_is_taken_another_one_is_drawn() {
    let house = House::open().await;
    house.put(&[]).await;
    let store = Faulty::new(&[]).changes(&house.url);
    let org: OrgId = crate::house::ACME.parse().unwrap();
    let new = new_link();
    let draws = ["k7m2p9qr", "k7m2p9qr", "freeslug"].iter().map(|slug| slug.parse::<Slug>().unwrap());
    let created = store.create(&org, &new, None, &actor(), draws).await.unwrap();
    assert!(matches!(created, Created::New(link, _) if link.id.as_str() == "freeslug"));
    assert_eq!(Call::of("redirect").send(&house).await.headers["location"], "https://example.com/kept");
    let always_taken = std::iter::repeat_with(|| "k7m2p9qr".parse().unwrap());
    let taken = store.create(&org, &new, None, &actor(), always_taken).await;
    assert!(matches!(taken, Err(CreateError::Store(StoreError::NoFreeSlug))));
}

#[tokio::test]
async fn collisions_are_invisible_while_a_slug_is_free() {
    let house = House::open().await;
    let store = Faulty::new(&[]).changes(&house.url);
    let org: OrgId = crate::house::ACME.parse().unwrap();
    let mut rolls = (0_u32..).map(|number| number.wrapping_mul(2_654_435_769) >> 16);
    let mut made = Vec::new();
    for _ in 0..5 {
        // An alphabet of five characters, and slugs of one character.
        let draws = rolls.by_ref().map(|roll| ["a", "b", "c", "d", "e"][roll as usize % 5].parse().unwrap());
        let created = store.create(&org, &new_link(), None, &actor(), draws).await.unwrap();
        let Created::New(link, _) = created else { panic!() };
        made.push(link.id.to_string());
    }
    made.sort();
    assert_eq!(made, ["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn a_fault_that_passes_is_never_seen() {
    let passing = [
        Fault::Broken,
        Fault::Refused(500, "InternalServerError"),
        Fault::Refused(400, "ThrottlingException"),
        Fault::Refused(400, "ProvisionedThroughputExceededException"),
    ];
    for function in Function::ALL.into_iter().filter(uses_the_store) {
        for fault in passing {
            let house = House::open().await;
            house.put_with_birth().await;
            let (answer, calls) = send(&house, &Call::to(function).by("owner"), &[fault, fault]).await;
            assert!(answer.status < 400, "{function:?} {fault:?}: {}", answer.text);
            // Functions that show a link also read the organization's handle; clicks are a total and days.
            let is_change = matches!(function, Function::Update | Function::Delete);
            let most = if function == Function::Stats || is_change { 5 } else { 4 };
            assert!((3..=most).contains(&calls), "{function:?} {fault:?}: {calls}");
        }
    }
}

#[tokio::test]
async fn a_lasting_fault_is_503_after_exactly_three_attempts() {
    let staying = [
        Fault::Broken,
        Fault::Refused(500, "InternalServerError"),
        Fault::Refused(503, "ServiceUnavailable"),
        Fault::Refused(400, "ThrottlingException"),
        Fault::Refused(400, "RequestLimitExceeded"),
    ];
    for function in Function::ALL.into_iter().filter(uses_the_store) {
        for fault in staying {
            let house = House::open().await;
            let (answer, calls) = send(&house, &Call::to(function).by("owner"), &[fault; 9]).await;
            assert_eq!(answer.is_problem(503, "unavailable").headers["retry-after"], "1");
            assert_eq!(calls, 3, "{function:?} {fault:?}");
            assert!(!answer.text.contains("secret") && !answer.text.contains("Exception"), "{}", answer.text);
            assert_eq!(house.count().await, 0);
        }
    }
}

#[tokio::test]
async fn a_call_that_the_store_refuses_is_500_at_once_without_the_cause() {
    for function in Function::ALL.into_iter().filter(uses_the_store) {
        for code in [
            "AccessDeniedException",
            "ResourceNotFoundException",
            "ValidationException",
            "UnrecognizedClientException",
        ] {
            let house = House::open().await;
            let (answer, calls) =
                send(&house, &Call::to(function).by("owner"), &[Fault::Refused(400, code); 9]).await;
            answer.is_problem(500, "internal");
            assert_eq!(calls, 1);
            assert!(!answer.text.contains("secret") && !answer.text.contains(code), "{}", answer.text);
        }
    }
}

#[tokio::test]
async fn a_truncated_response_counts_as_no_response() {
    for function in Function::ALL.into_iter().filter(uses_the_store) {
        let house = House::open().await;
        house.put(&[]).await;
        let (answer, _) = send(&house, &Call::to(function).by("owner"), &[Fault::HalfAnswer; 9]).await;
        answer.is_problem(503, "unavailable");
    }
}

#[tokio::test]
async fn a_truncated_refusal_is_not_a_refusal() {
    for function in [Function::Update, Function::Delete] {
        // The link does not exist, and the store's refusal is truncated.
        let house = House::open().await;
        let (answer, _) = send(&house, &Call::to(function), &[Fault::HalfAnswer; 9]).await;
        answer.is_problem(503, "unavailable");
    }
}

#[tokio::test]
async fn an_update_whose_response_was_lost_is_200_and_made_once() {
    for call in [Call::of("update"), Call::of("update").header("if-match", "\"1795383720000-1\"")] {
        for faults in [&[Fault::LostAnswer][..], &[Fault::LostAnswer, Fault::LostAnswer]] {
            let house = House::open().await;
            house.put(&[]).await;
            let (answer, _) = send(&house, &call, faults).await;
            assert_eq!((answer.status, &answer.body["version"]), (200, &2.into()), "{}", answer.text);
            assert_eq!(answer.body["title"], "Edited");
            assert_eq!(Call::of("read").send(&house).await.body, answer.body);
        }
    }
}

#[tokio::test]
async fn an_edit_that_changes_nothing_is_200_even_if_its_response_is_lost() {
    for body in ["{}", r#"{"url": "https://example.com/kept"}"#] {
        for fault in [Fault::LostAnswer, Fault::Broken, Fault::Refused(400, "ThrottlingException")] {
            let house = House::open().await;
            house.put(&[]).await;
            let (answer, _) = send(&house, &Call::of("update").body(body), &[fault, fault]).await;
            assert_eq!((answer.status, &answer.body["version"]), (200, &1.into()), "{}", answer.text);
        }
    }
}

/// The clock is behind the link's last edit, so that the edit takes two calls, each of which can fail.
#[tokio::test]
async fn an_edit_by_a_slow_clock_is_made_once_whichever_response_was_lost() {
    for spared in 0..3 {
        for fault in [Fault::LostAnswer, Fault::Broken, Fault::HalfAnswer] {
            let house = House::open().await;
            let later = Timestamp::now().millis() + 60_000;
            let later = aws_sdk_dynamodb::types::AttributeValue::N(later.to_string());
            house.put(&[("updated_at", Some(later))]).await;
            let faulty = Faulty::new(&[fault]);
            *faulty.spared.lock().unwrap() = spared;
            let functions = faulty.functions(&house.url);
            let answer = Call::of("update").send_to(&functions, Timestamp::now()).await;
            let link = Call::of("read").send(&house).await;
            let made = link.body["version"] == 2;
            // A truncated success counts as lost, and the edit may have been made.
            assert!(answer.status == 200 && made || matches!(fault, Fault::HalfAnswer), "{}", answer.text);
            assert!(made || link.body["version"] == 1);
        }
    }
}

#[tokio::test]
async fn a_chosen_slug_whose_response_was_lost_is_201_and_not_taken() {
    let house = House::open().await;
    let (answer, _) = send(&house, &Call::of("create-chosen"), &[Fault::LostAnswer]).await;
    assert_eq!((answer.status, &answer.body["id"]), (201, &"launch".into()), "{}", answer.text);
}

#[tokio::test]
async fn an_idempotent_create_whose_response_was_lost_is_one_link_and_not_a_replay() {
    let house = House::open().await;
    let (answer, _) = send(&house, &Call::of("create-idempotent"), &[Fault::LostAnswer]).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert!(!answer.headers.contains_key("idempotency-replayed"));
    assert_eq!(house.count().await, 1);
}

#[tokio::test]
async fn a_claim_whose_response_was_lost_is_200() {
    let house = House::open().await;
    let (_, reads) = send(&house, &Call::of("handle-get"), &[]).await;
    assert_eq!(reads, 1);
    let faulty = Faulty::new(&[]);
    // The first call reads the handles, the second one claims.
    let functions = faulty.functions(&house.url);
    let call = Call::of("handle").by("owner");
    *faulty.spared.lock().unwrap() = 1;
    faulty.faults.lock().unwrap().push_back(Fault::LostAnswer);
    let answer = call.send_to(&functions, Timestamp::now()).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, r#"{"handle":"acme","handles":["acme"]}"#));
}

/// DynamoDB applies a transaction once, however often it is sent with the same token.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html>
#[tokio::test]
async fn each_attempt_of_a_transaction_has_its_token_and_another_transaction_has_another() {
    let house = House::open().await;
    let faulty = Faulty::new(&[Fault::LostAnswer, Fault::Broken]);
    *faulty.spared.lock().unwrap() = 1;
    let functions = faulty.functions(&house.url);
    for handle in ["acme", "acme-2"] {
        let claim = Call::of("handle").by("owner").body(&format!(r#"{{"handle":"{handle}"}}"#));
        assert_eq!(claim.send_to(&functions, Timestamp::now()).await.status, 200);
    }
    let tokens = faulty.tokens.lock().unwrap().clone();
    let [first, second, third, other] = tokens.as_slice() else { panic!("{tokens:?}") };
    assert_eq!((first, first), (second, third));
    assert_ne!(first, other);
    let faulty = Faulty::new(&[Fault::LostAnswer]);
    let functions = faulty.functions(&house.url);
    let created = Call::of("create-idempotent").send_to(&functions, Timestamp::now()).await;
    assert_eq!(created.status, 201);
    let tokens = faulty.tokens.lock().unwrap().clone();
    assert!(tokens.len() == 2 && tokens[0] == tokens[1], "{tokens:?}");
}

/// Claims a handle. The read of the handles succeeds, and these faults affect the transaction.
async fn claim(house: &House, faults: &[Fault]) -> Answer {
    let faulty = Faulty::new(faults);
    *faulty.spared.lock().unwrap() = 1;
    Call::of("handle").by("owner").send_to(&faulty.functions(&house.url), Timestamp::now()).await
}

#[tokio::test]
async fn a_transaction_cancelled_for_a_transient_reason_is_retried() {
    for reason in ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"] {
        let house = House::open().await;
        let fault = Fault::Cancelled(reason);
        let answer = claim(&house, &[fault]).await;
        assert_eq!(
            (answer.status, &answer.body["handle"]),
            (200, &"acme".into()),
            "{reason}: {}",
            answer.text
        );
    }
    let house = House::open().await;
    claim(&house, &[Fault::Cancelled("ValidationError")]).await.is_problem(500, "internal");
    claim(&house, &[Fault::Refused(400, "ThrottlingException"); 3]).await.is_problem(503, "unavailable");
    assert_eq!(house.count().await, 0);
}

#[tokio::test]
async fn a_store_that_hangs_after_the_write_delays_no_response() {
    let house = House::open().await;
    house.put_with_birth().await;
    for function in [Function::Create, Function::Update, Function::Read, Function::List, Function::Delete] {
        let faulty = Faulty::new(&[Fault::Hangs; 9]);
        // An edit and a delete read first.
        let is_change = matches!(function, Function::Update | Function::Delete);
        *faulty.spared.lock().unwrap() = 1 + usize::from(is_change);
        let functions = faulty.functions(&house.url);
        let call = Call::to(function);
        let answer = call.send_to(&functions, Timestamp::now());
        // Less than the 2.5 s of the store's own timeout.
        let answer = tokio::time::timeout(std::time::Duration::from_secs(2), answer).await.unwrap();
        assert!(answer.status < 300, "{function:?}: {}", answer.text);
    }
}

#[tokio::test]
async fn if_a_handle_cannot_be_read_the_short_url_has_the_organizations_id() {
    let house = House::open().await;
    house.put_with_birth().await;
    assert_eq!(Call::of("handle").by("owner").send(&house).await.status, 200);
    for (name, calls) in [("create", 1), ("list", 1), ("read", 1), ("update", 2), ("delete", 2)] {
        let faulty = Faulty::new(&[Fault::Refused(400, "AccessDeniedException"); 3]);
        *faulty.spared.lock().unwrap() = calls;
        let answer = Call::of(name).send_to(&faulty.functions(&house.url), Timestamp::now()).await;
        assert!(answer.status < 300, "{}", answer.text);
        assert!(answer.text.contains(&format!("/{}/", crate::house::ACME)), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_delete_whose_response_was_lost_succeeds() {
    let house = House::open().await;
    house.put(&[]).await;
    let faulty = Faulty::new(&[Fault::LostAnswer]);
    *faulty.spared.lock().unwrap() = 1;
    let answer = Call::of("delete").send_to(&faulty.functions(&house.url), Timestamp::now()).await;
    assert_eq!((answer.status, &answer.body["id"]), (200, &"k7m2p9qr".into()), "{}", answer.text);
    assert_eq!(house.count().await, 0);
}

/// The clock is paused, so time passes only as far as the client's own timeouts.
#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_503_within_the_timeout() {
    for function in Function::ALL.into_iter().filter(uses_the_store) {
        let faulty = Faulty::new(&[Fault::Hangs; 9]);
        let started = tokio::time::Instant::now();
        let answer = Call::to(function)
            .by("owner")
            .send_to(&faulty.functions("http://127.0.0.1:1"), Timestamp::now())
            .await;
        answer.is_problem(503, "unavailable");
        assert_eq!(started.elapsed().as_millis() / 100, 25, "{function:?}");
        assert_eq!(faulty.calls(), 3);
    }
}

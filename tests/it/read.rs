use crate::house::{Call, DOMAIN, House};
use local::users::User;

#[tokio::test]
async fn a_member_reads_a_colleagues_link_and_its_entity_tag() {
    let house = House::open().await;
    house.put(&[]).await;
    let answer = Call::of("read").by("colleague").send(&house).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["creator_user_id"], User::named("member").unwrap().id);
    assert_eq!(answer.headers["etag"], "\"1795383720000-1\"");
    assert_eq!(answer.body.as_object().unwrap().len(), 14);
}

#[tokio::test]
async fn a_link_that_is_not_there_cannot_be_read() {
    let house = House::open().await;
    for slug in ["k7m2p9qr", "link", "qr", "@handles", "a/b", ""] {
        let mut call = Call::of("read");
        call.event["pathParameters"]["slug"] = slug.into();
        call.send(&house).await.is_problem(404, "not_found");
    }
    Call::of("read-without-token").send(&house).await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_qr_code_says_the_short_url() {
    let house = House::with(&[("SHORT_BASE_URL", "https://go.example.com")]).await;
    house.put(&[]).await;
    let answer = Call::of("read-qr").by("colleague").send(&house).await;
    assert_eq!((answer.status, answer.headers["content-type"].as_str()), (200, "image/svg+xml"));
    assert!(answer.text.starts_with("<?xml") && answer.text.contains("<svg"), "{}", answer.text);
    let short_url = Call::of("read").send(&house).await.body["short_url"].as_str().unwrap().to_owned();
    assert_eq!(decoded(&answer.text), short_url);
    Call::of("read-qr").slug("nothing").send(&house).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn a_link_whose_slug_is_qr_is_read_as_any_other() {
    let house = House::open().await;
    house.link(serde_json::json!({ "url": "https://example.com/", "id": "qr" })).await;
    let read = Call::of("read").slug("qr").send(&house).await;
    assert_eq!(read.body["short_url"], format!("https://{DOMAIN}/{}/qr", crate::house::ACME));
    let code = Call::of("read-qr").slug("qr").send(&house).await;
    assert_eq!(code.headers["content-type"], "image/svg+xml");
}

/// Reads the SVG back as a scanner would: its dark squares drawn into a picture, and that decoded.
fn decoded(svg: &str) -> String {
    let number = |text: &str| text.parse::<usize>().unwrap();
    let side = number(svg.split("width=\"").nth(1).unwrap().split('"').next().unwrap());
    let mut dark = vec![false; side * side];
    let path = svg.split(" d=\"").nth(1).unwrap().split('"').next().unwrap();
    for square in path.split('M').filter(|square| !square.is_empty()) {
        let parts: Vec<&str> = square.split(['h', 'v', 'H', 'V', 'z']).collect();
        let (x, y) = parts[0].trim().split_once([',', ' ']).unwrap();
        let (x, y, width, height) = (number(x), number(y), number(parts[1]), number(parts[2]));
        for row in y..y + height {
            dark[row * side + x..row * side + x + width].fill(true);
        }
    }
    let pixel = |x: usize, y: usize| if dark[y * side + x] { 0 } else { 255 };
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side, side, pixel);
    picture.detect_grids()[0].decode().unwrap().1
}

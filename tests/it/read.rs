use crate::support::{ACME, Call, DOMAIN, TestApp};
use local::users::User;

#[tokio::test]
async fn a_member_reads_a_colleagues_link_and_its_entity_tag() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    let answer = Call::new("read").by("colleague").send(&app).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["creator_user_id"], User::named("member").unwrap().id);
    assert_eq!(answer.headers["etag"], "\"1795383720000-1\"");
    assert_eq!(answer.body.as_object().unwrap().len(), 17);
}

#[tokio::test]
async fn a_missing_link_cannot_be_read() {
    let app = TestApp::start().await;
    for slug in ["k7m2p9qr", "link", "qr", "@handles", "a/b", ""] {
        let mut call = Call::new("read");
        call.event["pathParameters"]["slug"] = slug.into();
        call.send(&app).await.is_problem(404, "not_found");
    }
    Call::new("read-without-token").send(&app).await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_qr_code_contains_the_short_url_and_is_svg_by_default() {
    let app = TestApp::with_settings(&[("SHORT_BASE_URL", "https://go.example.com")]).await;
    app.put(&[]).await;
    let short_url = Call::new("read").send(&app).await.body["short_url"].as_str().unwrap().to_owned();
    for query in ["", "format=svg", "size=128", "size=1024&margin=0", "format=svg&size=333&margin=16"] {
        let answer = Call::new("read-qr").by("colleague").query(query).send(&app).await;
        assert_eq!(
            (answer.status, answer.headers["content-type"].as_str()),
            (200, "image/svg+xml"),
            "{query}"
        );
        assert_eq!(answer.headers["content-disposition"], "inline; filename=\"k7m2p9qr.svg\"");
        assert!(answer.text.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""), "{}", answer.text);
        assert_eq!(Picture::from_svg(&answer.text).decoded(), short_url, "{query}");
    }
    Call::new("read-qr").slug("nothing").send(&app).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn a_qr_code_is_a_png_of_exactly_the_requested_size_that_scans() {
    let app = TestApp::with_settings(&[("SHORT_BASE_URL", "https://go.example.com")]).await;
    app.put(&[]).await;
    let short_url = Call::new("read").send(&app).await.body["short_url"].as_str().unwrap().to_owned();
    let smaller = [128, 129, 200, 511, 512, 1000].into_iter();
    let smaller = smaller.flat_map(|size| [0, 1, 4, 16].map(|margin| (size, margin)));
    for (size, margin) in smaller.chain([(2047, 0), (2048, 4)]) {
        let query = format!("format=png&size={size}&margin={margin}");
        let answer = Call::new("read-qr").query(&query).send(&app).await;
        assert_eq!((answer.status, answer.headers["content-type"].as_str()), (200, "image/png"), "{query}");
        assert_eq!(answer.headers["content-disposition"], "inline; filename=\"k7m2p9qr.png\"");
        assert_eq!(answer.headers["cache-control"], "no-store");
        let picture = Picture::from_png(&answer.bytes);
        assert_eq!(picture.side, size, "{query}");
        picture.has_modules_of_whole_pixels(margin);
        assert_eq!(picture.decoded(), short_url, "{query}");
    }
}

#[tokio::test]
async fn a_png_and_an_svg_of_the_same_size_are_the_same_picture() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    for query in ["", "size=300", "margin=0", "size=1023&margin=7"] {
        let call = |format: &str| Call::new("read-qr").query(&format!("{query}&format={format}"));
        let (svg, png) = (call("svg").send(&app).await, call("png").send(&app).await);
        let (svg, png) = (Picture::from_svg(&svg.text), Picture::from_png(&png.bytes));
        assert_eq!(svg.side, png.side, "{query}");
        assert!(svg.dark == png.dark, "{query}");
    }
    let default = Picture::from_png(&Call::new("read-qr").query("format=png").send(&app).await.bytes);
    assert_eq!(default.side, 512);
    default.has_modules_of_whole_pixels(4);
}

#[tokio::test]
async fn every_invalid_parameter_of_a_qr_code_is_named() {
    let app = TestApp::start().await;
    app.put(&[]).await;
    for (query, faults) in [
        ("format=gif", vec![("format", "unknown_word")]),
        ("format=PNG", vec![("format", "unknown_word")]),
        ("format=", vec![("format", "unknown_word")]),
        ("size=127", vec![("size", "out_of_range")]),
        ("size=2049", vec![("size", "out_of_range")]),
        ("size=65664", vec![("size", "out_of_range")]),
        ("size=", vec![("size", "out_of_range")]),
        ("size=0512", vec![("size", "out_of_range")]),
        ("size=%2B512", vec![("size", "out_of_range")]),
        ("size=512.0", vec![("size", "out_of_range")]),
        ("size=-512", vec![("size", "out_of_range")]),
        ("margin=17", vec![("margin", "out_of_range")]),
        ("margin=00", vec![("margin", "out_of_range")]),
        ("margin=", vec![("margin", "out_of_range")]),
        ("margin=-1", vec![("margin", "out_of_range")]),
        ("dpi=300", vec![("dpi", "unknown_parameter")]),
        ("size=200&size=300", vec![("size", "duplicate")]),
        (
            "format=gif&size=1&margin=99&color=red",
            vec![
                ("color", "unknown_parameter"),
                ("format", "unknown_word"),
                ("margin", "out_of_range"),
                ("size", "out_of_range"),
            ],
        ),
    ] {
        let answer = Call::new("read-qr").query(query).send(&app).await;
        let mut found = answer.is_problem(400, "invalid_query").faults();
        found.sort_unstable();
        assert_eq!(found, faults, "{query}");
    }
    // A caller without permission does not learn whether the query is valid.
    let stranger = Call::new("read-qr").by("outsider").query("format=gif").send(&app).await;
    stranger.is_problem(403, "forbidden");
}

#[tokio::test]
async fn a_qr_code_has_the_highest_error_correction_that_fits_and_at_least_level_m() {
    for (base, level) in [("https://go.example.com", "Q"), ("https://s.example", "M")] {
        let app = TestApp::with_settings(&[("SHORT_BASE_URL", base), ("ROOT_ORG", ACME)]).await;
        app.put(&[]).await;
        let answer = Call::new("read-qr").query("format=png").send(&app).await;
        let (meta, text) = Picture::from_png(&answer.bytes).read();
        // A QR code's format information contains its level as a number: the level's index in this list.
        let levels = ["M", "L", "H", "Q"];
        assert_eq!(levels[usize::from(meta.ecc_level)], level, "{text}");
    }
}

#[tokio::test]
async fn a_link_whose_slug_is_qr_is_read_like_any_other() {
    let app = TestApp::start().await;
    app.link(serde_json::json!({ "url": "https://example.com/", "id": "qr" })).await;
    let read = Call::new("read").slug("qr").send(&app).await;
    assert_eq!(read.body["short_url"], format!("https://{DOMAIN}/{}/qr", ACME));
    let code = Call::new("read-qr").slug("qr").send(&app).await;
    assert_eq!(code.headers["content-type"], "image/svg+xml");
}

/// A QR code as a scanner sees it.
struct Picture {
    side: usize,
    dark: Vec<bool>,
}

impl Picture {
    fn from_png(bytes: &[u8]) -> Self {
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let (side, height) = reader.info().size();
        assert_eq!(side, height);
        assert_eq!(
            (reader.info().color_type, reader.info().bit_depth),
            (png::ColorType::Grayscale, png::BitDepth::One)
        );
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        let side = side as usize;
        let row =
            |row: &[u8]| -> Vec<bool> { (0..side).map(|x| row[x / 8] & (0x80 >> (x % 8)) == 0).collect() };
        Self { side, dark: pixels.chunks(side.div_ceil(8)).flat_map(row).collect() }
    }

    /// Draws the rectangles in the SVG's path.
    fn from_svg(svg: &str) -> Self {
        let number = |text: &str| text.parse::<usize>().unwrap();
        let attribute =
            |name: &str| svg.split(&format!(" {name}=\"")).nth(1).unwrap().split('"').next().unwrap();
        let side = number(attribute("width"));
        assert_eq!(number(attribute("height")), side);
        assert_eq!(attribute("viewBox"), format!("0 0 {side} {side}"));
        let mut dark = vec![false; side * side];
        let path = svg.split(" d=\"").nth(2).unwrap().split('"').next().unwrap();
        for rectangle in path.split('M').filter(|rectangle| !rectangle.is_empty()) {
            let parts: Vec<&str> = rectangle.split(['h', 'v', 'z']).collect();
            let (x, y) = parts[0].split_once(' ').unwrap();
            let (x, y, width, height) = (number(x), number(y), number(parts[1]), number(parts[2]));
            assert_eq!(parts[3], format!("-{width}"));
            for row in y..y + height {
                dark[row * side + x..row * side + x + width].fill(true);
            }
        }
        Self { side, dark }
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        self.dark[y * self.side + x]
    }

    /// Asserts that the QR code is centered, that its squares have the same size and are as large as `margin` allows, and
    /// that the remaining space is distributed evenly.
    #[track_caller]
    fn has_modules_of_whole_pixels(&self, margin: usize) {
        let dark_row = |y: &usize| (0..self.side).any(|x| self.is_dark(x, *y));
        let (top, bottom) =
            ((0..self.side).find(dark_row).unwrap(), (0..self.side).rev().find(dark_row).unwrap());
        let left = (0..self.side).find(|x| self.is_dark(*x, top)).unwrap();
        let right = (0..self.side).rev().find(|x| self.is_dark(*x, top)).unwrap();
        let code = right + 1 - left;
        assert_eq!(bottom + 1 - top, code, "the code is a square");
        // The upper edge of a finder pattern is seven modules long.
        let finder = (left..).take_while(|x| self.is_dark(*x, top)).count();
        assert_eq!(finder % 7, 0);
        let module = finder / 7;
        assert_eq!(code % module, 0);
        let modules = code / module;
        assert_eq!(module, self.side / (modules + 2 * margin), "as large as the margin allows");
        let rest = self.side - code;
        assert_eq!((left, top), (rest / 2, rest / 2), "the code is in the middle");
        for y in 0..self.side {
            for x in 0..self.side {
                let inside = |at: usize| (left..left + code).contains(&at);
                let expected = inside(x)
                    && inside(y)
                    && self.is_dark(left + (x - left) / module * module, left + (y - left) / module * module);
                assert_eq!(self.is_dark(x, y), expected, "{x} {y}");
            }
        }
    }

    fn decoded(&self) -> String {
        self.read().1
    }

    /// Returns what a scanner reads. A scanner needs a white margin around the code, and some pictures have none,
    /// so this function adds one.
    fn read(&self) -> (rqrr::MetaData, String) {
        let around = self.side / 8;
        let whole = self.side + 2 * around;
        let pixel = |x: usize, y: usize| {
            let inside = |at: usize| (around..around + self.side).contains(&at);
            if inside(x) && inside(y) && self.is_dark(x - around, y - around) { 0 } else { 255 }
        };
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(whole, whole, pixel);
        picture.detect_grids()[0].decode().unwrap()
    }
}

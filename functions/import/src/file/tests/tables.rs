//! Encodings, separators, lines, and JSON.

use super::*;

#[test]
fn a_text_is_read_in_any_encoding() {
    let text = "url,title\r\nhttps://example.com/ä,Größe €\r\n";
    let expected = read_text(text).rows;
    assert_eq!(expected[0].title.as_deref(), Some("Größe €"));
    let utf_16 = |to_bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to_bytes).collect::<Vec<_>>();
    let (little, big) = (utf_16(u16::to_le_bytes), utf_16(u16::to_be_bytes));
    for bytes in [
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        [b"\xff\xfe", &*little].concat(),
        [b"\xfe\xff", &*big].concat(),
        little,
        big,
        encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
    ] {
        assert_eq!(read(&bytes, None).unwrap().rows, expected, "{bytes:?}");
    }
}

#[test]
fn a_broken_character_is_not_taken_for_another_encoding() {
    let cut = "url\nhttps://example.com/ä\nhttps://example.com/ö".as_bytes();
    let cut = &cut[..cut.len() - 1];
    assert_eq!(read(cut, None), Err(Unreadable::BrokenCharacter { line: 3 }));
    assert_eq!(read(b"\xff\xfeu\0r\0l\0\n\0x", None), Err(Unreadable::BrokenCharacter { line: 2 }));
}

#[test]
fn what_is_no_text_is_refused_with_what_it_is() {
    assert_eq!(read(b"PK\x03\x04abc", None), Err(Unreadable::Archive));
    assert_eq!(read(b"\x1f\x8b\x08", None), Err(Unreadable::Compressed));
    assert_eq!(read(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", None), Err(Unreadable::Binary));
    assert_eq!(read(b"<!doctype html>", None), Err(Unreadable::Markup));
    for blank in ["", "\u{feff}", " \r\n\t", ",,,\n,,\n"] {
        assert_eq!(read(blank.as_bytes(), None), Err(Unreadable::Empty), "{blank:?}");
    }
}

#[test]
fn the_header_decides_the_separator() {
    for text in [
        "url,title\nhttps://example.com/a;b,x",
        "url;title\n\"https://example.com/a;b\";x",
        "url\ttitle\nhttps://example.com/a;b\tx",
        "sep=;\nurl;title\n\"https://example.com/a;b\";x",
        "sep=|\r\nurl|title\r\nhttps://example.com/a;b|x",
        "\"url\";\"title\"\n\"https://example.com/a;b\";\"x\"",
        "\"a,b,c\";url;title\n;\"https://example.com/a;b\";x",
    ] {
        let row = row(text);
        assert_eq!((&*row.url, row.title.as_deref()), ("https://example.com/a;b", Some("x")), "{text}");
    }
}

#[test]
fn names_are_read_in_any_case_order_and_spelling() {
    for header in ["Expires At,URL", "expires_at,url", "EXPIRES-AT,Url", "expiresAt, url "] {
        let row = row(&format!("{header}\n2027-01-31T00:00:00Z,https://example.com"));
        assert!(matches!(row.expires_at, Some(Expiry::At(_))), "{header}");
    }
}

#[test]
fn the_first_column_of_a_name_that_has_a_value_counts() {
    assert_eq!(row("url,title,Title\nhttps://example.com,a,b").title.as_deref(), Some("a"));
}

#[test]
fn a_row_has_the_number_of_the_line_in_which_it_begins() {
    let numbers = |text: &str| read_text(text).rows.iter().map(|row| row.number).collect::<Vec<_>>();
    for end in ["\n", "\r\n", "\r"] {
        let text = [
            "",
            "url,title",
            "https://a.example,\"one",
            "two\"",
            "",
            "https://b.example,x",
            ",",
            "https://c.example,y",
        ];
        assert_eq!(numbers(&text.join(end)), [3, 6, 8], "{end:?}");
    }
    assert_eq!(numbers("https://a.example\n\nhttps://b.example"), [1, 3]);
    assert_eq!(numbers("sep=,\nurl\nhttps://a.example"), [3]);
    assert_eq!(numbers("{\"url\":\"https://a.example\"}\n\n{\"url\":\"https://b.example\"}"), [1, 3]);
    assert_eq!(numbers("[\n\n{\"url\":\"https://a.example\"},{\"url\":\"https://b.example\"}]"), [1, 2]);
}

#[test]
fn quoted_line_breaks_quotation_marks_and_separators_stay_in_a_cell() {
    let row = row("url,title\r\nhttps://example.com,\"a \"\"b\"\",\r\nc\"\r\n");
    assert_eq!(row.title.as_deref(), Some("a \"b\",\r\nc"));
}

#[test]
fn a_quotation_mark_that_is_not_closed_is_an_error_and_swallows_no_rows() {
    let text = "url,title\nhttps://a.example,x\nhttps://b.example,\"y\nhttps://c.example,z\n";
    assert_eq!(read(text.as_bytes(), None), Err(Unreadable::Quotes { line: 3 }));
}

#[test]
fn a_header_that_swallows_the_first_row_is_an_error() {
    let text = "url,\"note\nhttps://a.example,\"x\nhttps://b.example,y\n";
    assert_eq!(read(text.as_bytes(), None), Err(Unreadable::Quotes { line: 1 }));
}

#[test]
fn lines_that_a_stray_quotation_mark_joins_are_a_refused_row() {
    let file = read_text("url,title\nhttps://a.example,\"x\nhttps://b.example,\"y\"\nhttps://c.example,z\n");
    let codes: Vec<_> =
        file.rows.iter().map(|row| row.refused.as_ref().map(|invalid| invalid.code)).collect();
    assert_eq!(codes, [Some("invalid_row"), None]);
}

#[test]
fn a_row_with_too_many_cells_is_refused_and_one_with_too_few_is_not() {
    assert_eq!(refused("url,id\nhttps://example.com/a,b,c"), "invalid_row");
    assert_eq!(row("url,id,title\nhttps://example.com,a,,,\n").refused, None);
    assert_eq!(row("id,url\na").url, "");
}

#[test]
fn a_guard_against_formulas_is_taken_off_once() {
    let title = |cell: &str| row(&format!("url,title\nhttps://example.com,{cell}")).title.unwrap();
    for (cell, expected) in [
        ("'=1", "=1"),
        ("''=1", "'=1"),
        ("'-x", "-x"),
        ("'@x", "@x"),
        ("'+1", "+1"),
        ("'a'", "'a'"),
        ("=1", "=1"),
        ("'", "'"),
    ] {
        assert_eq!(title(cell), expected);
    }
    assert_eq!(row(r#"[{"url":"https://example.com","title":"'=1"}]"#).title.unwrap(), "'=1");
}

#[test]
fn a_list_of_urls_needs_no_header() {
    let file = read_text("http://a.example,kw,Title\nHTTPS://b.example/x,y\n\nhttps://c.example");
    let slugs: Vec<_> = file.rows.iter().map(|row| row.slug.as_deref()).collect();
    assert_eq!((file.source, slugs), (Source::Yourls, vec![Some("kw"), Some("y"), None]));
    assert_eq!(row("https://a.example\tkw").slug.as_deref(), Some("kw"));
    assert_eq!(read_text("https://a.example;kw;T\nhttps://b.example;x;U").rows[1].slug.as_deref(), Some("x"));
    assert_eq!(row("https://a.example/x;y").url, "https://a.example/x;y");
    assert_eq!(read(b"https://a.example,b", Some(Source::Plain)).unwrap().source, Source::Plain);
    assert_eq!(read(b"https://a.example/1,2,3,4", None), Err(Unreadable::NoHeader { cells: 4 }));
    assert!(read(b"https://a.example", Some(Source::Dub)).is_err());
}

#[test]
fn the_sentence_about_an_unknown_header_has_its_names_and_what_is_expected() {
    let error = sentence("Name,Homepage,\u{7}\nx,https://example.com,");
    assert!(error.contains("'Name', 'Homepage'") && error.contains("expected 'url'"), "{error}");
    assert!(!error.contains('\u{7}'), "{error}");
    let wide: String = (0..10_000).map(|column| format!("column {column},")).collect();
    assert!(sentence(&wide).len() < 1_000);
}

#[test]
fn a_file_with_only_a_header_or_an_empty_list_has_no_rows() {
    assert_eq!(read(b"url,title\r\n", None), Err(Unreadable::OnlyHeader));
    for text in ["[]", r#"{"links":[]}"#, r#"{"data":[],"next_cursor":null}"#, r#"{"links":{}}"#] {
        assert_eq!(read(text.as_bytes(), None), Err(Unreadable::NoRows), "{text}");
    }
}

#[test]
fn the_sentence_about_broken_json_has_its_line() {
    let error = read(b"[\n{\"url\": \"https://example.com\"},\n{]", None);
    assert_eq!(error, Err(Unreadable::Json { line: 3, column: 2, ends: false }));
    let cut = read(b"{\"links\": [\n{\"url\": \"https://example.com\"},", None);
    assert!(matches!(cut, Err(Unreadable::Json { line: 2, ends: true, .. })), "{cut:?}");
}

#[test]
fn a_line_that_is_no_object_is_a_refused_row() {
    let file = read_text("{\"url\":\"https://a.example\"}\n{\"url\":\n[]\n{\"url\":\"https://b.example\"}\n");
    let codes: Vec<_> =
        file.rows.iter().map(|row| row.refused.as_ref().map(|invalid| invalid.code)).collect();
    assert_eq!(codes, [None, Some("invalid_row"), Some("invalid_row"), None]);
    assert_eq!(file.rows[1].url, "{\"url\":");
}

#[test]
fn pages_of_an_api_can_follow_each_other() {
    let page = |slug: &str| format!(r#"{{"data":[{{"address":"{slug}","target":"https://example.com"}}]}}"#);
    for between in ["", "\n", "\r\n\r\n"] {
        let file = read_text(&[page("a"), page("b")].join(between));
        let found: Vec<_> = file.rows.iter().map(|row| (row.number, row.slug.as_deref())).collect();
        assert_eq!((file.source, found), (Source::Kutt, vec![(1, Some("a")), (2, Some("b"))]));
    }
}

#[test]
fn a_link_with_a_member_that_could_be_a_list_stays_a_link() {
    let file = read_text(
        "{\"url\":\"https://a.example\",\"data\":[1]}\n{\"url\":\"https://b.example\",\"links\":{}}",
    );
    assert_eq!(file.rows.len(), 2);
}

#[test]
fn numbers_are_texts_as_they_are_written() {
    let row = row(r#"[{"url":"https://example.com","slug":5,"title":1e400,"tags":[01.0]}]"#.replace("01.0", "1.0").as_str());
    assert_eq!((row.slug.as_deref(), row.title.as_deref()), (Some("5"), Some("1e400")));
    assert_eq!(row.tags, ["1.0"]);
}

#[test]
fn values_that_are_no_text_refuse_their_row_only() {
    let file = read_text(
        r#"[{"url":{"x":1}},{"url":["https://example.com"]},{"url":"\ud800"},{"url":"https://example.com"},7,null]"#,
    );
    let refused: Vec<_> = file.rows.iter().map(|row| row.refused.is_some()).collect();
    assert_eq!(refused, [true, true, true, false, true, true]);
}

#[test]
fn depth_does_not_matter() {
    let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
    let error = sentence(&deep);
    assert!(error.contains("JSON"), "{error}");
    let file = read_text(&format!(r#"[{{"url":"https://example.com","x":{deep},"tags":["a"]}}]"#));
    assert_eq!(file.rows[0].tags, ["a"]);
    let open = r#"{"links":"#.repeat(500_000);
    assert!(matches!(read(open.as_bytes(), None), Err(Unreadable::Json { ends: true, .. })));
    let nested = r#"{"links":"#.repeat(300_000) + "[]" + &"}".repeat(300_000);
    assert!(read(nested.as_bytes(), None).is_err());
}

#[test]
fn more_rows_than_a_list_of_links_can_have_are_refused() {
    for text in ["url\n".to_owned() + &"x\n".repeat(MAX_ROWS + 1), format!("[{}1]", "1,".repeat(MAX_ROWS))] {
        assert_eq!(read(text.as_bytes(), None), Err(Unreadable::TooManyRows));
    }
    let most = "url\n".to_owned() + &"x\n".repeat(MAX_ROWS);
    assert_eq!(read_text(&most).rows.len(), MAX_ROWS);
}

#[test]
fn columns_that_are_not_imported_are_named_and_safe_to_show() {
    let ignored = |text: &str| read_text(text).ignored;
    assert_eq!(
        ignored("url,Notes,id, Owner ,clicks\nhttps://example.com/,x,a,b,3\n"),
        ["Notes", "Owner", "clicks"]
    );
    assert_eq!(ignored("url;a\u{7}b;password;source_id\nhttps://example.com/;x;;\n"), ["a b"]);
    let ours = "url,disabled_at,redirect_with_query\nhttps://example.com/,x,y\n";
    assert_eq!(ignored(ours), ["disabled_at", "redirect_with_query"]);
    assert!(ignored("https://example.com/,one\n").is_empty());
    assert!(ignored(r#"[{"url":"https://example.com/","notes":"x"}]"#).is_empty());
    let wide = format!("url,{}\nhttps://example.com/,x\n", format!("{},", "n".repeat(90)).repeat(30));
    assert_eq!(ignored(&wide), vec!["n".repeat(40); 20]);
}

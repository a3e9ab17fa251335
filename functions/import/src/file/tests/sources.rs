//! What is special about each source.

use super::*;

#[test]
fn the_last_custom_link_of_a_bitly_link_is_its_slug() {
    let file = |custom: &str| {
        format!(
            r#"{{"links":[{{"id":"bit.ly/3Xy","link":"https://bit.ly/3Xy","custom_bitlinks":{custom},"long_url":"https://example.com"}}]}}"#
        )
    };
    assert_eq!(row(&file(r#"["https://bit.ly/a","https://go.example.org/B-2"]"#)).slug.unwrap(), "B-2");
    assert_eq!(row(&file("[]")).slug.unwrap(), "3Xy");
    assert_eq!(row("Link,Custom Link,Destination URL\nbit.ly/3Xy,,https://a.example").slug.unwrap(), "3Xy");
    assert_eq!(row("long_url,custom_bitlink\nhttps://a.example,bit.ly/Mine").slug.unwrap(), "Mine");
}

#[test]
fn archived_and_banned_links_are_switched_off() {
    for text in [
        "Short link,Destination URL,Archived\nhttps://d.example/a,https://example.com,Yes",
        r#"{"links":[{"link":"https://bit.ly/a","long_url":"https://example.com","archived":true}]}"#,
        r#"{"data":[{"address":"a","target":"https://example.com","banned":true}]}"#,
        r#"{"links":[{"path":"a","originalURL":"https://example.com","archived":true}]}"#,
        r#"[{"key":"a","shortLink":"https://d.example/a","url":"https://example.com","disabledAt":"2026-01-01T00:00:00Z"}]"#,
        "url,enabled\nhttps://example.com,FALSE",
        "url,enabled\nhttps://example.com,falsch",
    ] {
        assert!(!row(text).enabled, "{text}");
    }
    for text in [
        "url,enabled\nhttps://example.com,",
        "url\nhttps://example.com",
        "url,enabled\nhttps://example.com,WAHR",
    ] {
        assert!(row(text).enabled, "{text}");
    }
}

#[test]
fn a_flag_that_is_neither_true_nor_false_refuses_the_row() {
    assert_eq!(refused("url,enabled\nhttps://example.com,perhaps"), "wrong_type");
    assert_eq!(
        refused("Short link,Destination URL,Archived\nhttps://d.example/a,https://example.com,?"),
        "wrong_type"
    );
}

#[test]
fn a_link_with_a_password_is_refused_whatever_its_source() {
    for text in [
        r#"{"data":[{"address":"a","target":"https://example.com","password":true}]}"#,
        r#"{"links":[{"path":"a","originalURL":"https://example.com","hasPassword":true}]}"#,
        r#"{"list_complete":true,"links":[{"slug":"a","url":"https://example.com","password":"secret"}]}"#,
        r#"{"list_complete":true,"links":[{"slug":"a","url":"https://example.com","password":{"hash":"x"}}]}"#,
        "url,password\nhttps://example.com,secret",
    ] {
        assert_eq!(refused(text), "password_protected", "{text}");
    }
    for password in ["false", "null", r#""""#] {
        let text =
            format!(r#"{{"data":[{{"address":"a","target":"https://example.com","password":{password}}}]}}"#);
        assert_eq!(row(&text).refused, None, "{text}");
    }
}

#[test]
fn the_root_link_of_a_domain_is_refused() {
    for text in [
        "Short link,Destination URL\nhttps://go.example.org,https://example.com",
        "Short link,Destination URL\nhttps://go.example.org/,https://example.com",
        "Short link,Destination URL\ngo.example.org,https://example.com",
        r#"[{"key":"_root","shortLink":"https://d.example","url":"https://example.com"}]"#,
        r#"{"links":[{"path":"","shortURL":"https://d.example/","originalURL":"https://example.com"}]}"#,
    ] {
        assert_eq!(refused(text), "root_link", "{text}");
    }
}

#[test]
fn a_golink_forwards_the_path_as_its_template_says() {
    let golink = |long: &str| row(&format!(r#"{{"Short":"who","Long":"{long}","Owner":"a@example.com"}}"#));
    for (long, url, forward) in [
        ("https://example.com/who", "https://example.com/who", "path"),
        ("https://example.com/who/{{.Path}}", "https://example.com/who/", "path"),
        ("https://example.com/who/{{ .Path }}", "https://example.com/who/", "path"),
        ("https://example.com/?q=1", "https://example.com/?q=1", "query"),
    ] {
        let row = golink(long);
        assert_eq!((&*row.url, row.forward.as_deref(), row.refused), (url, Some(forward), None), "{long}");
    }
    for long in [
        "https://example.com/?q={{.Path}}",
        "https://example.com/#{{.Path}}",
        "https://example.com/item-{{.Path}}",
        "https://{{.Path}}",
        "https://example.com/{{.Path}}/x",
        "https://example.com/{{.Path}}{{.Path}}",
        "https://example.com/{{.User}}",
        "https://example.com/{{with .Path}}/{{.}}{{end}}",
        "https://example.com/{{",
    ] {
        assert_eq!(golink(long).refused.map(|invalid| invalid.code), Some("unsupported_template"), "{long}");
    }
}

#[test]
fn the_times_of_sink_are_seconds() {
    let text = r#"{"list_complete":true,"links":[{"slug":"a","url":"https://example.com","expiration":1795339800}]}"#;
    let Some(Expiry::At(time)) = row(text).expires_at else { panic!() };
    assert_eq!(time.seconds(), 1_795_339_800);
}

#[test]
fn sink_forwards_the_query_if_the_link_does() {
    let text = r#"{"list_complete":true,"links":[{"slug":"a","url":"https://example.com","redirectWithQuery":true}]}"#;
    assert_eq!(row(text).forward.as_deref(), Some("query"));
}

#[test]
fn the_keyword_of_yourls_loses_its_slashes_and_links_of_its_api_can_be_members() {
    assert_eq!(row("source,target,hits\r\n/promo/,https://example.com,3\r\n").slug.unwrap(), "promo");
    let text = r#"{"links":{"link_1":{"shorturl":"https://s.example/a","url":"https://example.com","ip":"192.0.2.1"},
        "link_2":{"shorturl":"https://s.example/b","url":"https://example.org"}},"statusCode":200}"#;
    let file = read_text(text);
    let slugs: Vec<_> = file.rows.iter().map(|row| row.slug.as_deref().unwrap()).collect();
    assert_eq!((file.source, slugs), (Source::Yourls, vec!["a", "b"]));
}

#[test]
fn our_own_json_is_plain_though_it_has_a_short_url() {
    let text = r#"{"data":[{"id":"a","url":"https://example.com","short_url":"https://s.example/a","clicks":1,"tags":["x"]}],"next_cursor":null}"#;
    let file = read_text(text);
    assert_eq!((file.source, file.rows[0].slug.as_deref()), (Source::Plain, Some("a")));
}

#[test]
fn a_slug_is_preferred_to_an_id_and_a_short_url_to_none() {
    assert_eq!(row("id,slug,url\n17,a,https://example.com").slug.unwrap(), "a");
    assert_eq!(row("url,short_url\nhttps://example.com,https://s.example/x").slug.unwrap(), "x");
    assert_eq!(row("url,slug\nhttps://example.com,https://s.example/x?y").slug.unwrap(), "x");
}

#[test]
fn a_slug_of_several_parts_stays_whole_and_loses_its_encoding() {
    let slug = |short_url: &str| row(&format!("longUrl,shortUrl\nhttps://example.com,{short_url}")).slug;
    assert_eq!(slug("https://s.example/store/donut").unwrap(), "store/donut");
    assert_eq!(slug("https://s.example/%EA%B5%AC").unwrap(), "구");
    assert_eq!(slug("https://s.example/%FF").unwrap(), "%FF");
    assert_eq!(slug("https://s.example/a?utm=1#x").unwrap(), "a");
}

#[test]
fn words_of_our_api_are_read_in_any_case() {
    let row = row("URL;Access;Forward\nhttps://example.com;Members; Query");
    assert_eq!((row.access.as_deref(), row.forward.as_deref()), (Some("members"), Some("query")));
}

#[test]
fn tags_are_split_at_commas_and_bars_and_a_list_is_not_split() {
    assert_eq!(row("url,tags\nhttps://example.com,\"a, b|c|,\"").tags, ["a", "b", "c"]);
    assert_eq!(row(r#"[{"url":"https://example.com","tags":"a, b"}]"#).tags, ["a", "b"]);
    assert_eq!(
        row(r#"[{"url":"https://example.com","tags":["a, b",2026,null,{"name":"c"}]}]"#).tags,
        ["a, b", "2026", "c"]
    );
    assert_eq!(refused(r#"[{"url":"https://example.com","tags":[{"id":1}]}]"#), "invalid_row");
}

#[test]
fn a_requested_source_is_used_if_the_file_can_come_from_it() {
    let text = b"url,alias,keyword\nhttps://example.com,a,b";
    assert_eq!(read(text, None).unwrap().source, Source::Yourls);
    let file = read(text, Some(Source::TinyUrl)).unwrap();
    assert_eq!((file.source, file.rows[0].slug.as_deref()), (Source::TinyUrl, Some("a")));
    let error = read(text, Some(Source::Shlink)).unwrap_err().to_string();
    assert!(error.contains("expected an export of Shlink") && error.contains("'alias'"), "{error}");
}

#[test]
fn every_word_names_one_source() {
    for source in Source::ALL {
        assert_eq!(Source::from_word(source.as_str()), Some(source));
    }
    assert_eq!(Source::from_word("Bitly"), None);
}

#[test]
fn a_password_that_is_a_word_for_no_is_a_password() {
    for password in ["no", "0", "off"] {
        assert_eq!(refused(&format!("url,password\nhttps://example.com,{password}")), "password_protected");
    }
    assert_eq!(row("url,password\nhttps://example.com,FALSE").refused, None);
}

#[test]
fn columns_of_ours_are_read_beside_those_of_another_source() {
    let text = "keyword;url;access;enabled;expires_at\na;https://example.com;members;no;2027-01-31";
    let row = row(text);
    assert_eq!(read_text(text).source, Source::Yourls);
    assert_eq!(
        (row.slug.as_deref(), row.access.as_deref(), row.enabled),
        (Some("a"), Some("members"), false)
    );
    assert!(row.expires_at.is_some());
    let dated = "slug,url,created_at,expires_at\na,https://example.com,2026-01-01,2027-01-31";
    assert_eq!(read_text(dated).source, Source::Plain);
}

#[test]
fn a_value_that_would_open_a_link_is_not_ignored() {
    for member in [r#""access":["members"]"#, r#""enabled":[false]"#, r#""expires_at":{"date":1}"#] {
        assert_eq!(refused(&format!(r#"[{{"url":"https://example.com",{member}}}]"#)), "invalid_row");
    }
}

#[test]
fn a_renamed_column_is_read_as_what_it_names() {
    let text = "Destination,Alias\nhttps://example.com,a";
    let row = row(text);
    assert_eq!(
        (read_text(text).source, &*row.url, row.slug.as_deref()),
        (Source::Plain, "https://example.com", Some("a"))
    );
}

use super::*;
use proptest::prelude::*;
use url::Url;

fn target(text: &str) -> TargetUrl {
    TargetUrl::parse(text).unwrap()
}

fn appended(url: &str, path: &str, query: &str) -> Option<String> {
    target(url).with_suffix(&Suffix { path: path.into(), query: query.into() })
}

#[test]
fn path_and_query_are_appended_to_the_destinations_own() {
    for (url, path, query, expected) in [
        ("https://jira.example/browse", "/ABC-1", "", "https://jira.example/browse/ABC-1"),
        ("https://jira.example/browse/", "/ABC-1", "", "https://jira.example/browse/ABC-1"),
        ("https://jira.example", "/ABC-1/edit", "", "https://jira.example/ABC-1/edit"),
        ("https://jira.example/browse", "/", "", "https://jira.example/browse/"),
        ("https://jira.example/browse", "", "", "https://jira.example/browse"),
        ("https://jira.example/browse#top", "/ABC-1", "a=1", "https://jira.example/browse/ABC-1?a=1#top"),
        ("https://jira.example/browse?x=1", "/ABC-1", "a=1&b", "https://jira.example/browse/ABC-1?x=1&a=1&b"),
        ("https://jira.example/browse?", "", "a=1", "https://jira.example/browse?a=1"),
        ("https://jira.example/browse", "/A b?c#d%2F", "", "https://jira.example/browse/A%20b%3Fc%23d%252F"),
        (
            "https://jira.example/browse",
            "//evil.example/x",
            "",
            "https://jira.example/browse//evil.example/x",
        ),
        ("https://jira.example", "//evil.example/x", "", "https://jira.example//evil.example/x"),
        ("https://jira.example", "/@evil.example:80/", "", "https://jira.example/@evil.example:80/"),
        ("https://jira.example/browse", "/é.", "", "https://jira.example/browse/%C3%A9."),
        ("https://jira.example/", "", "q=é&next='<x>'", "https://jira.example/?q=%C3%A9&next=%27%3Cx%3E%27"),
    ] {
        assert_eq!(appended(url, path, query).as_deref(), Some(expected), "{url} {path} {query}");
    }
}

#[test]
fn the_destinations_own_parameter_wins_over_one_of_the_same_name_however_it_is_spelled() {
    let url = "https://shop.example/?utm_source=team&two+words=1";
    for query in ["utm_source=x", "utm%5Fsource=x", "utm_source", "two%20words=2", "&&two+words=2"] {
        assert_eq!(appended(url, "", query).as_deref(), Some(url), "{query}");
    }
    assert_eq!(appended(url, "", "UTM_source=x&a=1&a=2"), Some(format!("{url}&UTM_source=x&a=1&a=2")));
}

#[test]
fn dot_segments_backslashes_and_control_characters_are_refused_in_every_spelling() {
    for path in [
        "/..",
        "/.",
        "/a/../b",
        "/a/./b",
        "/a/..",
        "/%2e%2e/b",
        "/.%2E/b",
        "/%252e%252e/b",
        "/a%2f..%2fb",
        "/..;/b",
        "/..;x=1",
        "/.. /b",
        "/..%20/b",
        "/a\\b",
        "/a%5cb",
        "/a%255Cb",
        "/a\nb",
        "/a%0ab",
        "/a\0",
        "/\u{7f}",
        "/\u{85}",
        "/a%250d%250a",
    ] {
        assert_eq!(appended("https://wiki.example/team", path, ""), None, "{path:?}");
    }
    assert_eq!(appended("https://wiki.example/team", "", "a=1\nb"), None);
    for path in ["/...", "/.a", "/a.", "/a..b", "/..a", "/;..", "/a;/b"] {
        assert!(appended("https://wiki.example/team", path, "").is_some(), "{path:?}");
    }
}

#[test]
fn a_result_of_more_than_2048_bytes_is_refused() {
    let url = "https://wiki.example/team";
    let longest = format!("/{}", "a".repeat(2048 - url.len() - 1));
    assert_eq!(appended(url, &longest, "").unwrap().len(), 2048);
    assert_eq!(appended(url, &format!("{longest}a"), ""), None);
    assert_eq!(appended(url, &longest, "b"), None);
}

fn suffix(path: &'static str, query: &'static str) -> Suffix<'static> {
    Suffix { path: path.into(), query: query.into() }
}

#[test]
fn a_link_forwards_nothing_its_query_or_both() {
    assert_eq!(Forward::None.part_of(suffix("/a", "b")), None);
    assert_eq!(Forward::Query.part_of(suffix("/a", "b")), Some(suffix("", "b")));
    assert_eq!(Forward::Path.part_of(suffix("/a", "b")), Some(suffix("/a", "b")));
    assert_eq!(Forward::Path.part_of(Suffix::default()), None);
    assert_eq!(Forward::Query.part_of(suffix("/a", "")), None);
    for forward in Forward::ALL {
        assert_eq!(Forward::from_word(forward.as_str()), Some(forward));
    }
}

#[test]
fn the_members_route_gets_the_suffix_in_its_query() {
    assert_eq!(suffix("/a b", "x=1&y=%20").to_query(), "?path=/a%20b&query=x%3D1%26y%3D%2520");
    assert_eq!(suffix("", "x").to_query(), "?query=x");
    assert_eq!(Suffix::default().to_query(), "");
    assert_eq!(Suffix::from_query("utm=1"), Some(Suffix::default()));
    for query in ["path=x", "path=%80", "query=%ff"] {
        assert_eq!(Suffix::from_query(query), None, "{query}");
    }
}

fn any_target() -> impl Strategy<Value = TargetUrl> {
    let parts = "https?://[a-z]{1,8}\\.example(:[1-9][0-9]{0,3})?(/[a-z%.~;@:]{0,6}){0,3}(\\?[a-z%=&+]{0,12})?(#[a-z]{0,3})?";
    parts.prop_filter_map("a URL", |text| TargetUrl::parse(&text).ok())
}

fn any_suffix() -> impl Strategy<Value = (String, String)> {
    let path = prop_oneof![
        Just(String::new()),
        "(/[a-zA-Z0-9.%@:;?#&=+ ]{0,8}){1,4}",
        any::<String>().prop_map(|rest| format!("/{rest}")),
    ];
    (path, prop_oneof!["[a-z=&%+#?'/@:]{0,16}", any::<String>()])
}

proptest! {
    #[test]
    fn only_path_and_query_change_and_only_at_their_ends(url in any_target(), (path, query) in any_suffix()) {
        let Some(result) = url.with_suffix(&Suffix { path: (&path).into(), query: (&query).into() }) else { return Ok(()) };
        let (own, full) = (Url::parse(url.as_str()).unwrap(), Url::parse(&result).unwrap());
        // A browser does not change this result, so the URL that it requests is the URL that was checked.
        prop_assert_eq!(full.as_str().replace('^', "%5E"), result.replace('^', "%5E"));
        prop_assert_eq!(full.origin(), own.origin());
        prop_assert_eq!((full.username(), full.password()), ("", None));
        prop_assert_eq!(full.fragment(), own.fragment());
        let own_path = if path.is_empty() { own.path() } else { own.path().trim_end_matches('/') };
        prop_assert!(full.path().starts_with(own_path), "{} {}", own, full);
        prop_assert!(full.query().unwrap_or_default().starts_with(own.query().unwrap_or_default()));
        let own_pairs: Vec<_> = own.query_pairs().filter(|(name, value)| !(name.is_empty() && value.is_empty())).collect();
        let pairs: Vec<_> = full.query_pairs().filter(|(name, value)| !(name.is_empty() && value.is_empty())).collect();
        prop_assert_eq!(&pairs[..own_pairs.len()], own_pairs.as_slice());
        for (name, _) in &pairs[own_pairs.len()..] {
            prop_assert!(!own_pairs.iter().any(|(own, _)| own == name), "{} twice in {}", name, full);
        }
    }

    #[test]
    fn a_suffix_comes_back_from_the_members_routes_query((path, query) in any_suffix()) {
        let suffix = Suffix { path: path.into(), query: query.into() };
        prop_assert_eq!(Suffix::from_query(suffix.to_query().trim_start_matches('?')), Some(suffix));
    }

    /// The crate `url`, which implements the URL Standard's setters, gives the same result.
    #[test]
    fn the_result_is_that_of_the_url_standards_setters(url in any_target(), (path, query) in any_suffix()) {
        let Some(result) = url.with_suffix(&Suffix { path: (&path).into(), query: (&query).into() }) else { return Ok(()) };
        let mut expected = Url::parse(url.as_str()).unwrap();
        if !path.is_empty() {
            let encoded = path.replace('%', "%25").replace('^', "%5E");
            let own = expected.path().to_owned();
            expected.set_path(&format!("{}{encoded}", own.strip_suffix('/').unwrap_or(&own)));
        }
        let names: Vec<_> = expected.query_pairs().map(|(name, _)| name.into_owned()).collect();
        let added: Vec<_> = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .filter(|pair| {
                let name = url::form_urlencoded::parse(pair.as_bytes()).next().unwrap().0;
                !names.contains(&name.into_owned())
            })
            .collect();
        if !added.is_empty() {
            let own = expected.query().filter(|own| !own.is_empty()).map(|own| format!("{own}&"));
            expected.set_query(Some(&format!("{}{}", own.unwrap_or_default(), added.join("&"))));
        }
        prop_assert_eq!(result, expected.as_str());
    }
}

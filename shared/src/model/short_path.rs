use super::{Handle, OrgId, Slug};

/// The parsed path of a short URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortPath<'a> {
    /// The namespace of the slug.
    pub namespace: Namespace,
    /// The link's slug.
    pub slug: Slug,
    /// Whether a `+` follows the slug. If so, the visitor gets a page that shows the destination, instead of a
    /// redirect.
    pub is_preview: bool,
    /// The rest of the path after the slug, which a link can forward. It is empty or begins with a slash.
    pub suffix: &'a str,
}

/// How a path identifies the organization of its slug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Namespace {
    /// The organization with this id: `/{org_id}/{slug}`.
    Organization(OrgId),
    /// The organization with this handle: `/@{handle}/{slug}`.
    Handle(Handle),
    /// The deployment's root organization: `/{slug}`.
    Root,
}

impl<'a> ShortPath<'a> {
    /// Parses the path of a URL, percent-decoded once. Returns `None` if no short URL has such a path.
    ///
    /// Pasted URLs often contain more than the link: trailing or doubled slashes; punctuation, symbols, white space or
    /// invisible characters after the slug; a query that begins with `&`; Chinese, Japanese or Korean text, which can
    /// follow a URL without a space. All of this is ignored. A slug cannot contain these characters, so the result is
    /// never ambiguous. Anything else after a slug makes the path a different one: letters and digits of any other
    /// script, combining marks, look-alikes of `-` and `_`, control characters, `@`, `%`, and a `+` anywhere except
    /// directly after the slug.
    ///
    /// The path of one of our own pages ([`Slug::is_page`]) is not a short URL.
    pub fn parse(path: &'a str) -> Option<Self> {
        let (namespace, slug, tail) = in_namespace(path).or_else(|| at_root(path))?;
        let (is_preview, tail) = match tail.strip_prefix('+') {
            Some(tail) => (true, tail),
            None => (false, tail),
        };
        let suffix = if tail.starts_with('/') && !is_preview { tail } else { "" };
        is_ignorable(tail).then_some(())?;
        Self::new(namespace, slug, is_preview, suffix)
    }

    /// Parses a path in which a slash and other text follow the slug. Such a path is a short URL only if its link
    /// forwards paths. The path can match two links. A link under the path's organization or handle takes precedence
    /// over a link at the root.
    pub fn parse_with_suffix(path: &'a str) -> impl Iterator<Item = Self> {
        let candidates = [in_namespace(path), at_root(path)].into_iter().flatten();
        candidates.filter_map(|(namespace, slug, tail)| {
            (tail.starts_with('/') && !is_ignorable(tail)).then_some(())?;
            Self::new(namespace, slug, false, tail)
        })
    }

    fn new(namespace: Namespace, slug: &str, is_preview: bool, suffix: &'a str) -> Option<Self> {
        let slug: Slug = slug.parse().ok()?;
        let is_page = namespace == Namespace::Root && slug.is_page();
        (!is_page).then_some(Self { namespace, slug, is_preview, suffix })
    }
}

/// Splits a path into an organization or a handle, a slug, and the text after the slug.
fn in_namespace(path: &str) -> Option<(Namespace, &str, &str)> {
    let (first, rest) = path.trim_start_matches(is_gap).split_once('/')?;
    let (slug, tail) = split_slug(rest.trim_start_matches(is_gap))?;
    Some((Namespace::parse(first.trim_end_matches(is_blank))?, slug, tail))
}

/// Splits a path into the slug at its beginning and the rest.
fn at_root(path: &str) -> Option<(Namespace, &str, &str)> {
    let (slug, tail) = split_slug(path.trim_start_matches(is_gap))?;
    Some((Namespace::Root, slug, tail))
}

impl Namespace {
    fn parse(segment: &str) -> Option<Self> {
        match segment.strip_prefix('@') {
            Some(handle) => handle.parse().ok().map(Self::Handle),
            None => segment.parse().ok().map(Self::Organization),
        }
    }
}

/// Splits a text into the slug at its beginning and the rest. Returns `None` if the text does not begin with a slug.
fn split_slug(text: &str) -> Option<(&str, &str)> {
    let is_in_slug = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let end = text.bytes().position(|byte| !is_in_slug(byte)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// Returns whether the text after a slug can be ignored.
fn is_ignorable(tail: &str) -> bool {
    let end = tail.find(|character| !sticks(character)).unwrap_or(tail.len());
    let (stuck, rest) = tail.split_at(end);
    // `/acme/launch/..` is the same path as `/acme/` (RFC 3986, section 5.2.4).
    let leads_up = stuck.split('/').skip(1).any(|segment| segment == "..");
    !leads_up && (rest.is_empty() || rest.starts_with(ends_a_path))
}

/// Returns whether the character is ignored after a slug. Punctuation, symbols, white space and invisible characters
/// are ignored, except those that can make the text another path, such as `+` and `-`.
fn sticks(character: char) -> bool {
    match character {
        '+' | '-' | '_' | '@' | '%' | '&' | '?' | '#' => false,
        '\0'..='\x7f' => character.is_whitespace() || character.is_ascii_punctuation(),
        // Combining marks change the letter before them.
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' => {
            false
        }
        '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}' => false,
        // Look-alikes of `-` and `_` are not ignored, because the slug may continue after them.
        '\u{2010}'..='\u{2013}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}' | '\u{ff3f}' => false,
        _ => !character.is_alphanumeric(),
    }
}

/// Returns whether the path ends before this character. Such a character and everything after it are ignored, because
/// they are a query, a fragment, or the rest of a sentence.
fn ends_a_path(character: char) -> bool {
    matches!(
        character,
        '&' | '?'
            | '#'
            // Hiragana, Katakana, Han (except U+4E00, a look-alike of `-`) and Hangul.
            | '\u{3041}'..='\u{3096}'
            | '\u{30a1}'..='\u{30fa}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e01}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7a3}'
    )
}

/// Returns whether the character is ignored before a segment: it is an extra slash or a blank.
fn is_gap(character: char) -> bool {
    character == '/' || is_blank(character)
}

/// Returns whether the character is white space or invisible. Word processors and line breaks add such characters to a
/// URL.
fn is_blank(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ACME: &str = "1189c444-8a2d-4c41-8b4b-ae43ce79a492";

    /// Returns `org/slug`, `@handle/slug` or `/slug`, with a `+` at the end if the path is a preview.
    fn read(path: &str) -> Option<String> {
        let ShortPath { namespace, slug, is_preview, .. } = ShortPath::parse(path)?;
        let plus = if is_preview { "+" } else { "" };
        Some(match namespace {
            Namespace::Organization(org) => format!("{org}/{slug}{plus}"),
            Namespace::Handle(handle) => format!("@{handle}/{slug}{plus}"),
            Namespace::Root => format!("/{slug}{plus}"),
        })
    }

    #[test]
    fn a_path_names_an_organization_by_its_id_or_its_handle_or_none() {
        for (path, expected) in [
            ("/acme/launch", "acme/launch"),
            ("/Acme/LAUNCH", "Acme/launch"),
            ("/1189C444-8A2D-4C41-8B4B-AE43CE79A492/launch", &format!("{ACME}/launch")),
            ("/@Acme/Launch", "@acme/launch"),
            ("/launch", "/launch"),
            ("launch", "/launch"),
            ("//acme///launch//", "acme/launch"),
            ("/ acme /\u{200b}launch", "acme/launch"),
            // An organization's id may end in a dot, so the dot is part of the id.
            ("/acme./launch", "acme./launch"),
            ("/acme./", "/acme"),
            ("/acme/)", "/acme"),
            ("/launch&next=/other", "/launch"),
            ("/acme/docs", "acme/docs"),
        ] {
            assert_eq!(read(path).as_deref(), Some(expected), "{path:?}");
        }
    }

    #[test]
    fn a_plus_directly_after_the_slug_asks_for_a_preview_whatever_sticks_to_it() {
        for (path, expected) in [
            ("/acme/launch+", "acme/launch+"),
            ("/@Acme/Launch+", "@acme/launch+"),
            ("/launch+", "/launch+"),
            ("//acme//launch+//", "acme/launch+"),
            ("/acme/launch+).", "acme/launch+"),
            ("/launch+&utm_source=a+b", "/launch+"),
            ("/launch+\u{200b}", "/launch+"),
            ("/launch&q=a+", "/launch"),
        ] {
            assert_eq!(read(path).as_deref(), Some(expected), "{path:?}");
        }
        for path in [
            "/acme/launch++",
            "/acme/launch+more",
            "/acme/launch/+",
            "/acme/launch.+",
            "/acme/launch +",
            "/acme/launch+/..",
            "/acme/+launch",
            "/acme+/launch",
            "/docs+",
            "/acme/link+",
            "/+",
            "/acme/+",
        ] {
            assert_eq!(read(path), None, "{path:?}");
        }
    }

    #[test]
    fn what_is_no_short_url_is_none() {
        for path in [
            "",
            "/",
            "//",
            "/.",
            "/..",
            "/-",
            "/@acme",
            "/@/launch",
            "/@-/launch",
            "/@a_b/launch",
            "/docs",
            "/Docs/",
            "/robots.txt",
            "/favicon.ico",
            "/link",
            "/acme/link",
            "/acme/link/launch",
            "/acme/-/handle",
            "/acme/-/open/x",
            "/acme/launch/other",
            "/acme/launch/..",
            "/acme/launch/../",
            "/acme/../launch",
            "/./acme/launch",
            "/a b/launch",
            "/acme)/launch",
            "/acme/launch@x",
            "/acme/launch%20",
            "/acme/launch\0",
            "/acme/launch.html",
            "/acme/_launch",
            "/acme/\"launch\"",
            "\\acme\\launch",
        ] {
            assert_eq!(read(path), None, "{path:?}");
        }
        assert_eq!(read(&format!("/acme/{}", "a".repeat(65))), None);
    }

    /// Generates text that can follow a slug: mostly the listed characters, and sometimes any other character that
    /// `sticks` accepts.
    fn noise() -> impl Strategy<Value = String> {
        let named: Vec<char> = "/.,;:!?'\")]}>*&…”’»›。、！）」』｡\u{a0}\u{ad}\u{200b}\u{200d}\u{2060}\u{feff}\u{fffc} \t\r\n\\|`~"
            .chars()
            .collect();
        let any = any::<char>().prop_filter("part of a path", |character| sticks(*character));
        let character = prop_oneof![4 => prop::sample::select(named), 1 => any];
        prop::collection::vec(character, 0..12)
            .prop_map(String::from_iter)
            .prop_filter("up", |tail| !tail.split('/').any(|segment| segment == ".."))
    }

    fn slug() -> impl Strategy<Value = String> {
        "[A-Za-z0-9][A-Za-z0-9_-]{0,63}".prop_filter("a page", |slug| {
            !["link", "docs"].iter().any(|taken| slug.eq_ignore_ascii_case(taken))
        })
    }

    proptest! {
        #[test]
        fn whatever_sticks_to_a_short_url_leads_to_its_link(
            org in "[A-Za-z0-9][A-Za-z0-9._:-]{0,40}",
            handle in "[A-Za-z0-9]([A-Za-z0-9-]{0,38}[A-Za-z0-9])?",
            slug in slug(),
            plus in "\\+?",
            tail in noise(),
            query in prop::option::of("[&?#][^\0]{0,20}"),
        ) {
            let canonical = format!("{}{plus}", slug.to_ascii_lowercase());
            let tail = format!("{plus}{tail}{}", query.unwrap_or_default());
            let org_id: OrgId = org.parse().unwrap();
            prop_assert_eq!(read(&format!("/{org}/{slug}{tail}")), Some(format!("{org_id}/{canonical}")));
            let short = read(&format!("/@{handle}/{slug}{tail}"));
            prop_assert_eq!(short, Some(format!("@{}/{canonical}", handle.to_ascii_lowercase())));
            // The slug must not be mistaken for an organization if the tail begins with a slash.
            prop_assert_eq!(read(&format!("/{slug}{tail}")), Some(format!("/{canonical}")));
        }

        #[test]
        fn any_path_is_nothing_or_a_link_that_is_named_to_the_letter(
            path in prop_oneof![
                any::<String>(),
                "[/@a-zA-Z0-9._:-]{0,40}",
                "/{1,2}@?[a-zA-Z0-9.]{1,3}/{1,2}[a-zA-Z0-9_-]{1,4}\\+?(\\PC|[ -/]|/){0,4}",
            ],
        ) {
            let Some(ShortPath { namespace, slug, is_preview, .. }) = ShortPath::parse(&path) else { return Ok(()) };
            let folded = path.to_ascii_lowercase();
            let rest = folded.trim_start_matches(is_gap);
            let rest = match &namespace {
                Namespace::Root => rest,
                Namespace::Organization(org) => {
                    prop_assert!(path.trim_start_matches(is_gap).starts_with(org.as_str()));
                    &rest[org.as_str().len()..]
                }
                Namespace::Handle(handle) => {
                    let text = format!("@{handle}");
                    prop_assert!(rest.starts_with(&text));
                    &rest[text.len()..]
                }
            };
            let in_namespace = namespace != Namespace::Root;
            let at_slug = rest.trim_start_matches(is_gap);
            prop_assert_eq!(in_namespace, rest[..rest.len() - at_slug.len()].contains('/'));
            let tail = at_slug.strip_prefix(slug.as_str());
            // The character after the slug cannot be part of a slug.
            let goes_on = |tail: &str| tail.starts_with(|next: char| next.is_ascii_alphanumeric() || "-_".contains(next));
            prop_assert_eq!(tail.map(goes_on), Some(false));
            prop_assert_eq!(tail.map(|tail| tail.starts_with('+')), Some(is_preview));
        }
    }
}

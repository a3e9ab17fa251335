/// Our names, and the names that other link shorteners and their clients use, in lower case and without `_` and `-`.
///
/// The other names are from the public APIs and exported files of Bitly, Dub, golink, Kutt, Rebrandly, Shlink,
/// Short.io, Sink, TinyURL and YOURLS.
const SYNONYMS: [(&str, &[&str]); 14] = [
    (
        "url",
        &[
            "destination",
            "destinationurl",
            "href",
            "link",
            "long",
            "longurl",
            "originalurl",
            "redirecturl",
            "source",
            "target",
            "targeturl",
            "uri",
        ],
    ),
    (
        "id",
        &[
            "alias",
            "backhalf",
            "customalias",
            "custombitlink",
            "customslug",
            "customurl",
            "key",
            "keyword",
            "short",
            "shortcode",
            "shortid",
            "shorturl",
            "slashtag",
            "slug",
        ],
    ),
    ("title", &["comment", "description", "label", "name"]),
    ("tags", &["categories", "labels", "tagnames"]),
    ("access", &["visibility"]),
    ("enabled", &["active", "isactive", "isenabled"]),
    (
        "expires_at",
        &[
            "expiration",
            "expirationdate",
            "expirein",
            "expires",
            "expiresin",
            "expiresat",
            "expiry",
            "validto",
            "validuntil",
        ],
    ),
    ("handle", &["alias", "name", "slug"]),
    ("limit", &["count", "itemsperpage", "pagesize", "perpage", "size"]),
    ("cursor", &["after", "nextcursor", "nextpagetoken", "page", "pagetoken"]),
    ("creator", &["createdby", "creatorid", "creatoruserid", "owner", "user", "userid"]),
    ("from", &["after", "begin", "since", "start", "startdate"]),
    ("to", &["before", "end", "enddate", "until"]),
    ("by", &["granularity", "groupby", "interval", "unit"]),
];

/// Returns the name in `known` that a client probably meant by `unknown`. There are three possible reasons: the two
/// names differ only in case and word separators, `unknown` is another shortener's name for the same thing, or
/// `unknown` contains a spelling mistake.
pub fn meant<'a>(unknown: &str, known: &[&'a str]) -> Option<&'a str> {
    // No known name or synonym is longer, and the cost of computing a distance grows with the product of both lengths.
    if unknown.len() > 32 {
        return None;
    }
    let plain = plain(unknown);
    let is_synonym =
        |name: &str| SYNONYMS.iter().any(|(ours, others)| *ours == name && others.contains(&plain.as_str()));
    let same = known.iter().find(|name| self::plain(name) == plain);
    let synonym = || known.iter().find(|name| is_synonym(name));
    let misspelt = || {
        let distances = known.iter().map(|name| (strsim::osa_distance(&plain, &self::plain(name)), name));
        let near = distances.filter(|(distance, name)| *distance <= tolerance(name));
        near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
    };
    same.or_else(synonym).or_else(misspelt).copied()
}

/// The maximum number of wrong, missing, added or swapped letters at which a name is still suggested. Returns 0 for
/// short names, because short names are too similar to other words.
fn tolerance(name: &str) -> usize {
    match name.len() {
        ..=2 => 0,
        3..=5 => 1,
        _ => 2,
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: [&str; 8] = ["url", "title", "tags", "access", "forward", "enabled", "expires_at", "id"];
    const FILTERS: [&str; 6] = ["creator", "tag", "prefix", "limit", "include", "cursor"];
    const RANGE: [&str; 3] = ["by", "to", "from"];

    #[test]
    fn other_shorteners_names_and_spelling_mistakes_are_understood() {
        for (unknown, name) in [
            ("slug", "id"),
            ("keyword", "id"),
            ("shorturl", "id"),
            ("customSlug", "id"),
            ("custom_alias", "id"),
            ("slashtag", "id"),
            ("shortCode", "id"),
            ("ID", "id"),
            ("long_url", "url"),
            ("longUrl", "url"),
            ("originalURL", "url"),
            ("target", "url"),
            ("destination", "url"),
            ("Url", "url"),
            ("ulr", "url"),
            ("ttile", "title"),
            ("titel", "title"),
            ("description", "title"),
            ("tag", "tags"),
            ("acces", "access"),
            ("enable", "enabled"),
            ("expiresAt", "expires_at"),
            ("expire_at", "expires_at"),
            ("validUntil", "expires_at"),
            ("expiration", "expires_at"),
        ] {
            assert_eq!(meant(unknown, &FIELDS), Some(name), "{unknown}");
        }
        for (unknown, name) in [
            ("tags", "tag"),
            ("Limit", "limit"),
            ("per_page", "limit"),
            ("page", "cursor"),
            ("next_cursor", "cursor"),
            ("creator_user_id", "creator"),
            ("prefx", "prefix"),
        ] {
            assert_eq!(meant(unknown, &FILTERS), Some(name), "{unknown}");
        }
        for (unknown, name) in [("since", "from"), ("until", "to"), ("form", "from"), ("interval", "by")] {
            assert_eq!(meant(unknown, &RANGE), Some(name), "{unknown}");
        }
    }

    #[test]
    fn a_word_that_is_far_from_every_name_gets_no_suggestion() {
        for unknown in [
            "",
            "i",
            "it",
            "x",
            "is",
            "domain",
            "password",
            "maxVisits",
            "cloaking",
            "org_id",
            "foo",
            "table",
            "tile_set",
            "äöü",
            "constructor",
            "__proto__",
            "created_at",
            "version",
            "validSince",
        ] {
            assert_eq!(meant(unknown, &FIELDS), None, "{unknown}");
        }
        assert_eq!(meant("slug", &["url", "title"]), None, "a route without the field 'id'");
        assert_eq!(meant(&"url".repeat(1_000), &FIELDS), None);
    }
}

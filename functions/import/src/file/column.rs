//! The names of the columns of a table, and of the members of a JSON object.

use std::collections::BTreeSet;

/// The names that a file has.
pub(super) type Names = BTreeSet<Column>;

macro_rules! columns {
    ($($column:ident = $name:literal),+ $(,)?) => {
        /// A column or member that at least one source has.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Column { $($column),+ }

        impl Column {
            /// Returns the column with this folded name, if any.
            fn from_folded(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$column),)+
                    _ => None,
                }
            }

            /// Returns the folded name.
            pub(super) fn as_str(self) -> &'static str {
                match self {
                    $(Self::$column => $name,)+
                }
            }
        }
    };
}

columns! {
    Access = "access",
    Address = "address",
    Alias = "alias",
    Archived = "archived",
    Banned = "banned",
    Bitlink = "bitlink",
    Clicks = "clicks",
    Comment = "comment",
    CustomBitlink = "custombitlink",
    CustomBitlinks = "custombitlinks",
    CustomLink = "customlink",
    Deleted = "deleted",
    Description = "description",
    Destination = "destination",
    DestinationUrl = "destinationurl",
    DisabledAt = "disabledat",
    Enabled = "enabled",
    Expiration = "expiration",
    ExpireIn = "expirein",
    Expires = "expires",
    ExpiresAt = "expiresat",
    ExportedAt = "exportedat",
    Forward = "forward",
    HasPassword = "haspassword",
    Id = "id",
    Ip = "ip",
    Key = "key",
    Keyword = "keyword",
    Link = "link",
    ListComplete = "listcomplete",
    Long = "long",
    LongUrl = "longurl",
    OriginalUrl = "originalurl",
    Password = "password",
    PasswordProtected = "passwordprotected",
    Path = "path",
    RedirectWithQuery = "redirectwithquery",
    Short = "short",
    ShortCode = "shortcode",
    ShortLink = "shortlink",
    ShortUrl = "shorturl",
    Slashtag = "slashtag",
    Slug = "slug",
    Source = "source",
    SourceId = "sourceid",
    Tags = "tags",
    Target = "target",
    Timestamp = "timestamp",
    TinyUrl = "tinyurl",
    Title = "title",
    Url = "url",
}

impl Column {
    /// Returns whether the column's value determines who can open the link, or whether anyone can open it. A row
    /// with two different values of such a column is ambiguous.
    pub(super) fn must_agree(self) -> bool {
        use Column::{Access, Archived, Banned, Deleted, Enabled, Expiration, ExpireIn, Expires, ExpiresAt};
        use Column::{HasPassword, Password, PasswordProtected};
        matches!(
            self,
            Access | Archived | Banned | Deleted | Enabled | Expiration | ExpireIn | Expires | ExpiresAt
        ) || matches!(self, HasPassword | Password | PasswordProtected)
    }

    /// Returns the column with this name, if any. Case, white space, `_` and `-` are ignored.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        // No known name is this long.
        if name.len() > 100 {
            return None;
        }
        let counts = |character: &char| !character.is_whitespace() && !matches!(character, '_' | '-');
        let folded: String =
            name.chars().filter(counts).map(|character| character.to_ascii_lowercase()).collect();
        // A link must not lose its password because the column has an unusual name.
        let is_password = ["password", "passwort", "passphrase"].iter().any(|word| folded.contains(word));
        Self::from_folded(&folded).or(is_password.then_some(Self::Password))
    }
}

/// Returns a clause that quotes some of a file's names: `The header has the columns 'a', 'b' and 3 more`.
pub(super) fn quote<'a>(has: &str, what: &str, names: impl Iterator<Item = &'a str>) -> String {
    let mut quoted = Vec::new();
    let mut more = 0_usize;
    for name in names.map(str::trim).filter(|name| !name.is_empty()) {
        if quoted.len() < 8 {
            quoted.push(format!("'{}'", shown(name)));
        } else {
            more += 1;
        }
    }
    match (quoted.as_slice(), more) {
        ([], _) => format!("{has} no {what}s"),
        ([one], _) => format!("{has} the {what} {one}"),
        (_, 0) => format!("{has} the {what}s {}", quoted.join(", ")),
        (_, more) => format!("{has} the {what}s {} and {more} more", quoted.join(", ")),
    }
}

/// Makes a name safe to show: cuts it at 40 characters, and replaces each control character with a space.
pub(super) fn shown(name: &str) -> String {
    name.chars().take(40).map(|character| if character.is_control() { ' ' } else { character }).collect()
}

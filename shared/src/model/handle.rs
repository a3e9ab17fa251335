use super::{Invalid, text};

/// A readable name for an organization in its short URLs: `[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?`. Upper case is converted
/// to lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(String);

text!(Handle);

/// Handles that visitors could mistake for the service itself or its staff. Most of the mailbox names among these
/// handles are from RFC 2142.
const RESERVED: [&str; 45] = [
    "about",
    "abuse",
    "account",
    "accounts",
    "admin",
    "administrator",
    "api",
    "app",
    "assets",
    "auth",
    "billing",
    "blog",
    "cdn",
    "contact",
    "dashboard",
    "docs",
    "ftp",
    "handle",
    "help",
    "hostmaster",
    "info",
    "legal",
    "link",
    "login",
    "logout",
    "mail",
    "me",
    "noc",
    "official",
    "postmaster",
    "prime",
    "privacy",
    "register",
    "root",
    "security",
    "settings",
    "signin",
    "signpost",
    "signup",
    "static",
    "status",
    "support",
    "team",
    "webmaster",
    "www",
];

impl Handle {
    /// Parses a handle that a caller requests.
    ///
    /// # Errors
    /// The text is not a handle, or is reserved. If the list of reserved words grows, organizations keep their handles.
    pub fn from_request(text: String) -> Result<Self, Invalid> {
        let handle = Self::try_from(text)?;
        if RESERVED.contains(&handle.as_str()) {
            return Err(Invalid::new("reserved_handle", "this handle is reserved; choose another"));
        }
        Ok(handle)
    }
}

impl TryFrom<String> for Handle {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let text = text.to_ascii_lowercase();
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let outer_hyphen = text.starts_with('-') || text.ends_with('-');
        if !(1..=40).contains(&text.len()) || outer_hyphen || !text.bytes().all(allowed) {
            return Err(Invalid::new(
                "invalid_handle",
                "a handle must be 1 to 40 letters a to z, digits or '-', and must not begin or end with '-'",
            ));
        }
        Ok(Self(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_reserved_word_is_not_to_be_had_in_any_case() {
        for text in ["admin", "Admin", "WWW", "docs", "login", "support", "api"] {
            assert_eq!(Handle::from_request(text.to_owned()).unwrap_err().code, "reserved_handle", "{text}");
        }
        assert_eq!(Handle::from_request("Acme-2".to_owned()).unwrap().as_str(), "acme-2");
    }

    #[test]
    fn what_is_no_handle_is_refused() {
        let long = "a".repeat(41);
        for text in ["", "-", "-a", "a-", "a_b", "a.b", "@a", "é", "\u{212a}", "a b", "a/", &long] {
            assert!(text.parse::<Handle>().is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_becomes_a_handle_that_parses_to_itself(text in any::<String>()) {
            if let Ok(handle) = text.parse::<Handle>() {
                prop_assert_eq!(handle.as_str().parse::<Handle>(), Ok(handle.clone()));
            }
        }

        #[test]
        fn every_text_of_the_pattern_is_a_handle(text in "[a-zA-Z0-9]([a-zA-Z0-9-]{0,38}[a-zA-Z0-9])?") {
            let handle: Handle = text.parse().unwrap();
            prop_assert_eq!(handle.as_str(), text.to_ascii_lowercase());
        }
    }
}

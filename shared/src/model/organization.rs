use super::{Invalid, text};

/// An organization's id, from the sign-in provider: `[A-Za-z0-9][A-Za-z0-9._:-]{0,127}`.
///
/// A UUID (RFC 9562, section 4) is converted to lower case. Any other id is case-sensitive. An id cannot begin with `@`,
/// so it never equals one of the table's other keys (`@prime`, handles).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrgId(String);

text!(OrgId);

impl TryFrom<String> for OrgId {
    type Error = Invalid;

    fn try_from(mut text: String) -> Result<Self, Invalid> {
        if is_uuid(text.as_bytes()) {
            text.make_ascii_lowercase();
        }
        let (first, rest) = text.as_bytes().split_first().ok_or_else(rule)?;
        let inner = |byte: &u8| byte.is_ascii_alphanumeric() || b"._:-".contains(byte);
        if text.len() <= 128 && first.is_ascii_alphanumeric() && rest.iter().all(inner) {
            Ok(Self(text))
        } else {
            Err(rule())
        }
    }
}

impl OrgId {
    /// Returns whether the id is a UUID.
    pub fn is_uuid(&self) -> bool {
        is_uuid(self.0.as_bytes())
    }
}

/// Returns whether the text is a UUID: 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12.
pub(super) fn is_uuid(text: &[u8]) -> bool {
    let fits = |(at, byte): (usize, &u8)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.iter().enumerate().all(fits)
}

fn rule() -> Invalid {
    Invalid::new(
        "invalid_organization",
        "an organization id must be 1 to 128 letters a to z and A to Z, digits, '.', '_', ':' or '-', and must begin with \
         a letter or digit",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_uuid_folds_to_lower_case_and_no_other_id_does() {
        let folded = |text: &str| text.parse::<OrgId>().unwrap().to_string();
        assert_eq!(folded("1189C444-8a2D-4C41-8B4B-AE43CE79A492"), "1189c444-8a2d-4c41-8b4b-ae43ce79a492");
        for other in [
            "Acme",
            "org_2AbCdEf",
            "1189C4448A2D4C418B4BAE43CE79A492",
            "1189C444-8A2D-4C41-8B4B-AE43CE79A49",
            "1189C444-8A2D-4C41-8B4B-AE43CE79A4922",
            "1189C4448-A2D-4C41-8B4B-AE43CE79A492",
            "G189C444-8A2D-4C41-8B4B-AE43CE79A492",
            "1189C444.8A2D.4C41.8B4B.AE43CE79A492",
        ] {
            assert_eq!(folded(other), other);
        }
    }

    proptest! {
        #[test]
        fn every_spelling_of_a_uuid_is_one_organization(
            text in "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
        ) {
            let org: OrgId = text.parse().unwrap();
            prop_assert_eq!(org.as_str(), text.to_ascii_lowercase());
        }
    }
}

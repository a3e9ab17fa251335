use shared::model::{Handle, OrgId, Slug, SlugPrefix, Tag, Timestamp, Title, UserId};
use std::str::FromStr;

/// Fuzzes each type that is parsed from text. An accepted value is canonical: written as text, it must parse to the
/// same value.
pub fn text(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    is_canonical::<Handle>(text);
    is_canonical::<OrgId>(text);
    is_canonical::<Slug>(text);
    is_canonical::<SlugPrefix>(text);
    is_canonical::<Tag>(text);
    is_canonical::<Title>(text);
    is_canonical::<UserId>(text);
    if let Ok(title) = Title::from_request(text.to_owned()) {
        assert!(title.as_str() == text && !text.trim().is_empty(), "{text:?}");
    }
    if let Ok(time) = Timestamp::from_rfc_3339(text) {
        assert_eq!(Timestamp::from_rfc_3339(&time.to_string()).ok(), Some(time), "{text:?}");
    }
}

fn is_canonical<T: FromStr + ToString>(text: &str) {
    let Ok(value) = text.parse::<T>() else { return };
    let written = value.to_string();
    let again = written.parse::<T>().map(|value| value.to_string());
    assert_eq!(again.ok(), Some(written), "{text:?}");
}

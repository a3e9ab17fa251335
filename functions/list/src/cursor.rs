use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use shared::error::ApiError;
use shared::model::{Filter, OrgId, Position, Search, SlugPrefix, State, Tag, TargetUrl, Timestamp, UserId};
use std::fmt;

/// The version of the format. Cursors with a different version are rejected.
const VERSION: u8 = 1;
/// The number of hash bytes in a cursor: enough that no cursor matches another list by chance.
const BINDING: usize = 16;

/// The position at which a list continues. A cursor is valid only for its own list.
///
/// A cursor is the base64url encoding (RFC 4648) of the version, a hash of the list's organization and filter, the
/// position's creation time (in milliseconds, 8 bytes, big-endian) and its slug. The cursor is neither secret nor
/// signed. The organization always comes from the path, so a forged cursor can only reach other positions in the
/// caller's own list.
pub struct Cursor {
    binding: [u8; BINDING],
    position: Position,
}

impl Cursor {
    /// Creates the cursor for a position in the list of `org`'s links that match the filter.
    pub fn new(org: &OrgId, filter: &Filter, position: Position) -> Self {
        Self { binding: binding(org, filter), position }
    }

    /// Parses a cursor for the list of `org`'s links that match the filter.
    ///
    /// # Errors
    /// The cursor is malformed, or belongs to another list.
    pub fn position_in(text: &str, org: &OrgId, filter: &Filter) -> Result<Position, ApiError> {
        let position = read(text, &binding(org, filter));
        position.ok_or(ApiError::InvalidCursor)
    }
}

fn read(text: &str, binding: &[u8; BINDING]) -> Option<Position> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let bytes = bytes.strip_prefix(&[VERSION])?.strip_prefix(binding)?;
    let (millis, slug) = bytes.split_first_chunk::<8>()?;
    let slug = str::from_utf8(slug).ok()?;
    let id: shared::model::Slug = slug.parse().ok()?;
    let created_at = Timestamp::try_from(i64::from_be_bytes(*millis)).ok()?;
    (id.as_str() == slug).then_some(Position { created_at, id })
}

/// Hashes the list's organization and filter. None of the parts contains a NUL, so the hash input is unambiguous.
fn binding(org: &OrgId, filter: &Filter) -> [u8; BINDING] {
    let parts = [
        filter.creator.as_ref().map(UserId::as_str),
        filter.tag.as_ref().map(Tag::as_str),
        filter.prefix.as_ref().map(SlugPrefix::as_str),
    ];
    let [creator, tag, prefix] = parts.map(Option::unwrap_or_default);
    let mut list = format!("{org}\0{creator}\0{tag}\0{prefix}");
    // These parts are added only if at least one of them is set. Earlier versions hashed only the parts above, so
    // cursors from those versions stay valid.
    let parts = [
        filter.url.as_ref().map(TargetUrl::as_str),
        filter.state.map(State::as_str),
        filter.search.as_ref().map(Search::as_str),
    ];
    if parts.iter().any(Option::is_some) {
        let [url, state, search] = parts.map(Option::unwrap_or_default);
        list.push_str(&format!("\0{url}\0{state}\0{search}"));
    }
    let hash = Sha256::digest(list);
    std::array::from_fn(|index| hash.get(index).copied().unwrap_or_default())
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.binding);
        bytes.extend_from_slice(&self.position.created_at.millis().to_be_bytes());
        bytes.extend_from_slice(self.position.id.as_str().as_bytes());
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_leads_back_to_its_position_in_its_own_list_only(
            millis in 0i64..253_402_300_799_999, slug in "[a-z0-9][a-z0-9_-]{0,63}", org in "[A-Za-z0-9]{1,9}", other in "[A-Za-z0-9]{1,9}"
        ) {
            prop_assume!(slug != "link" && org != other);
            let (org, other): (OrgId, OrgId) = (org.parse().unwrap(), other.parse().unwrap());
            let position = Position { created_at: Timestamp::try_from(millis).unwrap(), id: slug.parse().unwrap() };
            let all = Filter::default();
            let text = Cursor::new(&org, &all, position.clone()).to_string();
            prop_assert_eq!(Cursor::position_in(&text, &org, &all).unwrap(), position);
            prop_assert!(Cursor::position_in(&text, &other, &all).is_err());
        }

        #[test]
        fn any_text_is_refused_or_a_cursor(text in any::<String>()) {
            let _ = Cursor::position_in(&text, &"acme".parse().unwrap(), &Filter::default());
        }
    }

    #[test]
    fn a_cursor_fits_no_list_by_other_filters() {
        let org = "acme".parse().unwrap();
        let one = Some("a".parse().unwrap());
        let filters = [
            Filter::default(),
            Filter { creator: Some("a".parse().unwrap()), ..Filter::default() },
            Filter { tag: one, ..Filter::default() },
            Filter { prefix: Some("a".parse().unwrap()), ..Filter::default() },
            Filter { tag: Some("ab".parse().unwrap()), ..Filter::default() },
            Filter { search: Some(Search::try_from("a".to_owned()).unwrap()), ..Filter::default() },
            Filter { search: Some(Search::try_from("on".to_owned()).unwrap()), ..Filter::default() },
            Filter { state: Some(State::On), ..Filter::default() },
            Filter { state: Some(State::Off), ..Filter::default() },
            Filter { url: Some(TargetUrl::parse("https://example.com/").unwrap()), ..Filter::default() },
        ];
        let position =
            Position { created_at: Timestamp::try_from(7).unwrap(), id: "launch".parse().unwrap() };
        for given in &filters {
            let text = Cursor::new(&org, given, position.clone()).to_string();
            for asked in &filters {
                assert_eq!(
                    Cursor::position_in(&text, &org, asked).is_ok(),
                    given == asked,
                    "{given:?} {asked:?}"
                );
            }
        }
    }

    #[test]
    fn a_cursor_with_any_one_bit_flipped_is_refused_or_moves_within_the_same_list() {
        let org = "acme".parse().unwrap();
        let position =
            Position { created_at: Timestamp::try_from(7).unwrap(), id: "launch".parse().unwrap() };
        let all = Filter::default();
        let text = Cursor::new(&org, &all, position).to_string();
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
        for bit in 0..(1 + BINDING) * 8 {
            let mut doctored = bytes.clone();
            doctored[bit / 8] ^= 1 << (bit % 8);
            assert!(
                Cursor::position_in(&BASE64_URL_SAFE_NO_PAD.encode(doctored), &org, &all).is_err(),
                "bit {bit}"
            );
        }
    }
}

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use shared::error::ApiError;
use shared::model::{Birth, Change, OrgId, RecordFilter, RecordId, UserId};
use std::fmt;

/// The version of the format. Cursors with a different version are rejected.
const VERSION: u8 = 1;
/// The number of hash bytes in a cursor: enough that no cursor matches another list by chance.
const BINDING: usize = 16;

/// The record after which the next page of a list begins. A cursor is valid only for that list.
///
/// A cursor is the base64url encoding (RFC 4648) of the version, a hash of the organization and filter, and the
/// record's id. Like the cursor of a list of links, it is neither secret nor signed: a forged cursor only moves the
/// caller within their own organization's history.
pub struct Cursor {
    binding: [u8; BINDING],
    after: RecordId,
}

impl Cursor {
    /// Creates a cursor for the history of `org` with this filter. The next page begins after the record `after`.
    pub fn new(org: &OrgId, filter: &RecordFilter, after: RecordId) -> Self {
        Self { binding: binding(org, filter), after }
    }

    /// Parses a cursor for the history of `org` with this filter.
    ///
    /// # Errors
    /// The cursor is malformed, or belongs to another list.
    pub fn position_in(text: &str, org: &OrgId, filter: &RecordFilter) -> Result<RecordId, ApiError> {
        read(text, &binding(org, filter)).ok_or(ApiError::InvalidCursor)
    }
}

fn read(text: &str, binding: &[u8; BINDING]) -> Option<RecordId> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let id = bytes.strip_prefix(&[VERSION])?.strip_prefix(binding)?;
    str::from_utf8(id).ok()?.parse().ok()
}

/// Hashes the history's organization and filter. None of the parts contains a NUL, so the hash input is unambiguous.
fn binding(org: &OrgId, filter: &RecordFilter) -> [u8; BINDING] {
    let birth = filter.birth.as_ref().map(Birth::as_str).unwrap_or_default();
    let user = filter.user_id.as_ref().map(UserId::as_str).unwrap_or_default();
    let change = filter.change.map(Change::as_str).unwrap_or_default();
    let hash = Sha256::digest(format!("history\0{org}\0{birth}\0{user}\0{change}"));
    std::array::from_fn(|index| hash.get(index).copied().unwrap_or_default())
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.binding);
        bytes.extend_from_slice(self.after.as_str().as_bytes());
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_belongs_to_its_own_list_alone() {
        let org: OrgId = "acme".parse().unwrap();
        let id: RecordId = "001795383720000-V1StGXR8_Z5jdHi6B-myT".parse().unwrap();
        let all = RecordFilter::default();
        let text = Cursor::new(&org, &all, id.clone()).to_string();
        assert_eq!(Cursor::position_in(&text, &org, &all).unwrap(), id);
        let deleted = RecordFilter { change: Some(Change::Delete), ..RecordFilter::default() };
        let globex = "globex".parse().unwrap();
        for (org, filter) in [(&org, &deleted), (&globex, &all)] {
            assert!(Cursor::position_in(&text, org, filter).is_err());
        }
        for text in ["", "AA", &text[1..], &format!("{text}A")] {
            assert!(Cursor::position_in(text, &org, &all).is_err(), "{text}");
        }
    }
}

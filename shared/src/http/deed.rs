use crate::model::{OrgId, Slug, UserId};
use std::sync::OnceLock;

/// What a handler learns of a request that changes something, for the log: it is written when the answer is known, also
/// where the handler was given up.
#[derive(Debug, Default)]
pub struct Deed {
    /// Who did it.
    pub actor: OnceLock<Actor>,
    /// The link.
    pub link: OnceLock<Slug>,
}

/// Somebody who is known.
#[derive(Debug)]
pub struct Actor {
    /// The organization in the path, whether or not they belong to it.
    pub org_id: Option<OrgId>,
    /// The user in whose name it was done.
    pub user_id: UserId,
    /// Who did it in their name, if somebody did.
    pub impersonator: Option<UserId>,
}

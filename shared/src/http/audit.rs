use crate::model::{OrgId, Slug, UserId};
use std::sync::OnceLock;

/// What a handler learns of a change, for the audit log. It is written once the response is known, also if the handler
/// ran into its timeout.
#[derive(Debug, Default)]
pub struct AuditRecord {
    /// Who asked for the change.
    pub caller: OnceLock<AuditedCaller>,
    /// The link.
    pub link: OnceLock<Slug>,
}

/// A caller whose token is valid.
#[derive(Debug)]
pub struct AuditedCaller {
    /// The organization in the path, whether or not the caller is a member of it.
    pub org_id: Option<OrgId>,
    /// The user.
    pub user_id: UserId,
    /// The user who acts as `user_id`, if another does.
    pub impersonator: Option<UserId>,
}

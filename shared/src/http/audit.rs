use crate::model::{OrgId, Slug, Tag, UserId};
use std::sync::OnceLock;

/// A handler's record of a change, for the audit log. The record is logged together with the outcome, even if the
/// handler times out.
#[derive(Debug, Default)]
pub struct AuditRecord {
    /// The caller who requested the change.
    pub caller: OnceLock<AuditedCaller>,
    /// The changed link.
    pub link: OnceLock<Slug>,
    /// The tag of an import. The lock contains `None` if the request was a dry run.
    pub import: OnceLock<Option<Tag>>,
}

/// An authenticated caller.
#[derive(Debug)]
pub struct AuditedCaller {
    /// The organization in the path, whether or not the caller is a member of it.
    pub org_id: Option<OrgId>,
    /// The user.
    pub user_id: UserId,
    /// The user who impersonates `user_id`, if any.
    pub impersonator: Option<UserId>,
}

//! The attributes' names.

pub const ACCESS: &str = "access";
/// The link's current slug, in the item of an alias.
pub const ALIAS_OF: &str = "alias_of";
pub const ALIASES: &str = "aliases";
pub const BIRTH: &str = "birth";
pub const CREATED_AT: &str = "created_at";
pub const CREATOR_NAME: &str = "creator_name";
pub const CREATOR_USER_ID: &str = "creator_user_id";
pub const ENABLED: &str = "enabled";
pub const EXPIRES_AT: &str = "expires_at";
pub const FORWARD: &str = "forward";
/// True if the link was handed over to its creator, whose name is not known yet. The creator's first edit stores
/// the name. Without this mark, an edit could restore a name that an operator has removed.
pub const HANDED_OVER: &str = "handed_over";
pub const HANDLES: &str = "handles";
pub const ID: &str = "id";
pub const NEWEST: &str = "newest";
pub const ORGANIZATION: &str = "organization";
pub const ORG_ID: &str = "org_id";
/// The hash of the body of a create request. The hash is in the item of the request's idempotency key, or in the
/// link itself if the link was made before idempotency keys had their own items.
pub const REQUEST_HASH: &str = "request_hash";
/// The hash of an idempotency key. A link has this attribute only if it was made before idempotency keys had their own
/// items.
pub const REQUEST_KEY: &str = "request_key";
pub const SLUG: &str = "slug";
pub const TAGS: &str = "tags";
pub const TARGET: &str = "target";
pub const TITLE: &str = "title";
pub const TTL: &str = "ttl";
pub const UPDATED_AT: &str = "updated_at";
pub const URL: &str = "url";
pub const VERSION: &str = "version";
pub const WRITE_ID: &str = "write_id";

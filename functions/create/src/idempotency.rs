use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use shared::auth::Member;
use shared::error::ApiError;
use shared::http::Request;
use shared::model::{IdempotencyKey, Slug};
use shared::store::RequestMark;

/// A request that has an idempotency key, and therefore creates at most one link.
pub struct Idempotency {
    /// The organization, the user and the key. The same text from another user or organization is a different key.
    scope: String,
    mark: RequestMark,
}

impl Idempotency {
    /// Reads the `Idempotency-Key` header of the member's request, or returns `None` if the header is missing.
    ///
    /// # Errors
    /// The key is invalid, or the body is too large.
    pub fn from_request(request: &Request, member: &Member) -> Result<Option<Self>, ApiError> {
        let Some(key) = request.idempotency_key()? else { return Ok(None) };
        Ok(Some(Self::new(member, &key, request.body()?)))
    }

    fn new(member: &Member, key: &IdempotencyKey, body: &[u8]) -> Self {
        // None of the three parts contains a NUL, so the scope is unambiguous.
        let scope = format!("{}\0{}\0{key}", member.org_id, member.user_id);
        let mark =
            RequestMark { key: text(Sha256::digest(&scope).into()), hash: text(Sha256::digest(body).into()) };
        Self { scope, mark }
    }

    /// Returns the mark. The store uses it to recognize a retry of the request.
    pub fn mark(&self) -> &RequestMark {
        &self.mark
    }

    /// Returns the slugs to try, which are always the same for a key. A link that was created
    /// before idempotency keys were stored has one of these slugs.
    pub fn slugs(&self) -> impl Iterator<Item = Slug> {
        (0_u32..).map(|n| Slug::derived(Sha256::digest(format!("{}\0{n}", self.scope)).into()))
    }
}

fn text(hash: [u8; 32]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(hash)
}

use shared::auth::{Member, Verifier};
use shared::error::ApiError;
use shared::http::Request;
use shared::model::{Birth, Change, Invalid, Slug, UserId};

/// The query parameters of the history.
pub struct Parameters {
    pub link: Option<LinkName>,
    pub user_id: Option<UserId>,
    pub change: Option<Change>,
    pub limit: usize,
    pub cursor: Option<String>,
}

/// A link, identified by `birth` or slug. A text of 16 characters can be both a valid `birth` and a valid slug.
pub struct LinkName {
    pub birth: Option<Birth>,
    pub slug: Option<Slug>,
}

impl Parameters {
    /// # Errors
    /// A parameter is unknown or breaks a rule. The error contains a fault for each such parameter.
    pub fn parse(request: &Request, verifier: &Verifier, member: &Member) -> Result<Self, ApiError> {
        let mut query = request.query();
        let link = query.take("link", link);
        let user_id = query.take("creator", |id| match id.as_str() {
            "me" => Ok(member.user_id.clone()),
            own if own == member.user_id.as_str() => Ok(member.user_id.clone()),
            _ => verifier.user_id(id),
        });
        let change = query.take("change", change);
        let limit = query.take_or_default("limit", limit).unwrap_or(50);
        let cursor = query.take_or_default("cursor", Ok);
        query.finish()?;
        Ok(Self { link, user_id, change, limit, cursor })
    }
}

fn link(text: String) -> Result<LinkName, Invalid> {
    let birth: Option<Birth> = text.parse().ok();
    // A slug has no upper-case letters, so a text with such letters can only be a birth.
    let is_birth = birth.is_some() && text.bytes().any(|byte| byte.is_ascii_uppercase());
    let slug: Option<Slug> = text.parse().ok().filter(|_| !is_birth);
    if birth.is_none() && slug.is_none() {
        return Err(Invalid::new("invalid_link", "link must be a slug or the birth of a link"));
    }
    Ok(LinkName { birth, slug })
}

fn change(text: String) -> Result<Change, Invalid> {
    let rule = "change must be 'create', 'update', 'delete', 'undo', 'rename', 'hand_over' or 'import'";
    Change::from_word(&text).ok_or_else(|| Invalid::new("unknown_word", rule))
}

fn limit(text: String) -> Result<usize, Invalid> {
    let rule = || Invalid::new("out_of_range", "limit must be a number from 1 to 100");
    // No sign and no leading zeros: `+5` and `007` are more likely mistakes than numbers.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|limit| digits && (1..=100).contains(limit)).ok_or_else(rule)
}

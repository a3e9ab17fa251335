use crate::cursor::Cursor;
use crate::export::Export;
use shared::auth::{Member, Verifier};
use shared::error::ApiError;
use shared::http::Request;
use shared::model::{Filter, Invalid, Position, Search, SlugPrefix, State, Tag, TargetUrl};

/// The query parameters.
pub struct Parameters {
    pub filter: Filter,
    pub limit: usize,
    pub after: Option<Position>,
    pub with_clicks: bool,
}

impl Parameters {
    /// Parses the query parameters of a list or an export. An export has larger pages than a list.
    ///
    /// # Errors
    /// A parameter is unknown or breaks a rule, or the cursor does not belong to this list.
    pub fn parse(
        request: &Request,
        export: Option<Export>,
        verifier: &Verifier,
        member: &Member,
    ) -> Result<Self, ApiError> {
        let (default, max) = if export.is_some() { (1000, 1000) } else { (50, 100) };
        let mut query = request.query();
        let filter = Filter {
            creator: query.take("creator", |id| match id.as_str() {
                "me" => Ok(member.user_id.clone()),
                own if own == member.user_id.as_str() => Ok(member.user_id.clone()),
                _ => verifier.user_id(id),
            }),
            tag: query.take("tag", Tag::try_from),
            prefix: query.take("prefix", SlugPrefix::try_from),
            url: query.take("url", |text| TargetUrl::parse(&text)),
            state: query.take("state", state),
            search: query.take("q", Search::try_from),
        };
        let limit = query.take_or_default("limit", |text| limit(&text, max)).unwrap_or(default);
        let with_clicks = query.take_or_default("include", include).is_some();
        let cursor = query.take_or_default("cursor", Ok);
        query.finish()?;
        let after = cursor.map(|text| Cursor::position_in(&text, &member.org_id, &filter)).transpose()?;
        Ok(Self { filter, limit, after, with_clicks })
    }
}

fn state(text: String) -> Result<State, Invalid> {
    let rule = "state must be 'on', 'off', 'expiring', 'expired' or 'members'";
    State::from_word(&text).ok_or_else(|| Invalid::new("unknown_word", rule))
}

fn include(text: String) -> Result<(), Invalid> {
    let rule = || Invalid::new("unknown_word", "include must be 'clicks'");
    (text == "clicks").then_some(()).ok_or_else(rule)
}

fn limit(text: &str, max: usize) -> Result<usize, Invalid> {
    let rule = || Invalid::new("out_of_range", format!("limit must be a number from 1 to {max}"));
    // Signs and leading zeros are rejected: `+5` and `007` are more likely to be mistakes than numbers.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|limit| digits && (1..=max).contains(limit)).ok_or_else(rule)
}

//! `GET /{org_id}/link`: returns the organization's links, newest first, one page at a time, optionally filtered.

mod cursor;

use cursor::Cursor;
use lambda_http::{Body, Response};
use shared::auth::{Member, Verifier};
use shared::error::ApiError;
use shared::http::{Authenticator, LinkBody, PageBody, Request, ShortUrls, json};
use shared::lambda::{HttpLambda, Lambda, Services};
use shared::model::{
    Filter, Invalid, Link, LinkKey, Position, Search, SlugPrefix, State, Tag, TargetUrl, Timestamp,
};
use shared::settings::{Error, Settings};
use shared::store::{ClickStore, LinkStore};
use std::sync::Arc;

/// The function and everything that it uses.
#[derive(Debug)]
pub struct List {
    callers: Authenticator,
    links: Arc<LinkStore>,
    clicks: Arc<ClickStore>,
    short_urls: ShortUrls,
}

impl Lambda for List {
    type Services = Services;

    fn from_settings(settings: &Settings, services: &Services) -> Result<Self, Error> {
        Ok(Self {
            callers: services.authenticator(settings)?,
            links: services.links(settings)?,
            clicks: services.clicks(settings)?,
            short_urls: ShortUrls::from_settings(settings)?,
        })
    }

    async fn prime(&self) {
        self.links.prime_list().await;
    }
}

impl HttpLambda for List {
    /// Returns a page of the organization's links, optionally with each link's number of clicks, and the cursor of the
    /// next page.
    ///
    /// # Errors
    /// In this order: the caller is not authenticated, or not a member of the organization; a query parameter is unknown or
    /// breaks a rule; the cursor does not belong to this list; the store fails.
    async fn handle(&self, request: Request, now: Timestamp) -> Result<Response<Body>, ApiError> {
        let member = self.callers.member(&request, now).await?;

        let Parameters { filter, limit, after, with_clicks } =
            Parameters::parse(&request, self.callers.verifier(), &member)?;

        let org = &member.org_id;
        let page = self.links.list(org, &filter, limit, after, now).await?;
        let keys: Vec<LinkKey> = page.links.iter().map(Link::key).collect();
        let totals = if with_clicks { self.clicks.totals(&keys).await? } else { Vec::new() };

        let short_base = self.short_urls.base(org, &request, &self.links, now).await;
        let mut totals = totals.into_iter();
        let bodies = page.links.iter().map(|link| LinkBody::new(link, &short_base));
        let data = bodies.map(|body| match totals.next() {
            Some(total) => body.with_clicks(total),
            None => body,
        });
        let data = data.collect();
        let next_cursor = page.next.map(|position| Cursor::new(org, &filter, position).to_string());
        json(Response::builder(), &PageBody { data, next_cursor, short_base: short_base.as_str() })
    }
}

/// The query parameters.
struct Parameters {
    filter: Filter,
    limit: usize,
    after: Option<Position>,
    with_clicks: bool,
}

impl Parameters {
    fn parse(request: &Request, verifier: &Verifier, member: &Member) -> Result<Self, ApiError> {
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
        let limit = query.take_or_default("limit", limit).unwrap_or(50);
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

fn limit(text: String) -> Result<usize, Invalid> {
    let rule = || Invalid::new("out_of_range", "limit must be a number from 1 to 100");
    // Signs and leading zeros are rejected: `+5` and `007` are more likely to be mistakes than numbers.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|limit| digits && (1..=100).contains(limit)).ok_or_else(rule)
}

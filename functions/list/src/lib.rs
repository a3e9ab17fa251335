//! `GET /{org_id}/link`: returns the organization's links, newest first, one page at a time, optionally filtered. A client
//! that prefers CSV or NDJSON gets an export, in larger pages.

mod cursor;
mod export;
mod parameters;
mod row;

use cursor::Cursor;
use export::Export;
use lambda_http::http::header::VARY;
use lambda_http::{Body, Response};
use parameters::Parameters;
use row::Row;
use shared::error::ApiError;
use shared::http::{Authenticator, PageBody, Request, ShortUrls, json};
use shared::lambda::{HttpLambda, Lambda, Services};
use shared::model::{Link, LinkKey, Timestamp};
use shared::settings::{Error, Settings};
use shared::store::{ClickStore, LinkStore};
use std::sync::Arc;
use std::time::Duration;

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
    /// An export of a thousand links with clicks makes about a hundred calls, four at a time.
    const TIMEOUT: Duration = Duration::from_secs(20);

    /// Returns a page of the organization's links, optionally with each link's number of clicks. In JSON, the body
    /// contains the cursor of the next page; in an export, the header `Link` contains the next page's address.
    ///
    /// # Errors
    /// In this order: the caller is not authenticated, or not a member of the organization; a query parameter is unknown or
    /// breaks a rule; the cursor does not belong to this list; the store fails.
    async fn handle(&self, request: Request, now: Timestamp) -> Result<Response<Body>, ApiError> {
        let member = self.callers.member(&request, now).await?;

        let export = Export::requested(&request);
        let Parameters { filter, limit, after, with_clicks } =
            Parameters::parse(&request, export, self.callers.verifier(), &member)?;
        let is_first = after.is_none();

        let org = &member.org_id;
        let page = self.links.list(org, &filter, limit, after, now).await?;
        let keys: Vec<LinkKey> = page.links.iter().map(Link::key).collect();
        let totals = if with_clicks { self.clicks.totals(&keys).await? } else { Vec::new() };

        let short_base = self.short_urls.base(org, &request, &self.links, now).await;
        let mut totals = totals.into_iter();
        let row = |link| Row { link, short_base: &short_base, total: totals.next() };
        let rows: Vec<Row<'_>> = page.links.iter().map(row).collect();
        let cursor = |position| Cursor::new(org, &filter, position).to_string();
        if let Some(export) = export {
            let mut part = export.page(&rows, page.next, is_first, with_clicks)?;
            let next = part.next.take().map(cursor);
            let next = next.map(|cursor| format!("/{org}/link?{}", request.query_of_next_page(&cursor)));
            return part.answer(next.as_deref());
        }
        let data = rows.iter().map(Row::body).collect();
        let page = PageBody { data, next_cursor: page.next.map(cursor), short_base: short_base.as_str() };
        json(Response::builder().header(VARY, "Accept"), &page)
    }
}

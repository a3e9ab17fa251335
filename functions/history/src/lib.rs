//! `GET /{org_id}/-/history`: returns who changed which link, newest first. `POST /{org_id}/-/history/{record}/undo`: undoes
//! one change. Members can undo changes of their own links except hand-overs, and admins can undo any
//! change.

mod cursor;
mod parameters;

use cursor::Cursor;
use lambda_http::http::Method;
use lambda_http::http::header::ETAG;
use lambda_http::{Body, Response};
use parameters::Parameters;
use shared::error::ApiError;
use shared::http::{
    Authenticator, HistoryBody, LinkBody, RecordBody, Request, ShortUrls, etag, json, slug_taken, with_change,
};
use shared::lambda::{HttpLambda, Lambda, Services};
use shared::model::{OrgId, RecordFilter, Timestamp};
use shared::settings::{Error, Settings};
use shared::store::{ChangeStore, LinkStore, UndoError};
use std::sync::Arc;

/// The function and everything that it uses.
#[derive(Debug)]
pub struct History {
    callers: Authenticator,
    links: Arc<LinkStore>,
    changes: Arc<ChangeStore>,
    short_urls: ShortUrls,
}

impl Lambda for History {
    type Services = Services;

    fn from_settings(settings: &Settings, services: &Services) -> Result<Self, Error> {
        Ok(Self {
            callers: services.authenticator(settings)?,
            links: services.links(settings)?,
            changes: services.changes(settings)?,
            short_urls: ShortUrls::from_settings(settings)?,
        })
    }

    async fn prime(&self) {
        self.changes.prime_history().await;
    }
}

impl HttpLambda for History {
    /// Returns a page of the history, or undoes a change.
    ///
    /// # Errors
    /// The same errors as in `History::list` and `History::undo`.
    async fn handle(&self, request: Request, now: Timestamp) -> Result<Response<Body>, ApiError> {
        match *request.method() {
            Method::POST => self.undo(&request, now).await,
            _ => self.list(&request, now).await,
        }
    }
}

impl History {
    /// Returns a page of the organization's history and the cursor of the next page.
    ///
    /// # Errors
    /// In this order: the caller is not authenticated, or not a member of the organization; a query parameter is unknown or
    /// breaks a rule; the cursor does not belong to this list; the store fails.
    async fn list(&self, request: &Request, now: Timestamp) -> Result<Response<Body>, ApiError> {
        let member = self.callers.member(request, now).await?;
        let org = &member.org_id;

        let Parameters { link, user_id, change, limit, cursor } =
            Parameters::parse(request, self.callers.verifier(), &member)?;
        let birth = match link {
            Some(link) => match self.birth_of(org, &link).await? {
                Some(birth) => Some(birth),
                // No link has or had this slug.
                None => return json(Response::builder(), &HistoryBody { data: vec![], next_cursor: None }),
            },
            None => None,
        };
        let filter = RecordFilter { birth, user_id, change };
        let after = cursor.map(|text| Cursor::position_in(&text, org, &filter)).transpose()?;

        let page = self.changes.history(org, &filter, limit, after).await?;

        let reader = member.editor();
        let data = page.records.iter().map(|record| RecordBody::new(record, org, &reader, now)).collect();
        let next_cursor = page.next.map(|id| Cursor::new(org, &filter, id).to_string());
        json(Response::builder(), &HistoryBody { data, next_cursor })
    }

    /// Undoes a change and returns the link.
    ///
    /// # Errors
    /// In this order: the caller is not authenticated, or not a member of the organization; a query parameter or a
    /// field of the body was sent; there is no such record; the change was undone before; the link is another member's
    /// and the caller is not an admin; a link was deleted too long ago, or its slug is taken; an edited link was
    /// deleted, or its values were changed again; the store fails.
    async fn undo(&self, request: &Request, now: Timestamp) -> Result<Response<Body>, ApiError> {
        let member = self.callers.member(request, now).await?;
        let org = &member.org_id;

        request.query().finish()?;
        if !request.body()?.trim_ascii().is_empty() {
            request.fields()?.finish(Some(()))?;
        }
        let record = request.record().ok_or(ApiError::NoSuchRecord)?;

        let undone = match self.changes.undo(org, &record, &member.editor(), now).await {
            Err(UndoError::SlugTaken(slug)) => {
                return Err(slug_taken(request, &self.links, org, &slug, now).await);
            }
            undone => undone?,
        };

        request.record_link(&undone.link.id);
        let short_base = self.short_urls.base(org, request, &self.links, now).await;
        let response = Response::builder().header(ETAG, etag(&undone.link));
        let response = with_change(response, undone.record.as_ref());
        json(response, &LinkBody::new(&undone.link, &short_base))
    }

    /// Returns the birth of the link that has or had the slug `link`. If there is no such link and `link` can be a
    /// birth, returns `link` itself as the birth.
    async fn birth_of(
        &self,
        org: &OrgId,
        link: &parameters::LinkName,
    ) -> Result<Option<shared::model::Birth>, ApiError> {
        let found = match &link.slug {
            Some(slug) => self.changes.birth_of(org, slug).await?,
            None => None,
        };
        Ok(found.or_else(|| link.birth.clone()))
    }
}

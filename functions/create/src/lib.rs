//! `POST /{org_id}/link`: creates a link.

mod idempotency;

use idempotency::Idempotency;
use lambda_http::http::StatusCode;
use lambda_http::http::header::{ETAG, LOCATION};
use lambda_http::{Body, Response};
use shared::auth::Member;
use shared::error::ApiError;
use shared::http::{
    Authenticator, Fields, LinkBody, NewLinkBody, Request, ShortUrls, etag, json, slug_taken, with_change,
};
use shared::lambda::{HttpLambda, Lambda, Services};
use shared::model::{NewLink, Slug, SlugGenerator, TargetRules, Timestamp};
use shared::settings::{Error, Settings};
use shared::store::{ChangeStore, CreateError, Created, LinkStore};
use std::iter::{once, repeat_with};
use std::sync::Arc;

/// The function and everything that it uses.
#[derive(Debug)]
pub struct Create {
    callers: Authenticator,
    links: Arc<LinkStore>,
    changes: Arc<ChangeStore>,
    slugs: SlugGenerator,
    targets: TargetRules,
    short_urls: ShortUrls,
}

impl Lambda for Create {
    type Services = Services;

    fn from_settings(settings: &Settings, services: &Services) -> Result<Self, Error> {
        Ok(Self {
            callers: services.authenticator(settings)?,
            links: services.links(settings)?,
            changes: services.changes(settings)?,
            slugs: settings.slugs()?,
            targets: settings.targets()?,
            short_urls: ShortUrls::from_settings(settings)?,
        })
    }

    async fn prime(&self) {
        self.changes.prime_change().await;
    }
}

impl HttpLambda for Create {
    /// Creates the link that the body describes, and returns it with 201. If an earlier request with the same
    /// idempotency key created the link, returns it with 200.
    ///
    /// # Errors
    /// In this order: the caller is not authenticated, or not a member of the organization; the body is not declared as
    /// JSON, is too large, or is not valid JSON; the idempotency key is invalid; a field is missing, is unknown or
    /// breaks a rule; the idempotency key was already used with a different body, or the slug is taken; the store
    /// fails. A retry with the same idempotency key is not rejected for a broken rule, even if the time or the settings
    /// have changed.
    async fn handle(&self, request: Request, now: Timestamp) -> Result<Response<Body>, ApiError> {
        let member = self.callers.member(&request, now).await?;

        request.query().finish()?;
        let fields = request.fields()?;
        let idempotency = Idempotency::from_request(&request, &member)?;
        let (org, links, changes, by) = (&member.org_id, &self.links, &self.changes, member.actor());
        let mark = idempotency.as_ref().map(Idempotency::mark);
        let created = match (self.parse(fields, &request, &member, now), &idempotency) {
            (Ok((Some(slug), new)), _) => {
                match changes.create(org, &new, mark, &by, once(slug.clone())).await {
                    Err(CreateError::SlugTaken) => {
                        return Err(slug_taken(&request, links, org, &slug, now).await);
                    }
                    created => created?,
                }
            }
            (Ok((None, new)), Some(idempotency)) => {
                changes.create(org, &new, mark, &by, idempotency.slugs()).await?
            }
            (Ok((None, new)), None) => {
                changes.create(org, &new, mark, &by, repeat_with(|| self.slugs.draw())).await?
            }
            // A retry of a valid request can break a rule: the expiry may have passed, or the destination's host may
            // have become our own.
            (Err(error), Some(idempotency)) => {
                Created::Before(changes.replay(org, idempotency.mark(), now).await?.ok_or(error)?)
            }
            (Err(error), None) => return Err(error),
        };

        let (Created::New(link, _) | Created::Before(link)) = &created;
        request.record_link(&link.id);
        let short_base = self.short_urls.base(org, &request, links, now).await;
        let response =
            Response::builder().header(ETAG, etag(link)).header(LOCATION, format!("/{org}/link/{}", link.id));
        let response = match &created {
            Created::New(_, record) => with_change(response.status(StatusCode::CREATED), Some(record)),
            Created::Before(_) => response.header("idempotency-replayed", "true"),
        };
        json(response, &LinkBody::new(link, &short_base))
    }
}

impl Create {
    /// Parses the link, and its slug if the body has one.
    fn parse(
        &self,
        fields: Fields,
        request: &Request,
        member: &Member,
        now: Timestamp,
    ) -> Result<(Option<Slug>, NewLink), ApiError> {
        let own_hosts = self.short_urls.own_hosts(request);
        let body = NewLinkBody::read(
            fields,
            |text| self.targets.parse(&text, &own_hosts),
            |text| self.short_urls.chosen_slug(&member.org_id, text),
            now,
        )?;
        let new = NewLink {
            url: body.url,
            creator_user_id: member.user_id.clone(),
            creator_name: member.name.clone(),
            created_at: now,
            title: body.title,
            tags: body.tags,
            access: body.access,
            forward: body.forward,
            enabled: body.enabled,
            expires_at: body.expires_at,
        };
        Ok((body.id, new))
    }
}

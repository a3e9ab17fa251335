//! `PATCH /{org_id}/link/{slug}`: edits a link. Members can edit their own links, and admins any link.

use lambda_http::http::header::ETAG;
use lambda_http::{Body, Response};
use shared::error::ApiError;
use shared::http::{
    Authenticator, Fields, LinkBody, LinkEditBody, Request, ShortUrls, etag, json, slug_taken, with_change,
};
use shared::lambda::{HttpLambda, Lambda, Services};
use shared::model::{Invalid, LinkEdit, OrgId, TargetRules, Timestamp};
use shared::settings::{Error, Settings};
use shared::store::{ChangeError, ChangeStore, LinkStore};
use std::sync::Arc;

/// The function and everything that it uses.
#[derive(Debug)]
pub struct Update {
    callers: Authenticator,
    links: Arc<LinkStore>,
    changes: Arc<ChangeStore>,
    targets: TargetRules,
    short_urls: ShortUrls,
}

impl Lambda for Update {
    type Services = Services;

    fn from_settings(settings: &Settings, services: &Services) -> Result<Self, Error> {
        Ok(Self {
            callers: services.authenticator(settings)?,
            links: services.links(settings)?,
            changes: services.changes(settings)?,
            targets: settings.targets()?,
            short_urls: ShortUrls::from_settings(settings)?,
        })
    }

    async fn prime(&self) {
        self.changes.prime_change().await;
    }
}

impl HttpLambda for Update {
    /// Applies the body to the link as a merge patch (RFC 7396) and returns the updated link.
    ///
    /// # Errors
    /// In this order: the caller is not authenticated, or not a member of the organization; the body is not declared as
    /// JSON, is too large, or is not valid JSON; the precondition is invalid; a field is unknown, is read-only or
    /// breaks a rule; the link does not exist; the link is another member's and the caller cannot edit all links; the
    /// edit hands the link over and the caller is not an admin; the link is not at the required version; the link would
    /// have too many aliases; the slug is taken; the body sets a new expiry that is in the past; the store fails.
    async fn handle(&self, request: Request, now: Timestamp) -> Result<Response<Body>, ApiError> {
        let member = self.callers.member(&request, now).await?;

        request.query().finish()?;
        let fields = request.fields()?;
        let precondition = request.precondition()?;
        let org = &member.org_id;
        let edit = self.parse(fields, &request, org, now).await?;
        let slug = request.slug().ok_or(ApiError::NotFound)?;

        let edited = self.changes.update(org, &slug, &edit, &member.editor(), &precondition, now).await;
        let edited = match edited {
            Err(ChangeError::SlugTaken(taken)) => {
                return Err(slug_taken(&request, &self.links, org, &taken, now).await);
            }
            edited => edited?,
        };

        let short_base = self.short_urls.base(org, &request, &self.links, now).await;
        let response = Response::builder().header(ETAG, etag(&edited.link));
        let response = with_change(response, edited.record.as_ref());
        json(response, &LinkBody::new(&edited.link, &short_base))
    }
}

impl Update {
    /// Parses the edit. An expiry in the past is allowed only if the link already has it, because forms send back what
    /// they read. The store checks this. But if another field is faulty, this function reads the link and checks the
    /// expiry, so that all faults are reported together.
    async fn parse(
        &self,
        mut fields: Fields,
        request: &Request,
        org: &OrgId,
        now: Timestamp,
    ) -> Result<LinkEdit, ApiError> {
        let own_hosts = self.short_urls.own_hosts(request);
        fields.refuse("org_id", "this field cannot be changed; create a new link instead");
        for kept in ["birth", "short_url", "creator_name", "created_at", "updated_at", "version", "aliases"] {
            fields.refuse(kept, "this field is read-only; leave it out");
        }
        let edit = LinkEditBody::read(
            &mut fields,
            |text| self.targets.parse(&text, &own_hosts),
            |text| self.short_urls.chosen_slug(org, text),
            |text| self.callers.verifier().user_id(text),
        );
        if let Some(expires_at) = edit.passed_expiry(now)
            && fields.is_faulty()
            && let Some(slug) = request.slug()
            && let Ok(link) = self.links.read(org, &slug).await
            && link.is_none_or(|link| link.expires_at != Some(expires_at))
        {
            fields.report("expires_at", Invalid::not_in_the_future());
        }
        fields.finish(Some(edit))
    }
}

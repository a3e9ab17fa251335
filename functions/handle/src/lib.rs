//! `PUT` and `GET /{org_id}/-/handle`: sets and returns an organization's handles. Only an admin can set one.

use lambda_http::http::Method;
use lambda_http::{Body, Response};
use shared::error::ApiError;
use shared::http::{Authenticator, HandlesBody, NewHandleBody, Request, json};
use shared::lambda::{HttpLambda, Lambda, Services};
use shared::model::Timestamp;
use shared::settings::{Error, Settings};
use shared::store::LinkStore;
use std::sync::Arc;

/// The function and everything that it uses.
#[derive(Debug)]
pub struct Handles {
    callers: Authenticator,
    links: Arc<LinkStore>,
}

impl Lambda for Handles {
    type Services = Services;

    fn from_settings(settings: &Settings, services: &Services) -> Result<Self, Error> {
        Ok(Self { callers: services.authenticator(settings)?, links: services.links(settings)? })
    }

    async fn prime(&self) {
        self.links.prime_read().await;
    }
}

impl HttpLambda for Handles {
    /// Returns all handles of the organization. For `PUT`, first claims the handle in the body: it becomes the
    /// current handle.
    ///
    /// # Errors
    /// In this order: the caller is not authenticated, or not a member of the organization; for `PUT`, the caller is not an
    /// admin; the body is not declared as JSON, is too large, or is not valid JSON; the handle is missing or breaks a rule, or
    /// a field is unknown; another organization has the handle, or this organization has the maximum number of handles; the
    /// store fails.
    async fn handle(&self, request: Request, now: Timestamp) -> Result<Response<Body>, ApiError> {
        let member = self.callers.member(&request, now).await?;

        request.query().finish()?;
        let handles = if request.method() == Method::PUT {
            if !member.manages_all_links {
                return Err(ApiError::not_a_manager());
            }
            let NewHandleBody { handle } = NewHandleBody::read(request.fields()?)?;
            self.links.claim_handle(&member.org_id, &handle, now).await?
        } else {
            self.links.handles(&member.org_id).await?
        };

        json(Response::builder(), &HandlesBody::new(&handles))
    }
}

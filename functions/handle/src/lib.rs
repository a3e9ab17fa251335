//! `PUT` and `GET /{org_id}/-/handle`: an Admin or Owner gives the organization a handle; a member reads which it has.

use lambda_http::http::Method;
use lambda_http::{Body, Response};
use serde::Serialize;
use shared::auth::Verifier;
use shared::error::ApiError;
use shared::http::{Request, Site, json, string};
use shared::model::{Handle, Timestamp};
use shared::store::LinkStore;

#[derive(Serialize)]
struct HandlesBody<'a> {
    /// The one in short URLs.
    handle: Option<&'a str>,
    /// All that redirect, the newest first.
    handles: Vec<&'a str>,
}

/// Makes the handle in the body the organization's newest, if the method is `PUT`, and answers all it has.
///
/// # Errors
/// In this order: the caller is nobody known, or no member of the organization; to claim one, no Admin or Owner of it;
/// the body is not declared to be JSON, too large, or no JSON; the handle is missing or against a rule, or another field
/// is there; another organization has it, or this one may hold no more; the store fails.
pub async fn handle(
    request: Request,
    verifier: &Verifier,
    site: &Site,
    links: &LinkStore,
    now: Timestamp,
) -> Result<Response<Body>, ApiError> {
    let caller = verifier.verify(request.credential(site)?, now).await?;
    if request.method() == Method::PUT {
        request.record_caller(caller.user_id(), caller.impersonator());
    }
    let member = verifier.member(caller, request.org_id()?)?;

    request.query().finish()?;
    let handles = if request.method() == Method::PUT {
        if !member.manages_all_links {
            return Err(ApiError::not_a_manager());
        }
        let handle = wanted(&request)?;
        links.handle(&member.org_id, &handle, now).await?
    } else {
        links.handles(&member.org_id).await?
    };

    let handles: Vec<&str> = handles.iter().map(Handle::as_str).collect();
    json(Response::builder(), &HandlesBody { handle: handles.first().copied(), handles })
}

fn wanted(request: &Request) -> Result<Handle, ApiError> {
    let mut fields = request.fields()?;
    fields.require("handle");
    let handle = fields.take("handle", string(Handle::from_request));
    fields.finish(handle)
}

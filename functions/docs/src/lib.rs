//! `GET /docs` and `GET /openapi.json`: what the API is, for people and for programs.
//!
//! 1. `operations`: every route, one after the other, in the words of the document.
//! 2. `operation`: what all of them have in common, and how one becomes JSON.
//! 3. `problems`: the errors that they share.
//! 4. `bodies`: what clients send, and the examples.
//! 5. `components`: what the operations refer to.
//! 6. `document`: the whole OpenAPI document.
//! 7. `page`: the document as a page to read and to try.

mod bodies;
mod components;
mod document;
mod operation;
mod operations;
mod page;
mod problems;

pub use document::document;

use lambda_http::http::header::CACHE_CONTROL;
use lambda_http::{Body, Response};
use serde_json::Value;
use shared::error::ApiError;
use shared::http::{Request, json};

/// Answers the [`document`] or, on `/docs`, the page that shows it.
///
/// # Errors
/// The document does not serialise, which is a fault of ours.
pub async fn handle(request: Request, document: &Value) -> Result<Response<Body>, ApiError> {
    // It is large, the same for everybody, and changes with a deployment alone.
    let response = Response::builder().header(CACHE_CONTROL, "public, max-age=300");
    if request.path().ends_with("/openapi.json") {
        json(response, document)
    } else {
        page::response(response, document)
    }
}

/// Every method and path that the document describes, the paths with their variables in braces.
pub fn operations() -> Vec<(&'static str, &'static str)> {
    operations::all().into_iter().map(|operation| (operation.method, operation.path)).collect()
}

#[cfg(test)]
mod tests;

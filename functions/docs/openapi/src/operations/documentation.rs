use super::{answer, bare};
use crate::operation::{Operation, Who};
use crate::problems::internal;
use serde_json::{Value, json};

const ETAG: (&str, &str) = ("ETag", "TextETag");

/// Returns the operations on the documentation itself.
pub fn all() -> Vec<Operation> {
    let page = || answer("The page.", &[ETAG], json!({ "text/html": { "schema": { "type": "string" } } }));
    let document = || {
        answer("The document.", &[ETAG], json!({ "application/json": { "schema": { "type": "object" } } }))
    };
    let page_description = "An interactive page about the API. The page sends requests only to this API.";
    let document_description = "The OpenAPI document of the API.";
    vec![
        operation("GET", "/docs", "docs", "Read about the API", page_description, page()),
        operation("HEAD", "/docs", "docsHead", "Check the page", HEAD, without_content(page())),
        operation(
            "GET",
            "/openapi.json",
            "docsOpenapi",
            "Get the OpenAPI document",
            document_description,
            document(),
        ),
        operation(
            "HEAD",
            "/openapi.json",
            "docsOpenapiHead",
            "Check the OpenAPI document",
            HEAD,
            without_content(document()),
        ),
    ]
}

const HEAD: &str = "Returns the headers of a `GET`, without the body.";

fn operation(
    method: &'static str,
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    description: &str,
    response: Value,
) -> Operation {
    Operation {
        method,
        path,
        id,
        tag: "Documentation",
        summary,
        description: description.to_owned(),
        who: Who::Anyone,
        parameters: &["if_none_match"],
        body: None,
        success: vec![(200, response), (304, bare("Not modified: the client's copy is current.", &[ETAG]))],
        problems: vec![internal()],
    }
}

fn without_content(mut response: Value) -> Value {
    if let Some(response) = response.as_object_mut() {
        response.remove("content");
    }
    response
}

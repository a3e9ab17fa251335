use crate::components::{examples, headers, parameters, responses, schemas};
use crate::operations;
use serde_json::{Map, Value, json};
use shared::model::Invalid;

const DESCRIPTION: &str = include_str!("description.md");

/// Returns the OpenAPI document (version 3.1) of the whole API.
///
/// # Errors
/// An example in the document breaks a rule of the model, which is a bug in this library.
pub fn document() -> Result<Value, Invalid> {
    let operations = operations::all();
    let problems = operations.iter().flat_map(|operation| &operation.problems);
    let codes = problems.map(|problem| problem.code()).collect();
    let mut paths: Map<String, Value> = Map::new();
    for operation in &operations {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(operation.method.to_lowercase(), operation.to_json());
        }
    }
    Ok(json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Signpost",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Short links for organizations and their members.",
            "description": DESCRIPTION,
            "license": { "name": "Apache License 2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": [
            { "name": "Links", "description": "Create, find, change and delete an organization's links." },
            { "name": "History", "description": "List who changed which link, and undo a change." },
            { "name": "Import", "description": "Bring links from other link shorteners." },
            { "name": "Handles", "description": "Readable names for an organization in its short URLs." },
            { "name": "Visits", "description": "Following short URLs." },
            { "name": "Console", "description": "The web page for managing links." },
            { "name": "Sessions", "description": "Signing in and out with a browser." },
            { "name": "Documentation", "description": "This document and the page that shows it." },
        ],
        "paths": paths,
        "components": {
            "schemas": schemas(codes),
            "parameters": parameters(),
            "headers": headers(),
            "responses": responses(),
            "examples": examples()?,
            "securitySchemes": {
                "bearerAuth": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An access token from the sign-in provider. It contains the user's organizations and \
                                    the user's role in each.",
                },
                "providerApiKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "hexadecimal",
                    "description": "An API key of a user or an organization, instead of an access token. It works only if \
                                    the sign-in provider is PropelAuth and this deployment accepts API keys.",
                },
                "sessionCookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "__Host-Http-signpost",
                    "description": "The session of a user who signed in with a browser, if this deployment has browser \
                                    sign-in. The browser sends it automatically. It is accepted only on requests from \
                                    Signpost's own pages and, for `open`, on navigation from any page. It is ignored if \
                                    `Authorization` is sent. Over plain HTTP, the name of the cookie is `signpost`.",
                },
            },
        },
    }))
}

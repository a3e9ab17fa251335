use crate::components::{examples, headers, parameters, responses, schemas};
use crate::operations;
use serde_json::{Map, Value, json};
use shared::model::Invalid;

const DESCRIPTION: &str = include_str!("description.md");

/// Returns the OpenAPI document (version 3.1) of the whole API.
///
/// # Errors
/// An example in it breaks a rule of the model; the document needs a fix.
pub fn document() -> Result<Value, Invalid> {
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations::all() {
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
            { "name": "Links", "description": "What a member does with the links of an organization." },
            { "name": "Handles", "description": "Names for an organization, for short URLs that people remember." },
            { "name": "Visits", "description": "What whoever follows a short URL meets." },
            { "name": "Console", "description": "The page for people." },
            { "name": "Sessions", "description": "Signing in and out with a browser." },
            { "name": "Documentation", "description": "This document, and the page that shows it." },
        ],
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "parameters": parameters(),
            "headers": headers(),
            "responses": responses(),
            "examples": examples()?,
            "securitySchemes": {
                "bearerAuth": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An access token of the sign-in provider. It names the organizations that its user \
                                    is a member of, and the role in each.",
                },
                "providerApiKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "hexadecimal",
                    "description": "An API key of a user or an organization, sent instead of a token. It works if the \
                                    sign-in provider is PropelAuth and this deployment accepts API keys.",
                },
                "sessionCookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "__Host-Http-signpost",
                    "description": "The session of a user who signed in with a browser, if this deployment has that. The \
                                    browser sends it by itself. It counts only for requests of Signpost's own pages, and \
                                    for `open`'s from anywhere if they are the navigation to a document. Beside \
                                    `Authorization` it is ignored. On plain http the name is `signpost`.",
                },
            },
        },
    }))
}

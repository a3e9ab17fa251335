use crate::problems;
use crate::reference::reference;
use serde_json::{Value, json};

/// Returns the responses that every operation can have in addition to its own.
pub fn responses() -> Value {
    let problem = problems::of_other_methods();
    json!({
        "Other": {
            "description": format!(
                "An error response from API Gateway itself, such as 429 for too many requests; or 405 `{}`, with an \
                 `Allow` header, for a method that the path does not support.",
                problem.code(),
            ),
            "content": {
                "application/json": { "schema": reference("schemas", "GatewayMessage") },
                "application/problem+json": {
                    "schema": reference("schemas", "Problem"),
                    "examples": { problem.code(): problems::example(&problem) },
                },
            },
        },
    })
}

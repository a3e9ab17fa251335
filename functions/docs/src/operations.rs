//! Every route, in the order of the design: what members do, what visitors meet, and this document.

mod handles;
mod links;
mod visits;

use crate::components::reference;
use crate::operation::{Operation, Who};
use crate::problems;
use serde_json::{Map, Value, json};

/// All operations.
pub fn all() -> Vec<Operation> {
    [links::all(), handles::all(), visits::all(), documentation()].into_iter().flatten().collect()
}

fn documentation() -> Vec<Operation> {
    let operation = |id, path, summary, description: &str, response| Operation {
        method: "GET",
        path,
        id,
        tag: "Documentation",
        summary,
        description: description.to_owned(),
        who: Who::Anyone,
        parameters: &[],
        body: None,
        success: vec![(200, response)],
        problems: vec![problems::internal()],
    };
    let page = json!({ "text/html": { "schema": { "type": "string" } } });
    let document = json!({ "application/json": { "schema": { "type": "object" } } });
    vec![
        operation(
            "docs",
            "/docs",
            "Read about the API",
            "The API as a page to read and to try. It is one file, and asks for nothing but the API itself.",
            answer("The page.", &[], page),
        ),
        operation(
            "docsOpenapi",
            "/openapi.json",
            "Get the OpenAPI document",
            "The API as an OpenAPI document, for programs.",
            answer("The document.", &[], document),
        ),
    ]
}

/// A response with a body, and with headers from the components.
fn answer(description: &str, headers: &[(&str, &str)], content: Value) -> Value {
    json!({ "description": description, "headers": header_references(headers), "content": content })
}

/// A response without a body.
fn bare(description: &str, headers: &[(&str, &str)]) -> Value {
    json!({ "description": description, "headers": header_references(headers) })
}

fn header_references(headers: &[(&str, &str)]) -> Map<String, Value> {
    headers.iter().map(|(name, component)| ((*name).to_owned(), reference("headers", component))).collect()
}

/// Content of one media type.
fn content(media_type: &str, schema: &str, examples: &[&str]) -> Value {
    let examples = examples.iter().map(|name| ((*name).to_owned(), reference("examples", name)));
    json!({
        media_type: {
            "schema": reference("schemas", schema),
            "examples": examples.collect::<Map<_, _>>(),
        },
    })
}

/// A body that has to be sent, as JSON.
fn body(schema: &str, examples: &[&str]) -> Value {
    json!({ "required": true, "content": content("application/json", schema, examples) })
}

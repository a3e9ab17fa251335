//! All operations: those for members and visitors, the console, sign-in, and the documentation.

mod console;
mod documentation;
mod handles;
mod history;
mod imports;
mod links;
mod sessions;
mod visits;

use crate::operation::Operation;
use crate::reference::reference;
use serde_json::{Map, Value, json};

/// Returns all operations.
pub fn all() -> Vec<Operation> {
    let all = [
        links::all(),
        history::all(),
        imports::all(),
        handles::all(),
        visits::all(),
        console::all(),
        sessions::all(),
        documentation::all(),
    ];
    all.into_iter().flatten().collect()
}

/// Returns a response with a body and headers from the components.
fn answer(description: &str, headers: &[(&str, &str)], content: Value) -> Value {
    json!({ "description": description, "headers": header_references(headers), "content": content })
}

/// Returns a response without a body.
fn bare(description: &str, headers: &[(&str, &str)]) -> Value {
    json!({ "description": description, "headers": header_references(headers) })
}

fn header_references(headers: &[(&str, &str)]) -> Map<String, Value> {
    headers.iter().map(|(name, component)| ((*name).to_owned(), reference("headers", component))).collect()
}

/// Returns content of one media type.
fn content(media_type: &str, schema: &str, examples: &[&str]) -> Value {
    let examples = examples.iter().map(|name| ((*name).to_owned(), reference("examples", name)));
    json!({
        media_type: {
            "schema": reference("schemas", schema),
            "examples": examples.collect::<Map<_, _>>(),
        },
    })
}

/// Returns a required JSON request body.
fn body(schema: &str, examples: &[&str]) -> Value {
    json!({ "required": true, "content": content("application/json", schema, examples) })
}

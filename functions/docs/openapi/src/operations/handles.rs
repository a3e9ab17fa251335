use super::{answer, body, content};
use crate::operation::{Operation, Who};
use crate::problems::{of_bodies, of_members, of_no_queries};
use serde_json::Value;
use shared::error::ApiError;

const PATH: &str = "/{org_id}/-/handle";

/// Returns the operations on handles.
pub fn all() -> Vec<Operation> {
    vec![get(), put()]
}

fn handles(description: &str, examples: &[&str]) -> Value {
    answer(description, &[], content("application/json", "Handles", examples))
}

fn get() -> Operation {
    let mut problems = of_members();
    problems.push(of_no_queries());
    Operation {
        method: "GET",
        path: PATH,
        id: "handleGet",
        tag: "Handles",
        summary: "List handles",
        description: "Returns the organization's handles.".to_owned(),
        who: Who::Members,
        parameters: &[],
        body: None,
        success: vec![(200, handles("The handles.", &["handles", "no_handles"]))],
        problems,
    }
}

fn put() -> Operation {
    let mut problems = of_members();
    problems.extend(of_bodies());
    problems.extend([ApiError::not_a_manager(), ApiError::HandleTaken, ApiError::HandleLimit]);
    Operation {
        method: "PUT",
        path: PATH,
        id: "handlePut",
        tag: "Handles",
        summary: "Set the handle",
        description: "Gives the organization a handle, for short URLs such as `/@acme/launch`. Requires an admin or owner. \
                      A handle belongs to its organization permanently, so short URLs with a handle keep working. An \
                      organization can have up to five handles; the API returns short URLs with the handle that was set \
                      last. \
                      Setting an existing handle again makes it the current one."
            .to_owned(),
        who: Who::Members,
        parameters: &[],
        body: Some(body("NewHandle", &["new_handle"])),
        success: vec![(200, handles("The handles, including the new one.", &["handles"]))],
        problems,
    }
}

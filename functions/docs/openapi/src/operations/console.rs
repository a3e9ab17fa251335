use super::{answer, bare};
use crate::operation::{Operation, Who};
use crate::problems::internal;
use serde_json::{Value, json};

const ETAG: (&str, &str) = ("ETag", "TextETag");

/// Returns the operations on the console, the web page for managing links.
pub fn all() -> Vec<Operation> {
    let content = json!({ "text/html": { "schema": { "type": "string" } } });
    let page = answer("The page.", &[ETAG], content);
    let description = "The console, as one page that calls only this API. A request to a different host name is redirected \
                       to the deployment's own host name, for which the cookies are set.";
    let head = "Returns the headers of a `GET`, without the body.";
    let import = "The console's page for moving links in and out. A request to a different host name is redirected to the \
                  deployment's own host name, for which the cookies are set.";
    let headers = || bare("The page.", &[ETAG]);
    vec![
        operation("GET", "/", "console", "Open the console", description, page.clone()),
        operation("HEAD", "/", "consoleHead", "Check the console", head, headers()),
        operation(
            "GET",
            "/-/import",
            "consoleImport",
            "Open the console's page for importing and exporting",
            import,
            page,
        ),
        operation("HEAD", "/-/import", "consoleImportHead", "Check the page for importing", head, headers()),
    ]
}

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
        tag: "Console",
        summary,
        description: description.to_owned(),
        who: Who::Anyone,
        parameters: &["if_none_match"],
        body: None,
        success: vec![
            (200, response),
            (302, bare("Redirect to the deployment's own host.", &[("Location", "Target")])),
            (304, bare("Not modified: the client's copy is current.", &[ETAG])),
        ],
        problems: vec![internal()],
    }
}

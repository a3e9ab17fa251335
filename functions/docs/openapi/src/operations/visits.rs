use super::{answer, bare};
use crate::operation::{Operation, Who};
use crate::problems::{of_all, of_members, of_visits};
use serde_json::json;

/// Returns the operations for visitors.
pub fn all() -> Vec<Operation> {
    vec![
        redirect("GET", "/{org_id}/{slug}", "redirect", "Follow a short URL"),
        redirect("HEAD", "/{org_id}/{slug}", "redirectHead", "See where a short URL leads"),
        redirect("GET", "/{slug}", "redirectRoot", "Follow a short URL of the root organization"),
        redirect(
            "HEAD",
            "/{slug}",
            "redirectRootHead",
            "See where a short URL of the root organization leads",
        ),
        open("GET", "open", "Follow a link for members"),
        open("HEAD", "openHead", "See where a link for members leads"),
    ]
}

const UNSEEN: &str = "If you try this on the documentation page, you get an error, because browsers do not let a page follow \
                      a redirect to another site; use the address bar or curl.";

fn redirect(method: &'static str, path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    let whose = if path == "/{slug}" {
        "The link belongs to the root organization, which the operator configures. If none is configured, the response is 404."
    } else {
        "Instead of the organization's id, a short URL can contain `@` and one of its handles: `/@acme/launch`. An id that \
         is a UUID can be in upper case."
    };
    let mut problems = of_visits();
    problems.extend(of_all());
    Operation {
        method,
        path,
        id,
        tag: "Visits",
        summary,
        description: format!(
            "Redirects to the link's destination, without authentication. If the link is for members only, redirects to \
             `/{{org_id}}/-/open/{{slug}}` instead, which authenticates the visitor. {whose} Characters that are often pasted \
             along with a URL are ignored: trailing and doubled slashes and, after the slug, punctuation, white space, \
             invisible characters and anything that begins with `&`. With a `+` directly after the slug, as in \
             `/@acme/launch+`, the response is a page that shows the destination, and no click is counted; if the link is \
             for members only, the response is 403. Changes to a link take effect within seconds. {UNSEEN}"
        ),
        who: Who::AnyoneByBrowser,
        parameters: &[],
        body: None,
        success: vec![(200, preview(method)), (302, found())],
        problems,
    }
}

fn open(method: &'static str, id: &'static str, summary: &'static str) -> Operation {
    let mut problems = of_members();
    problems.extend(of_visits());
    Operation {
        method,
        path: "/{org_id}/-/open/{slug}",
        id,
        tag: "Visits",
        summary,
        description: format!(
            "Redirects a member of the organization to the link's destination. If this deployment has browser sign-in, a \
             browser that is not signed in is redirected to sign in first, and then to the destination. {UNSEEN}"
        ),
        who: Who::MembersByBrowser,
        parameters: &[],
        body: None,
        success: vec![(302, found_or_sign_in())],
        problems,
    }
}

fn found_or_sign_in() -> serde_json::Value {
    bare(
        "Redirect to the destination or, for a browser that is not signed in, to `/-/sign-in`.",
        &[("Location", "Target"), ("X-Robots-Tag", "NoIndex")],
    )
}

fn preview(method: &str) -> serde_json::Value {
    let (description, headers) =
        ("With a `+` after the slug, a page that shows the destination.", &[("X-Robots-Tag", "NoIndex")]);
    if method == "HEAD" {
        return bare(description, headers);
    }
    answer(description, headers, json!({ "text/html": { "schema": { "type": "string" } } }))
}

fn found() -> serde_json::Value {
    bare("Redirect to the destination.", &[("Location", "Target"), ("X-Robots-Tag", "NoIndex")])
}

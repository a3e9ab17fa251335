use super::{answer, bare};
use crate::operation::{Operation, Who};
use crate::problems::{of_all, of_members, of_visits};
use serde_json::json;

/// What visitors meet.
pub fn all() -> Vec<Operation> {
    vec![
        redirect("GET", "/{org_id}/{slug}", "redirect", "Follow a short URL"),
        redirect("HEAD", "/{org_id}/{slug}", "redirectHead", "See where a short URL leads"),
        redirect("GET", "/{slug}", "redirectRoot", "Follow a short URL of the deployment's own organization"),
        redirect("HEAD", "/{slug}", "redirectRootHead", "See where a short URL of that organization leads"),
        open("GET", "open", "Follow a link for members"),
        open("HEAD", "openHead", "See where a link for members leads"),
    ]
}

const UNSEEN: &str = "A page of this kind may not look at where a redirect to another site leads, so that trying it \
                      here ends in an error; a browser's address bar, or curl, shows it.";

fn redirect(method: &'static str, path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    let whose = if path == "/{slug}" {
        "The link is one of the organization that the operator has named for this; where there is none, there is no \
         such link."
    } else {
        "In place of the organization's id, a short URL may have `@` and one of its handles: `/@acme/launch`. That is \
         this same route. The id of an organization that is a UUID may be in upper case."
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
            "Sends whoever asks on to where the link leads, without asking who they are. A link for members alone \
             leads to `/{{org_id}}/-/open/{{slug}}`, which does ask. {whose} What sticks to a pasted URL is passed over: \
             slashes at its end or doubled, and after the slug punctuation, white space, invisible characters and what \
             begins with `&`. With a `+` directly after the slug, as in `/@acme/launch+`, a page shows where the link \
             leads instead, and nothing is counted; for a link of members only that is 403. A change of a link shows \
             within seconds. {UNSEEN}"
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
            "Sends a member of the organization on to where the link leads. A person's browser that is not signed in is \
             sent to sign in instead, and from there to the link, if this deployment has sign-in with a browser. {UNSEEN}"
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
        "On to where the link leads; or, for a browser that is not signed in, to `/-/sign-in`.",
        &[("Location", "Target"), ("X-Robots-Tag", "NoIndex")],
    )
}

fn preview(method: &str) -> serde_json::Value {
    let (description, headers) = (
        "With a `+` after the slug: the page that shows where the link leads.",
        &[("X-Robots-Tag", "NoIndex")],
    );
    if method == "HEAD" {
        return bare(description, headers);
    }
    answer(description, headers, json!({ "text/html": { "schema": { "type": "string" } } }))
}

fn found() -> serde_json::Value {
    bare("On to where the link leads.", &[("Location", "Target"), ("X-Robots-Tag", "NoIndex")])
}

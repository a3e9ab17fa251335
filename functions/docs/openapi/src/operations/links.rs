use super::{answer, body, content};
use crate::operation::{Operation, Who};
use crate::problems::{
    of_bodies, of_changes, of_members, of_no_queries, of_pictures, of_queries, of_ranges, slug_taken,
};
use serde_json::{Value, json};
use shared::error::ApiError;

const ETAG: (&str, &str) = ("ETag", "ETag");

/// What members do with links.
pub fn all() -> Vec<Operation> {
    vec![create(), list(), read(), read_qr(), stats(), stats_of_organization(), update(), delete()]
}

fn operation(method: &'static str, path: &'static str, id: &'static str) -> Operation {
    Operation {
        method,
        path,
        id,
        tag: "Links",
        summary: "",
        description: String::new(),
        who: Who::Members,
        parameters: &[],
        body: None,
        success: Vec::new(),
        problems: of_members(),
    }
}

fn link(description: &str, headers: &[(&str, &str)]) -> Value {
    answer(description, headers, content("application/json", "Link", &["link"]))
}

/// What can be done with the link that this response is about.
fn with_links(mut response: Value) -> Value {
    let of_link = json!({ "org_id": "$response.body#/org_id", "slug": "$response.body#/id" });
    let operations =
        ["read", "readQr", "stats", "update", "delete", "redirect", "redirectHead", "open", "openHead"];
    let links = operations.map(|id| (id.to_owned(), json!({ "operationId": id, "parameters": of_link })));
    let root = json!({ "slug": "$response.body#/id" });
    let at_root = ["redirectRoot", "redirectRootHead"];
    let at_root = at_root.map(|id| (id.to_owned(), json!({ "operationId": id, "parameters": root })));
    let links: serde_json::Map<String, Value> = links.into_iter().chain(at_root).collect();
    if let Some(response) = response.as_object_mut() {
        response.insert("links".to_owned(), links.into());
    }
    response
}

fn create() -> Operation {
    let replayed = [("Idempotency-Replayed", "IdempotencyReplayed"), ("Location", "LinkLocation"), ETAG];
    let mut operation = Operation {
        summary: "Make a link",
        description: "Makes a link of the organization, which the caller is then the creator of. Only `url` is needed; \
                      without an `id`, a slug is drawn at random. With an `Idempotency-Key`, a request whose answer \
                      was lost can be sent again within 24 hours and makes no second link."
            .to_owned(),
        parameters: &["idempotency_key"],
        body: Some(body("NewLink", &["new_link", "new_link_with_all"])),
        success: vec![
            (200, link("The link that this key made before, as it is now.", &replayed)),
            (201, with_links(link("The new link.", &[("Location", "LinkLocation"), ETAG]))),
        ],
        ..operation("POST", "/{org_id}/link", "create")
    };
    operation.problems.extend(of_bodies());
    operation.problems.extend([
        ApiError::invalid_idempotency_key(),
        slug_taken(),
        ApiError::IdempotencyKeyReused,
    ]);
    operation
}

fn list() -> Operation {
    let page = content("application/json", "Page", &["page"]);
    let mut operation = Operation {
        summary: "List links",
        description: "The organization's links, newest first, page by page. A link is shown if it \
                      matches all filters that are sent. With a filter, a page may be short or even empty and still have \
                      a `next_cursor`: only null says that nothing is left. \
                      A link just made may take a moment to appear. With `include=clicks`, each link has people's \
                      clicks since it was created."
            .to_owned(),
        parameters: &["limit", "cursor", "q", "url", "link_state", "creator", "tag", "prefix", "include"],
        success: vec![(200, answer("A page of links.", &[], page))],
        ..operation("GET", "/{org_id}/link", "list")
    };
    operation.problems.extend(of_queries());
    operation
}

fn read() -> Operation {
    let mut operation = Operation {
        summary: "Read a link",
        description: "One link of the organization, whoever made it.".to_owned(),
        success: vec![(200, link("The link.", &[ETAG]))],
        ..operation("GET", "/{org_id}/link/{slug}", "read")
    };
    operation.problems.extend([of_no_queries(), ApiError::NotFound]);
    operation
}

fn read_qr() -> Operation {
    // By the specification, binary content needs no schema.
    let image = json!({ "image/svg+xml": { "schema": { "type": "string" } }, "image/png": {} });
    let mut operation = Operation {
        summary: "Get a link's QR code",
        description: "A QR code of the link's `short_url`, black on white. `format` chooses the image format; the header \
                      `Accept` does not. The code scans with at least 15 % of it damaged (error correction level M; \
                      higher if the code does not grow by it). Its modules are whole pixels, and pixels left over widen \
                      the margin evenly, so the picture has exactly the requested size. A size with less than one pixel \
                      per module is refused."
            .to_owned(),
        parameters: &["format", "size", "margin"],
        success: vec![(200, answer("The image.", &[("Content-Disposition", "FileName")], image))],
        ..operation("GET", "/{org_id}/link/{slug}/qr", "readQr")
    };
    operation.problems.extend([ApiError::NotFound, of_pictures()]);
    operation
}

fn stats() -> Operation {
    let clicks = content("application/json", "Clicks", &["clicks"]);
    let mut operation = Operation {
        summary: "Count a link's clicks",
        description: "People's clicks on the link, and apart from them those of bots: `total` and `bots` since the link was \
                      created, everything else within the range. A click counts once, within seconds. `HEAD` requests, \
                      prefetches and visits that were not sent on are not clicks. A link that takes a freed slug starts \
                      from zero. The counts of a day are kept for 400 days, unless the operator chose another time; `total` \
                      and `bots` never expire. Days that are not kept, and days to come, are cut off the range at either \
                      end: `from` and `to` say what is left. Days and hours are in UTC; a series by hour has all that days of \
                      another time zone are made of."
            .to_owned(),
        parameters: &["from", "to", "by"],
        success: vec![(200, answer("The clicks.", &[], clicks))],
        ..operation("GET", "/{org_id}/link/{slug}/clicks", "stats")
    };
    operation.problems.push(ApiError::NotFound);
    operation.problems.push(of_ranges());
    operation
}

fn stats_of_organization() -> Operation {
    let overview = content("application/json", "Overview", &["overview"]);
    let mut operation = Operation {
        summary: "Count the organization's clicks",
        description: "The clicks of all links of the organization, by day, and the hundred links that people followed most. \
                      The sums are exact: they are those of the links, deleted ones included. `top` says where people came \
                      from, with what and from which country, for the links in `links` alone. Links with as many clicks by \
                      people are sorted by the clicks of bots, and then by `birth`. \
                      If there is too much to read, `complete` is false and `from` is a later day; everything in the answer \
                      then is of the days from `from` to `to`. \
                      A range has at most 31 days."
            .to_owned(),
        parameters: &["from", "to", "by_day"],
        success: vec![(200, answer("The clicks.", &[], overview))],
        ..operation("GET", "/{org_id}/-/clicks", "statsOrganization")
    };
    operation.problems.push(of_ranges());
    operation
}

fn update() -> Operation {
    let edit = content("application/json", "LinkEdit", &["edit", "edit_of_all"]);
    let merge_patch = content("application/merge-patch+json", "LinkEdit", &["edit", "edit_of_all"]);
    let both: serde_json::Map<String, Value> = [edit, merge_patch]
        .into_iter()
        .filter_map(|content| content.as_object().cloned())
        .flatten()
        .collect();
    let mut operation = Operation {
        summary: "Change a link",
        description: "Changes what is sent and leaves the rest as it is; null clears `title`, `tags` or `expires_at`. \
                      Members change links of their own; administrators and owners of the organization change any. \
                      What cannot change (`id`, `org_id`, `birth`, `creator_user_id`, `creator_name`, `short_url`, `created_at`, `updated_at` \
                      and `version`) is refused with 422. With `If-Match`, of two edits at a time one is told that it \
                      came too late. An edit that changes nothing keeps `version`, `updated_at` and `ETag`. A changed link redirects anew within seconds."
            .to_owned(),
        parameters: &["if_match"],
        body: Some(json!({ "required": true, "content": both })),
        success: vec![(200, link("The link as it is now.", &[ETAG]))],
        ..operation("PATCH", "/{org_id}/link/{slug}", "update")
    };
    operation.problems.extend(of_changes());
    operation.problems.extend(of_bodies());
    operation
}

fn delete() -> Operation {
    let mut operation = Operation {
        summary: "Delete a link",
        description: "Deletes the link for good; its slug is free again. Members delete links of their own; \
                      administrators and owners of the organization delete any. Sent again because an answer was \
                      lost, it may say 404."
            .to_owned(),
        parameters: &["if_match"],
        success: vec![(200, link("The link as it was.", &[]))],
        ..operation("DELETE", "/{org_id}/link/{slug}", "delete")
    };
    operation.problems.push(of_no_queries());
    operation.problems.extend(of_changes());
    operation
}

use super::{answer, body, content};
use crate::operation::{Operation, Who};
use crate::problems::{
    of_bodies, of_changes, of_members, of_no_queries, of_pictures, of_queries, of_ranges, slug_taken,
};
use serde_json::{Value, json};
use shared::error::ApiError;

const ETAG: (&str, &str) = ("ETag", "ETag");
const CHANGE: (&str, &str) = ("Signpost-Change", "SignpostChange");

/// Returns the operations on links.
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

/// Adds OpenAPI Link Objects, which lead from this response to the operations on the short link in its body.
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
        summary: "Create a link",
        description: "Creates a link in the organization, with the caller as its creator. Only `url` is required; without \
                      an `id`, a random slug is generated. To retry safely, send an `Idempotency-Key`: repeating the \
                      request within 24 hours does not create a second link."
            .to_owned(),
        parameters: &["idempotency_key"],
        body: Some(body("NewLink", &["new_link", "new_link_with_all"])),
        success: vec![
            (200, link("The link that the first request with this key created, in its current state.", &replayed)),
            (201, with_links(link("The new link.", &[("Location", "LinkLocation"), ETAG, CHANGE]))),
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
    let mut page = content("application/json", "Page", &["page"]);
    if let Some(page) = page.as_object_mut() {
        page.insert("text/csv".to_owned(), json!({ "schema": { "type": "string" } }));
        page.insert("application/x-ndjson".to_owned(), json!({ "schema": { "type": "string" } }));
    }
    let headers = [("Link", "NextPage"), ("Content-Disposition", "ExportFileName")];
    let mut operation = Operation {
        summary: "List or export links",
        description: "Returns the organization's links, newest first, one page at a time. A link must match all filters. \
                      With a filter, a page can be short or empty although more pages follow: continue until `next_cursor` \
                      is null. A new link can take a moment to appear. With `include=clicks`, each link contains the \
                      numbers of people's and bots' clicks since the link was created.\n\nTo export links to a file, send \
                      `Accept: text/csv` or `Accept: application/x-ndjson`. A page then has up to 1,000 links, and the \
                      header `Link` leads to the next page, with `rel=\"next\"`; the last page has no such header. All \
                      pages together, in this order, are one file. In CSV, only the first page has a header line, with the \
                      columns `id`, `url`, `title`, `tags`, `access`, `forward`, `enabled`, `expires_at`, `short_url`, \
                      `aliases`, `creator_user_id`, `creator_name`, `created_at`, `updated_at` and, with \
                      `include=clicks`, `clicks` and `bots`. Tags and aliases are separated by `|`. A cell that a \
                      spreadsheet could take for a formula begins with an additional `'`. In NDJSON, each line is a link \
                      as in JSON. A page that would be larger than 5 MB ends early. The response is JSON unless `Accept` \
                      names one of the other two types and prefers it."
            .to_owned(),
        parameters: &["limit", "cursor", "q", "url", "link_state", "creator", "tag", "prefix", "include"],
        success: vec![(200, answer("A page of links.", &headers, page))],
        ..operation("GET", "/{org_id}/link", "list")
    };
    operation.problems.extend(of_queries());
    operation
}

fn read() -> Operation {
    let mut operation = Operation {
        summary: "Read a link",
        description: "Returns a link of the organization.".to_owned(),
        success: vec![(200, link("The link.", &[ETAG]))],
        ..operation("GET", "/{org_id}/link/{slug}", "read")
    };
    operation.problems.extend([of_no_queries(), ApiError::NotFound]);
    operation
}

fn read_qr() -> Operation {
    // According to the OpenAPI specification, binary content needs no schema.
    let image = json!({ "image/svg+xml": { "schema": { "type": "string" } }, "image/png": {} });
    let mut operation = Operation {
        summary: "Get a link's QR code",
        description: "Returns a QR code of the link's `short_url`, black on white. The parameter `format` selects the \
                      image format; the header `Accept` is ignored. The code can be scanned with up to 15 % of it damaged \
                      (error correction level M, or higher if the code stays the same size). Each module is a whole number \
                      of pixels, and the remaining pixels widen the margin, so the image has exactly the requested size. A \
                      size of less than one pixel per module is rejected."
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
        summary: "Get a link's clicks",
        description: "Returns people's clicks on the link and, separately, bots' clicks. `total` and `bots` cover the \
                      time since the link was created; all other counts cover only the range. Each click is counted once, \
                      within seconds. \
                      `HEAD` requests, prefetches and visits without a redirect are not clicks. A link that reuses the slug \
                      of a deleted link starts at zero. Daily counts are kept for 400 days, unless the operator chose another \
                      period; `total` and `bots` never expire. Days that are no longer kept, and days in the future, are \
                      removed from the range: `from` and `to` are the first and last of the remaining days. Days and hours \
                      are in UTC; to get the days of another time zone, add up the hours of a series by hour."
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
        summary: "Get the organization's clicks",
        description: "Returns the clicks of all links of the organization by day, and the 100 links with the most clicks by \
                      people. The sums are exact and include deleted links. `top` counts only the clicks on the links in \
                      `links`. Links with the same number of clicks by people are sorted by bots' clicks, then by `birth`. A \
                      range can have at most 31 days. If there is too much to read, `complete` is false and `from` is a later \
                      day than requested; the whole response then covers only the days from `from` to `to`."
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
        description: "Changes the fields that are sent; null clears `title`, `tags` or `expires_at`. Members can change \
                      their own links; admins and owners can change any link, and so can the roles that the operator lists \
                      in `LINK_EDITORS`. A new `id` renames the link: the old slug becomes an alias, which still leads to \
                      the link. A link can have five aliases. A new `creator_user_id` hands the link over to that user, \
                      which only admins and owners can do. The fields `org_id`, `birth`, `creator_name`, `short_url`, \
                      `created_at`, `updated_at`, `version` and `aliases` cannot be changed and are rejected with 422. \
                      With `If-Match`, the later of two concurrent edits is rejected \
                      with 412. An edit that changes nothing keeps `version`, `updated_at` and `ETag`. Visitors see the \
                      change within seconds."
            .to_owned(),
        parameters: &["if_match"],
        body: Some(json!({ "required": true, "content": both })),
        success: vec![(200, link("The updated link.", &[ETAG, CHANGE]))],
        ..operation("PATCH", "/{org_id}/link/{slug}", "update")
    };
    operation.problems.extend(of_changes());
    operation.problems.extend(of_bodies());
    operation.problems.extend([ApiError::cannot_hand_over(), slug_taken(), ApiError::AliasLimit]);
    operation
}

fn delete() -> Operation {
    let mut operation = Operation {
        summary: "Delete a link",
        description:
            "Deletes the link and frees its slug and its aliases. For 30 days the deletion can be undone, with the record in \
             `Signpost-Change`. If the slug in the path is an alias, only the alias is freed, and the response is the link. \
             Members can delete their own links; admins and owners can delete any link, and so can the roles in \
             `LINK_EDITORS`. A retry after a lost response can return 404, because the link is already deleted."
                .to_owned(),
        parameters: &["if_match"],
        success: vec![(200, link("The deleted link, or the link without the alias.", &[CHANGE]))],
        ..operation("DELETE", "/{org_id}/link/{slug}", "delete")
    };
    operation.problems.push(of_no_queries());
    operation.problems.extend(of_changes());
    operation
}

use crate::bodies::{
    example_clicks, example_history, example_import, example_link, example_overview, example_short_base,
};
use serde_json::{Value, json};
use shared::model::Invalid;

/// Returns the examples, keyed by the names that the operations use.
pub fn examples() -> Result<Value, Invalid> {
    let link = example_link()?;
    Ok(json!({
        "link": { "summary": "A link", "value": link },
        "page": {
            "summary": "The last page",
            "value": { "data": [link], "next_cursor": null, "short_base": example_short_base()? },
        },
        "history": { "summary": "An edit that was undone", "value": example_history()? },
        "import": { "summary": "A new link and a slug that is taken", "value": example_import()? },
        "clicks": { "summary": "Two days", "value": example_clicks()? },
        "overview": { "summary": "Two links on two days", "value": example_overview()? },
        "new_link": { "summary": "Only the required field", "value": { "url": "https://example.com/launch?from=flyer" } },
        "new_link_with_all": {
            "summary": "All fields",
            "value": {
                "url": "https://example.com/launch?from=flyer",
                "id": "launch",
                "title": "The flyer for the launch",
                "tags": ["print", "spring"],
                "access": "public",
                "forward": "query",
                "enabled": true,
                "expires_at": "2099-01-01T01:00:00+01:00",
            },
        },
        "edit": { "summary": "Change the destination", "value": { "url": "https://example.com/launched" } },
        "edit_of_all": {
            "summary": "Several fields",
            "value": {
                "url": "https://example.com/launched",
                "title": null,
                "tags": ["print"],
                "access": "members",
                "forward": "path",
                "enabled": true,
                "expires_at": null,
            },
        },
        "new_handle": { "summary": "A handle", "value": { "handle": "acme" } },
        "handles": {
            "summary": "Two handles",
            "value": { "handle": "acme", "handles": ["acme", "acme-inc"] },
        },
        "session": {
            "summary": "A member of one organization",
            "value": {
                "user_id": "0f3f5a0e-0003-4000-8000-000000000003",
                "name": "Maya Rao",
                "organizations": [{
                    "id": "1189c444-8a2d-4c41-8b4b-ae43ce79a492",
                    "name": "Acme Inc",
                    "role": "Member",
                    "edits_all_links": false,
                    "manages_all_links": false,
                }],
                "expires_at": "2099-01-01T00:00:00Z",
            },
        },
        "no_handles": { "summary": "No handle yet", "value": { "handle": null, "handles": [] } },
    }))
}

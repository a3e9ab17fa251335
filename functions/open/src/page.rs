use lambda_http::{Body, Response};
use shared::auth::Caller;
use shared::error::ApiError;
use shared::http::{escaped, page};

const TITLE: &str = "Members only";

/// The page for a person who is not signed in, on a deployment without browser sign-in.
pub fn signed_out(error: &ApiError) -> Response<Body> {
    page(
        error,
        TITLE,
        "<p>Only members of the organization can open this link. Ask one of them for access.</p>",
    )
}

/// The page for a signed-in user who is not a member of the link's organization. It shows the user's account and, if
/// `another_account` is a URL, a link to that URL.
pub fn of_another_organization(
    error: &ApiError,
    caller: &Caller,
    another_account: Option<&str>,
) -> Response<Body> {
    let name = caller.name().unwrap_or(caller.user_id().as_str());
    let organizations = caller.memberships().iter();
    let organizations = organizations
        .map(|(id, membership)| isolated(membership.organization_name.as_deref().unwrap_or(id.as_str())));
    let organizations = organizations.collect::<Vec<_>>().join(", ");
    let link = another_account
        .map(|url| format!("\n<a href=\"{}\">Use another account</a>", escaped(url)))
        .unwrap_or_default();
    let name = isolated(name);
    let sentence = if organizations.is_empty() {
        format!(
            "You're signed in as {name}, who belongs to no organization. This link is for members of an organization."
        )
    } else {
        format!(
            "You're signed in as {name} ({organizations}). This link is for members of another organization."
        )
    };
    let content = format!("<p>{sentence}</p>{link}");
    page(error, TITLE, &content)
}

/// Escapes text for HTML and isolates its direction from the surrounding text.
fn isolated(text: &str) -> String {
    format!("<bdi>{}</bdi>", escaped(text))
}

use lambda_http::{Body, Response};
use shared::auth::Caller;
use shared::error::ApiError;
use shared::http::{escaped, page};

const TITLE: &str = "Members only";

/// What a person sees who is not signed in, if this deployment has no sign-in.
pub fn signed_out(error: &ApiError) -> Response<Body> {
    page(
        error,
        TITLE,
        "<p>Only members of the organization can open this link. Ask one of them for access.</p>",
    )
}

/// What a person sees who is signed in, but not as a member of the link's organization: with which account, and a link to
/// `another_account`.
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
            "You're signed in as {name}, who belongs to no organization. Only members of one can open this link."
        )
    } else {
        format!(
            "You're signed in as {name} ({organizations}). This link is for members of another organization."
        )
    };
    let content = format!("<p>{sentence}</p>{link}");
    page(error, TITLE, &content)
}

/// The text as HTML that cannot turn around the text beside it.
fn isolated(text: &str) -> String {
    format!("<bdi>{}</bdi>", escaped(text))
}

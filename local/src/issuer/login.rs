//! The login page: a button for each user, and no password.

use super::authorize::{AuthorizationRequest, code};
use super::page::{escape, page as html, refusal};
use super::{Issuer, session};
use crate::users::{Role, User};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use shared::model::Timestamp;
use url::form_urlencoded;

/// The maximum number of a user's organizations that are shown by name.
const MAX_SHOWN: usize = 3;

/// Returns the page for a request. The page's form repeats the request's query string. `signed_in` is the session's
/// user, if any.
pub fn page(
    issuer: &Issuer,
    query: &str,
    request: &AuthorizationRequest,
    signed_in: Option<&User>,
) -> Response {
    let users = issuer.options().users;
    let organization = request.org_id.as_deref();
    let organization = organization.and_then(|id| users.iter().find_map(|user| user.organization(id)));
    let note = organization.map(|organization| {
        let name = escape(organization.name);
        format!("<p class=\"note\">To continue, sign in as a member of <strong>{name}</strong>.</p>\n")
    });
    let people: String = users.iter().map(|user| person(user, signed_in == Some(user))).collect();
    let content = format!(
        "<h1>Sign in to Signpost <span class=\"quiet\">(on this machine)</span></h1>\n\
         <p class=\"quiet\">Pick a person. No password: this page exists only under <code>cargo run</code>.</p>\n\
         {note}<form method=\"post\" action=\"/login?{query}\">\n<ul class=\"people\">\n{people}</ul>\n</form>",
        note = note.unwrap_or_default(),
        query = escape(query),
    );
    html(StatusCode::OK, "Sign in to Signpost", &content)
}

/// Starts a session for the picked user and redirects to the client with a code.
pub async fn login(State(issuer): State<Issuer>, uri: Uri, headers: HeaderMap, body: String) -> Response {
    let query = uri.query().unwrap_or_default();
    let options = issuer.options();
    let request = match AuthorizationRequest::parse(query, &options.redirect_uris) {
        Ok(request) => request,
        Err(refusal) => return refusal.into_response(&issuer),
    };
    let picked = form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "user");
    let user = picked.and_then(|(_, name)| options.users.into_iter().find(|user| user.name == name));
    let Some(user) = user else {
        return refusal("There is no such user.");
    };
    let now = Timestamp::now();
    let cookie = session::start(&issuer, &headers, user, now);
    // The status after a POST is 303, so that the browser continues with GET (RFC 9700, section 4.12).
    (cookie, code(&issuer, user, request, StatusCode::SEE_OTHER, now)).into_response()
}

/// Returns a user's button. Commas separate the button's parts for users of screen readers.
fn person(user: &User, is_signed_in: bool) -> String {
    let comma = "<span class=\"for-screen-readers\">, </span>";
    let badge =
        if is_signed_in { format!("{comma} <span class=\"badge\">Signed in</span>") } else { String::new() };
    let initials: String =
        [user.first_name, user.last_name].iter().filter_map(|name| name.chars().next()).collect();
    let role = |(organization, role): &(crate::users::Organization, Role)| {
        format!("<span><span class=\"badge\">{role:?}</span> {}</span>", escape(organization.name))
    };
    let mut roles: Vec<String> = user.roles.iter().take(MAX_SHOWN).map(role).collect();
    match user.roles.len() {
        0 => roles.push("<span class=\"quiet\">No organization</span>".to_owned()),
        all if all > MAX_SHOWN => {
            roles.push(format!("<span class=\"quiet\">and {} more</span>", all - MAX_SHOWN))
        }
        _ => {}
    }
    format!(
        "<li><button name=\"user\" value=\"{name}\"><span class=\"initials\" aria-hidden=\"true\">{initials}</span>\
         <span class=\"name\">{full_name}{badge}</span>{comma}<span class=\"roles\">{roles}</span>\
         <svg class=\"go\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"M6 3l5 5-5 5\"/></svg></button></li>\n",
        name = escape(user.name),
        full_name = escape(&user.full_name()),
        roles = roles.join(&format!("{comma} ")),
    )
}

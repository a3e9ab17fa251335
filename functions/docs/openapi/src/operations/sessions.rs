use super::{answer, bare, content};
use crate::operation::{Operation, Who};
use crate::problems::{of_callers, of_no_queries};
use serde_json::{Value, json};
use shared::error::ApiError;

/// Returns the operations for signing in and out with a browser.
pub fn all() -> Vec<Operation> {
    vec![sign_in(), callback(), session(), sign_out()]
}

fn page(description: &str) -> Value {
    answer(description, &[], json!({ "text/html": { "schema": { "type": "string" } } }))
}

fn redirect(description: &str) -> Value {
    bare(description, &[("Location", "SignInLocation")])
}

fn not_a_document() -> ApiError {
    ApiError::Forbidden("This page opens only in a browser tab; send an access token instead.")
}

fn sign_in() -> Operation {
    Operation {
        method: "GET",
        path: "/-/sign-in",
        id: "sessionSignIn",
        tag: "Sessions",
        summary: "Sign in with a browser",
        description: "Redirects a browser to the sign-in provider, or directly to `return_to` if the browser is already \
                      signed in. This URL opens only in a browser tab. The response to a prefetch is 503."
            .to_owned(),
        who: Who::AnyoneByBrowser,
        parameters: &["return_to", "sign_in_org_id", "change"],
        body: None,
        success: vec![
            (302, redirect("Redirect to the provider, to `return_to`, or to this page on the deployment's own host.")),
            (404, page("Browser sign-in is not set up.")),
            (502, page("The provider returned an invalid response.")),
            (503, page("The provider cannot be reached, or the page was prefetched.")),
        ],
        problems: vec![not_a_document()],
    }
}

fn callback() -> Operation {
    Operation {
        method: "GET",
        path: "/-/callback",
        id: "sessionCallback",
        tag: "Sessions",
        summary: "Return from the provider",
        description: "Exchanges the provider's code for a session cookie and redirects the browser to where the sign-in \
                      began. Register this URL as the redirect URI at the provider."
            .to_owned(),
        who: Who::AnyoneByBrowser,
        parameters: &["code", "state"],
        body: None,
        success: vec![
            (200, page("A page for choosing an organization, if a token for all organizations does not fit in a cookie.")),
            (302, redirect("Redirect to the page where the sign-in began.")),
            (400, page("No such sign-in is in progress in this browser, or its code is no longer valid.")),
            (404, page("Browser sign-in is not set up.")),
            (502, page("The provider returned an invalid response.")),
            (503, page("The provider cannot be reached.")),
        ],
        problems: vec![not_a_document()],
    }
}

fn session() -> Operation {
    let mut problems = of_callers();
    problems.extend([ApiError::SignInNotConfigured, of_no_queries()]);
    Operation {
        method: "GET",
        path: "/-/session",
        id: "session",
        tag: "Sessions",
        summary: "Get the signed-in user",
        description: "Returns the user and the user's organizations, from the session cookie or the access token. The \
                      token itself is never returned. On a deployment without browser sign-in, a request without a token \
                      is rejected with the code `sign_in_not_configured`."
            .to_owned(),
        who: Who::SignedIn,
        parameters: &[],
        body: None,
        success: vec![(200, answer("The signed-in user.", &[], content("application/json", "Session", &["session"])))],
        problems,
    }
}

fn sign_out() -> Operation {
    Operation {
        method: "POST",
        path: "/-/sign-out",
        id: "sessionSignOut",
        tag: "Sessions",
        summary: "Sign out",
        description: "Deletes the session cookie. Only Signpost's own pages can send this request. The access token itself \
                      stays valid until it expires."
            .to_owned(),
        who: Who::Anyone,
        parameters: &[],
        body: None,
        success: vec![(303, redirect("Redirect to the front page."))],
        problems: vec![ApiError::Forbidden("Only Signpost's own pages can sign a user out.")],
    }
}

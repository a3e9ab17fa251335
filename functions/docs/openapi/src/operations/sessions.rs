use super::{answer, bare, content};
use crate::operation::{Operation, Who};
use crate::problems::{of_callers, of_no_queries};
use serde_json::{Value, json};
use shared::error::ApiError;

/// Signing in and out with a browser.
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
    ApiError::Forbidden("This page opens in a browser's tab only; a program sends an access token instead.")
}

fn sign_in() -> Operation {
    Operation {
        method: "GET",
        path: "/-/sign-in",
        id: "sessionSignIn",
        tag: "Sessions",
        summary: "Sign in with a browser",
        description: "Sends a browser to the sign-in provider, or straight back if it is signed in. Opens in a tab only. A \
                      prefetch gets 503."
            .to_owned(),
        who: Who::AnyoneByBrowser,
        parameters: &["return_to", "sign_in_org_id", "change"],
        body: None,
        success: vec![
            (302, redirect("To the provider, back to `return_to`, or to this page on the deployment's own host.")),
            (404, page("Signing in with a browser is not set up.")),
            (502, page("The provider's answer cannot be used.")),
            (503, page("The provider is out of reach, or the page was prefetched.")),
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
        summary: "Come back from the provider",
        description: "Exchanges the provider's code for the session, which it keeps in a cookie, and sends the browser back to \
                      where the sign-in began. This is the redirect URI to register at the provider."
            .to_owned(),
        who: Who::AnyoneByBrowser,
        parameters: &["code", "state"],
        body: None,
        success: vec![
            (200, page("The choice of an organization, if a token for all of them is too large for a cookie.")),
            (302, redirect("Back to where the sign-in began.")),
            (400, page("No such sign-in is under way in this browser, or its code is no longer valid.")),
            (404, page("Signing in with a browser is not set up.")),
            (502, page("The provider's answer cannot be used.")),
            (503, page("The provider is out of reach.")),
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
        summary: "Get who is signed in",
        description: "The user and the organizations of the session cookie or the access token. The token itself is never \
                      returned. On a deployment without browser sign-in, a request without a token gets the code \
                      `sign_in_not_configured`."
            .to_owned(),
        who: Who::SignedIn,
        parameters: &[],
        body: None,
        success: vec![(200, answer("Who is signed in.", &[], content("application/json", "Session", &["session"])))],
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
        description: "Removes the session from this browser. Accepted only from Signpost's own pages. The access token itself \
                      stays valid until it expires."
            .to_owned(),
        who: Who::Anyone,
        parameters: &[],
        body: None,
        success: vec![(303, redirect("To the front page."))],
        problems: vec![ApiError::Forbidden("Only Signpost's own pages can sign out.")],
    }
}

use serde_json::Value;
use shared::http::Response;

const BEFORE: &str = include_str!(concat!(env!("OUT_DIR"), "/before.html"));
const AFTER: &str = include_str!(concat!(env!("OUT_DIR"), "/after.html"));

/// The page: one file, which asks for nothing but the API itself.
pub fn response(document: &Value) -> Response {
    // No text within can end the element that it is in.
    let document = document.to_string().replace('<', "\\u003c");
    Response::text(200, "text/html; charset=utf-8", [BEFORE, &document, AFTER].concat())
        .header("content-security-policy", env!("CONTENT_SECURITY_POLICY"))
        .header("referrer-policy", "no-referrer")
}

//! The cookies that a sign-in sets and removes. A page of another site cannot set them, and no script can read them.

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use lambda_http::Body;
use lambda_http::http::Response;
use lambda_http::http::header::{HeaderValue, SET_COOKIE};
use shared::http::Site;

/// The suffix of the cookie by which a sign-in notices that the browser did not keep the session of the one before.
pub const TRIED: &str = "-tried";
/// The suffix of the cookie that makes the provider ask which account to use: its own session outlives ours.
pub const OUT: &str = "-out";

/// The lifetime of [`TRIED`] in seconds.
pub const TRIED_SECONDS: i64 = 60;
/// The lifetime of [`OUT`] in seconds: longer than a provider's session usually is.
pub const OUT_SECONDS: i64 = 30 * 24 * 60 * 60;

/// Removes the cookie of this suffix.
pub fn remove(response: &mut Response<Body>, site: &Site, suffix: &str) {
    set(response, site, suffix, "", 0);
}

/// Sets the cookie of this suffix for `seconds`.
pub fn set(response: &mut Response<Body>, site: &Site, suffix: &str, value: &str, seconds: i64) {
    let cookie = Cookie::build((site.cookie_name(suffix), value))
        .path("/")
        .secure(site.is_secure())
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(seconds));
    // Names and values are ASCII without control characters: a verified token, or text of our own alphabets.
    if let Ok(cookie) = HeaderValue::try_from(cookie.to_string()) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

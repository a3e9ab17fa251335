//! The cookies of a sign-in. Other sites cannot set these cookies, and scripts cannot read them.

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use lambda_http::Body;
use lambda_http::http::Response;
use lambda_http::http::header::{HeaderValue, SET_COOKIE};
use shared::http::Site;

/// The suffix in the name of a cookie. With this cookie, a sign-in detects that the browser did not keep the previous
/// session.
pub const TRIED: &str = "-tried";
/// The suffix in the name of a cookie. With this cookie, a sign-in makes the provider ask which account to use,
/// because the provider's own session can outlive ours.
pub const OUT: &str = "-out";

/// The lifetime of [`TRIED`] in seconds.
pub const TRIED_SECONDS: i64 = 60;
/// The lifetime of [`OUT`] in seconds: longer than most providers' sessions.
pub const OUT_SECONDS: i64 = 30 * 24 * 60 * 60;

/// Removes the cookie with this suffix.
pub fn remove(response: &mut Response<Body>, site: &Site, suffix: &str) {
    set(response, site, suffix, "", 0);
}

/// Sets the cookie with this suffix for `seconds`.
pub fn set(response: &mut Response<Body>, site: &Site, suffix: &str, value: &str, seconds: i64) {
    let cookie = Cookie::build((site.cookie_name(suffix), value))
        .path("/")
        .secure(site.is_secure())
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(seconds));
    // Names and values are ASCII without control characters: a verified token, or text that we generate.
    if let Ok(cookie) = HeaderValue::try_from(cookie.to_string()) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

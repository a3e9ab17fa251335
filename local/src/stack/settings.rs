//! The functions' local settings, and which of them the environment can override.

use crate::issuer::{API_KEY, CLIENT_ID};
use crate::tables::{CLICKS, HISTORY, LINKS};
use shared::settings::Settings;

/// The settings that the environment can override. The store's endpoint and credentials are not included, so that nothing
/// local can reach a real table.
pub const OVERRIDABLE: [&str; 27] = [
    "ALLOW_PRIVATE_TARGETS",
    "AUTH_ADMINS",
    "AUTH_ADMIN_ROLES",
    "AUTH_ALGORITHMS",
    "AUTH_API_KEY",
    "AUTH_API_KEY_ROLE",
    "AUTH_AUDIENCE",
    "AUTH_CLAIMS",
    "AUTH_ISSUER",
    "AUTH_JWKS_URL",
    "AUTH_ORGANIZATION",
    "AUTH_ORGANIZATION_IF",
    "AUTH_PROVIDER",
    "AUTH_TOKEN",
    "AUTH_URL",
    "AUTH_VERIFIER_KEY",
    "CLICK_RETENTION_DAYS",
    "CORS_ORIGINS",
    "HISTORY_RETENTION_DAYS",
    "LINK_CACHE_SECONDS",
    "LINK_EDITORS",
    "ROOT_ORG",
    "SHORT_BASE_URL",
    "SIGN_IN_CLIENT_ID",
    "SIGN_IN_CLIENT_SECRET",
    "SLUG_LENGTH",
    "TRUST_CDN_HEADERS",
];

/// Returns whether the functions use the local issuer, `auth`, with these overrides. If no issuer is set, the provider
/// `google` uses Google's issuer instead.
pub(super) fn names_issuer(overrides: &Settings, auth: &str) -> bool {
    match overrides.optional("AUTH_ISSUER") {
        Some(issuer) => issuer == auth,
        None => overrides.optional("AUTH_PROVIDER") != Some("google"),
    }
}

/// Returns the functions' local settings.
pub(crate) fn local_settings(api: &str, auth: &str, dynamodb: &str, overrides: Settings) -> Settings {
    let mut settings = engine_settings(dynamodb);
    settings = settings.overridden_by([("SHORT_BASE_URL", api)].into_iter().collect());
    // Another issuer needs its own key and client.
    if overrides.optional("AUTH_ISSUER").is_none() && names_issuer(&overrides, auth) {
        let ours = [
            ("AUTH_ISSUER", auth),
            ("AUTH_URL", auth),
            ("AUTH_API_KEY", API_KEY),
            ("SIGN_IN_CLIENT_ID", CLIENT_ID),
        ];
        settings = settings.overridden_by(ours.into_iter().collect());
    }
    settings.overridden_by(overrides)
}

/// Returns the settings of functions that use the store at `dynamodb`.
pub fn engine_settings(dynamodb: &str) -> Settings {
    let pairs = [
        ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb),
        ("LINKS_TABLE", LINKS.name),
        ("HISTORY_TABLE", HISTORY.name),
        ("CLICKS_TABLE", CLICKS.name),
    ];
    pairs.into_iter().collect()
}

/// Returns the overrides in the environment.
pub fn overrides_from_env() -> Settings {
    let environment = Settings::from_env();
    OVERRIDABLE.into_iter().filter_map(|name| Some((name, environment.optional(name)?.to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTH: &str = "http://127.0.0.1:3001";

    fn issuer(overrides: &[(&str, &str)]) -> Option<String> {
        let overrides = overrides.iter().copied().collect();
        let settings = local_settings("http://127.0.0.1:3000", AUTH, "http://127.0.0.1:8000", overrides);
        settings.optional("AUTH_ISSUER").map(str::to_owned)
    }

    #[test]
    fn google_is_its_own_issuer_and_every_other_provider_without_one_is_this_machines() {
        assert_eq!(issuer(&[]).as_deref(), Some(AUTH));
        assert_eq!(issuer(&[("AUTH_PROVIDER", "custom")]).as_deref(), Some(AUTH));
        assert_eq!(issuer(&[("AUTH_PROVIDER", "google")]), None);
        let google = [("AUTH_PROVIDER", "google")].into_iter().collect();
        assert!(!names_issuer(&google, AUTH));
    }
}

//! Finds environment variables that are probably meant to be settings but have no effect.

use crate::stack::OVERRIDABLE;
use crate::users::{ACME, GLOBEX, Organization, Role};
use shared::model::OrgId;
use shared::settings::Settings;
use strsim::osa_distance;

/// Settings that `cargo run` always sets itself.
const FIXED: [&str; 8] = [
    "AUTH_API_KEY_PARAMETER",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "CLICKS_TABLE",
    "HISTORY_TABLE",
    "LINKS_TABLE",
    "SIGN_IN_CLIENT_SECRET_PARAMETER",
    "TLS_ROOTS",
];
/// Prefixes of variables that are probably meant for Signpost.
const PREFIXES: [&str; 9] = [
    "ALLOW_PRIVATE_",
    "AUTH_",
    "CLICK_RETENTION_",
    "CORS_",
    "HISTORY_RETENTION_",
    "LINK_CACHE_",
    "SHORT_BASE_",
    "SIGN_IN_",
    "TRUST_CDN_",
];
/// The settings that contain roles. These settings affect permissions, not authentication.
const ROLES: [&str; 3] = ["AUTH_ADMIN_ROLES", "AUTH_API_KEY_ROLE", "LINK_EDITORS"];
/// The setting that can include all roles, and the value that includes them.
const EVERY_MEMBER: (&str, &str) = ("LINK_EDITORS", "*");
/// Variables that send requests to the issuer through a proxy. Their names may be in upper or lower case.
const PROXIES: [&str; 2] = ["ALL_PROXY", "HTTP_PROXY"];
/// A name with at most this number of wrong letters is assumed to be a misspelled setting.
const MAX_TYPOS: usize = 2;

/// Returns a sentence for each variable that is probably a misspelled setting, and for each setting that has no effect
/// here.
pub fn unknown_settings(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut sentences: Vec<String> = names.filter_map(|name| unknown_setting(&name)).collect();
    sentences.sort();
    sentences
}

fn unknown_setting(name: &str) -> Option<String> {
    if OVERRIDABLE.contains(&name) {
        return None;
    }
    if FIXED.contains(&name) {
        return Some(format!("{name} has no effect here: `cargo run` sets it itself"));
    }
    let known = || OVERRIDABLE.into_iter().chain(FIXED);
    let plain = plain(name);
    let closest = known().map(|known| (osa_distance(&plain, &self::plain(known)), known)).min();
    match closest {
        // In a short name, two wrong letters are too many: almost any name would match.
        Some((typos, known)) if typos <= MAX_TYPOS.min(plain.len() / 4) => {
            Some(format!("{name} is not a setting; did you mean {known}?"))
        }
        _ if PREFIXES.iter().any(|prefix| name.starts_with(prefix)) => {
            Some(format!("{name} is not a setting and has no effect; README.md lists the settings"))
        }
        _ => None,
    }
}

/// Normalizes a name, so that the template's parameter `CorsOrigins` and `SIGNPOST_CORS_ORIGINS` equal `CORS_ORIGINS`.
fn plain(name: &str) -> String {
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let letters = letters.to_ascii_uppercase();
    letters.strip_prefix("SIGNPOST").map(str::to_owned).unwrap_or(letters)
}

/// Returns a sentence for each setting that contains an organization or a role that no local user has. Use it only with
/// the local issuer.
pub fn unknown_names(settings: &Settings) -> Vec<String> {
    let mut sentences = Vec::new();
    let is_ours = |id: &&str| id.parse::<OrgId>().is_ok_and(|id| [ACME.id, GLOBEX.id].contains(&id.as_str()));
    if let Some(named) = settings.optional("ROOT_ORG").filter(|id| !is_ours(id)) {
        let hint = match [ACME, GLOBEX].into_iter().find(|organization| is_meant(named, organization)) {
            Some(meant) => format!("the id of {} is {}", meant.name, meant.id),
            None => format!("expected {} ({}) or {} ({})", ACME.id, ACME.name, GLOBEX.id, GLOBEX.name),
        };
        sentences.push(format!("ROOT_ORG is not the id of a local organization; {hint}"));
    }
    let roles = [Role::Owner, Role::Admin, Role::Member].map(|role| format!("{role:?}"));
    for name in ROLES {
        let Some(value) = settings.optional(name) else { continue };
        let is_known = |role: &str| roles.iter().any(|known| known == role) || (name, role) == EVERY_MEMBER;
        if !value.split(',').any(|role| is_known(role.trim())) {
            let roles = roles.join(", ");
            sentences.push(format!("{name} contains no role of a local user; expected one of {roles}"));
        }
    }
    sentences
}

/// Returns the warning to print if the API rejects every local user. It contains the probable causes: settings for
/// tokens, and a proxy between the API and the local issuer. `names` are the names of all environment variables.
pub fn refused_users(settings: &Settings, names: impl Iterator<Item = String>) -> String {
    let settings = OVERRIDABLE.into_iter().filter(|name| settings.optional(name).is_some());
    let mut causes: Vec<String> = settings
        .filter(|name| name.starts_with("AUTH_") && !ROLES.contains(name))
        .map(str::to_owned)
        .collect();
    let proxies = names.filter(|name| PROXIES.iter().any(|proxy| name.eq_ignore_ascii_case(proxy)));
    causes.extend(proxies.map(|name| format!("{name} without 127.0.0.1 in NO_PROXY")));
    format!("the API rejects every local user; the cause is in {}", causes.join(", "))
}

fn is_meant(named: &str, organization: &Organization) -> bool {
    let named = named.to_ascii_lowercase();
    let first = organization.url_safe_name.split('-').next().unwrap_or_default();
    let names = [organization.id, organization.url_safe_name, first, &organization.name.to_ascii_lowercase()];
    names.into_iter().any(|name| osa_distance(&named, name) <= MAX_TYPOS.min(name.len() / 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(name: &str) -> String {
        unknown_settings([name.to_owned()].into_iter()).pop().unwrap_or_default()
    }

    #[test]
    fn a_name_close_to_a_setting_is_a_mistake() {
        for (name, meant) in [
            ("CORS_ORIGIN", "CORS_ORIGINS"),
            ("CORS_ORGINS", "CORS_ORIGINS"),
            ("CORSORIGINS", "CORS_ORIGINS"),
            ("CorsOrigins", "CORS_ORIGINS"),
            ("cors_origins", "CORS_ORIGINS"),
            ("SIGNPOST_CORS_ORIGINS", "CORS_ORIGINS"),
            ("ROOTORG", "ROOT_ORG"),
            ("ROOT_ORGS", "ROOT_ORG"),
            ("SHORT_BASEURL", "SHORT_BASE_URL"),
            ("AUTH_ISUSER", "AUTH_ISSUER"),
            ("LINK_CACHE_SECOND", "LINK_CACHE_SECONDS"),
            ("LINK_TABLE", "LINKS_TABLE"),
        ] {
            assert_eq!(sentence(name), format!("{name} is not a setting; did you mean {meant}?"));
        }
    }

    #[test]
    fn a_name_of_our_kind_and_one_that_is_set_here_are_told_apart() {
        for name in ["AUTH_SECRET", "CORS_ALLOW_ALL", "SHORT_BASE_DOMAIN_NAME", "AUTH_TOKEN_LIFETIME"] {
            assert!(
                sentence(name).starts_with(&format!("{name} is not a setting and has no effect")),
                "{name}"
            );
        }
        for name in FIXED {
            assert_eq!(sentence(name), format!("{name} has no effect here: `cargo run` sets it itself"));
        }
    }

    #[test]
    fn settings_and_the_variables_of_others_are_no_mistakes() {
        let others = [
            "PATH",
            "HOME",
            "LANG",
            "USER",
            "SHELL",
            "TERM",
            "PWD",
            "CARGO_HOME",
            "RUST_LOG",
            "AWS_REGION",
            "AWS_PROFILE",
            "SSH_AUTH_SOCK",
            "XAUTHORITY",
            "HOST",
            "PORT",
            "ROOT",
            "ORG",
            "GITHUB_TOKEN",
            "AWS_ACCESS_KEY_ID",
            "NO_COLOR",
        ];
        for name in OVERRIDABLE.into_iter().chain(others) {
            assert_eq!(sentence(name), "", "{name}");
        }
    }

    #[test]
    fn an_unknown_organization_is_a_mistake_and_the_likely_one_is_suggested() {
        let named = |pairs: &[(&str, &str)]| unknown_names(&pairs.iter().copied().collect());
        for (value, meant) in [
            ("acme", ACME),
            ("ACME", ACME),
            ("acme-inc", ACME),
            ("Acme Inc", ACME),
            ("globex", GLOBEX),
            ("golbex", GLOBEX),
            (&ACME.id[1..], ACME),
        ] {
            let expected = format!(
                "ROOT_ORG is not the id of a local organization; the id of {} is {}",
                meant.name, meant.id
            );
            assert_eq!(named(&[("ROOT_ORG", value)]), [expected], "{value}");
        }
        let sentences = named(&[("ROOT_ORG", "initech")]);
        assert!(sentences[0].contains(ACME.id) && sentences[0].contains(GLOBEX.id), "{sentences:?}");
        for id in [ACME.id, &ACME.id.to_uppercase(), &format!(" {} ", GLOBEX.id)] {
            assert_eq!(named(&[("ROOT_ORG", id)]), [""; 0], "{id}");
        }
        let roles = named(&[("AUTH_ADMIN_ROLES", "admin, owner"), ("AUTH_API_KEY_ROLE", "admin")]);
        assert_eq!(roles.len(), 2);
        assert!(roles[0].ends_with("expected one of Owner, Admin, Member"), "{roles:?}");
        assert_eq!(named(&[("AUTH_ADMIN_ROLES", "boss,Admin"), ("AUTH_API_KEY_ROLE", "Admin")]), [""; 0]);
        assert_eq!(named(&[("LINK_EDITORS", "editor")]).len(), 1);
        for roles in ["*", "editor, *", "Member"] {
            assert_eq!(named(&[("LINK_EDITORS", roles)]), [""; 0], "{roles}");
        }
        assert_eq!(named(&[("AUTH_ADMIN_ROLES", "*")]).len(), 1);
    }
}

use super::email::{Emails, is_domain};
use super::public_domain::is_public;
use crate::auth::mapping::{Mapping, Path};
use crate::settings::Error;
use serde_json::Value;

/// Claims that have the same value for all users of a provider, or a value that the client chooses. The client's own id
/// is in `azp`, `client_id`, `cid` (Okta) or `appid` (Entra ID).
const SHARED: [&str; 14] = [
    "acr",
    "amr",
    "appid",
    "aud",
    "azp",
    "cid",
    "client_id",
    "email_verified",
    "iss",
    "scope",
    "scp",
    "token_use",
    "typ",
    "ver",
];
/// Claims that users, or administrators of other companies, can set to any value. Most are the profile claims of OpenID
/// Connect Core 1.0, which do not identify a user (section 5.7). The others are claims of Entra ID.
/// <https://learn.microsoft.com/en-us/entra/identity-platform/claims-validation>
const WRITABLE: [&str; 19] = [
    "address",
    "birthdate",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "login_hint",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "picture",
    "preferred_username",
    "profile",
    "unique_name",
    "upn",
    "username",
    "website",
    "zoneinfo",
];
/// Claims that are numbers, or have a different value in every token.
const VARYING: [&str; 11] =
    ["at_hash", "auth_time", "c_hash", "exp", "iat", "jti", "nbf", "nonce", "s_hash", "sid", "updated_at"];
/// The directory of all personal Microsoft accounts.
/// <https://learn.microsoft.com/en-us/entra/identity-platform/id-token-claims-reference>
const PERSONAL_ACCOUNTS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
/// A list of conditions. A token must meet at least one of the conditions.
#[derive(Debug)]
pub struct Conditions {
    any: Vec<Condition>,
    emails: Emails,
}

#[derive(Debug, PartialEq, Eq)]
enum Condition {
    /// A claim whose value is this string, or is an array that contains this string.
    Claim(Path, String),
    /// The e-mail address, in lower case.
    Address(String),
    /// The e-mail address's domain, in lower case.
    Domain(String),
}

impl Conditions {
    /// Parses the setting `name`: one or more conditions, separated by commas, each `claim=value` or an e-mail address.
    /// A nested claim is written as a JSON Pointer (RFC 6901): `/realm_access/roles=staff`.
    ///
    /// # Errors
    /// A condition is malformed, cannot be met by any accepted token from the issuer, or can be met by too many tokens.
    pub fn parse(name: &str, text: &str, issuer: &str, mapping: &Mapping) -> Result<Self, Error> {
        let emails = Emails::from_issuer(issuer);
        let conditions = text.split(',').enumerate().map(|(index, text)| {
            let condition = Condition::parse(text.trim(), emails).and_then(|condition| {
                if let Condition::Claim(at, is) = &condition {
                    mapping.check_condition(at, is)?;
                }
                Ok(condition)
            });
            condition.map_err(|rule| {
                Error::malformed(name, &format!("is invalid: condition {} {rule}", index + 1))
            })
        });
        Ok(Self { any: conditions.collect::<Result<_, _>>()?, emails })
    }

    /// Returns whether these claims meet one of the conditions.
    pub fn are_met_by(&self, claims: &Value) -> bool {
        let email = self.emails.address(claims);
        self.any.iter().any(|condition| match condition {
            Condition::Claim(at, is) => at.names(claims, is),
            Condition::Address(address) => email.as_ref() == Some(address),
            Condition::Domain(domain) => {
                email.as_deref().and_then(|email| email.split_once('@')).is_some_and(|(_, of)| of == domain)
            }
        })
    }
}

impl Condition {
    fn parse(text: &str, emails: Emails) -> Result<Self, String> {
        let (claim, value) = match text.split_once('=') {
            Some((claim, value)) => (claim.trim_end(), value.trim_start()),
            None if text.contains('@') => ("email", text),
            None => return Err("is neither claim=value nor an e-mail address".to_owned()),
        };
        let at = path(claim)?;
        if value.is_empty() {
            return Err("has no value after the equals sign".to_owned());
        }
        if at == Path::new(&["email"]) {
            return Self::email(value, emails);
        }
        check_claim(&at)?;
        if value.contains('*') {
            return Err("contains '*', which is allowed only before the @ of an e-mail domain".to_owned());
        }
        if at == Path::new(&["tid"]) && value == PERSONAL_ACCOUNTS {
            return Err("is met by every personal Microsoft account".to_owned());
        }
        if at == Path::new(&["hd"]) {
            if value != value.to_ascii_lowercase() || !is_domain(value) {
                return Err("is not a Workspace domain in lower case, such as hd=example.com".to_owned());
            }
            if is_public(value) {
                return Err(
                    "contains a public mail provider's domain, which is not a Workspace domain".to_owned()
                );
            }
        }
        Ok(Self::Claim(at, value.to_owned()))
    }

    fn email(value: &str, emails: Emails) -> Result<Self, String> {
        if emails == Emails::Entra {
            let rule = "uses an e-mail address, which Entra ID does not verify; use groups, roles or tid";
            return Err(rule.to_owned());
        }
        let value = value.to_ascii_lowercase();
        match value.split_once('@') {
            Some(("*", domain)) if is_public(domain) => {
                Err("is met by everyone with an address at a public mail provider".to_owned())
            }
            Some(("*", domain)) if is_domain(domain) => Ok(Self::Domain(domain.to_owned())),
            Some((local, domain)) if is_domain(domain) && !local.is_empty() && !local.contains('*') => {
                Ok(Self::Address(value))
            }
            _ => Err("is not an e-mail address, such as ada@example.com or *@example.com".to_owned()),
        }
    }
}

/// Parses a claim name, or a JSON Pointer if it begins with a slash.
fn path(claim: &str) -> Result<Path, String> {
    let Some(pointer) = claim.strip_prefix('/') else {
        return if claim.is_empty() {
            Err("contains no claim name".to_owned())
        } else {
            Ok(Path::new(&[claim]))
        };
    };
    let keys: Vec<String> = pointer.split('/').map(|key| key.replace("~1", "/").replace("~0", "~")).collect();
    if keys.iter().any(String::is_empty) {
        return Err("contains a JSON Pointer with an empty name".to_owned());
    }
    Ok(Path(keys))
}

/// Checks that a claim can distinguish members from others.
fn check_claim(at: &Path) -> Result<(), String> {
    let [first, rest @ ..] = at.0.as_slice() else { return Err("contains no claim name".to_owned()) };
    let last = rest.last().unwrap_or(first).as_str();
    if SHARED.contains(&first.as_str()) {
        return Err("reads a claim that is the same for all users".to_owned());
    }
    if VARYING.contains(&first.as_str()) {
        return Err("reads a claim that is a number or is different in every token".to_owned());
    }
    if WRITABLE.contains(&first.as_str()) || WRITABLE.contains(&last) {
        return Err("reads a claim that users can change; use a group or an id".to_owned());
    }
    if ["email", "emails", "mail"].contains(&last) || first == "email_domain" {
        return Err("reads an address that is not verified; use email=*@example.com".to_owned());
    }
    Ok(())
}

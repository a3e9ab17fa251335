use serde_json::Value;
use url::Url;

/// The hosts of Entra ID's issuers, in all of its clouds.
const ENTRA: [&str; 5] = [
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "sts.chinacloudapi.cn",
    "sts.windows.net",
];

/// Which e-mail addresses in an issuer's tokens can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emails {
    /// Only addresses with `email_verified` (OpenID Connect Core 1.0, section 5.1).
    Verified,
    /// Only verified addresses at Gmail or in a Workspace domain. Google verifies other addresses only once,
    /// and does not notice if they are reassigned.
    /// <https://developers.google.com/identity/gsi/web/guides/verify-google-id-token>
    Google,
    /// No address is trusted, because an administrator of the user's directory can set any address.
    /// <https://learn.microsoft.com/en-us/entra/identity-platform/claims-validation>
    Entra,
}

impl Emails {
    /// Returns the rule for an issuer.
    pub fn from_issuer(issuer: &str) -> Self {
        match Url::parse(issuer).ok().as_ref().and_then(Url::host_str) {
            Some("accounts.google.com") => Self::Google,
            Some(host) if ENTRA.contains(&host) => Self::Entra,
            _ => Self::Verified,
        }
    }

    /// Returns the user's address in lower case, if these claims prove that the user has it.
    pub fn address(self, claims: &Value) -> Option<String> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let email = text("email")?.to_ascii_lowercase();
        let (local, domain) = email.split_once('@')?;
        let is_proved = match self {
            Self::Entra => false,
            Self::Google => domain == "gmail.com" || text("hd").is_some_and(|hd| !hd.is_empty()),
            Self::Verified => true,
        };
        let is_verified = claims.get("email_verified") == Some(&Value::Bool(true));
        (is_proved && is_verified && !local.is_empty() && is_domain(domain)).then_some(email)
    }
}

/// Returns whether an issuer is Entra ID's placeholder for many directories. No token contains such an issuer, because
/// a token's issuer is the directory of the token's user.
pub fn is_every_directory(issuer: &str) -> bool {
    let Ok(url) = Url::parse(issuer) else { return false };
    let first = url.path_segments().and_then(|mut segments| segments.next());
    url.host_str().is_some_and(|host| ENTRA.contains(&host))
        && first.is_some_and(|first| ["common", "consumers", "organizations"].contains(&first))
}

/// Returns whether the text can be the domain of an e-mail address.
pub fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.contains(|c: char| c.is_whitespace() || c.is_control() || "@*".contains(c))
    };
    text.contains('.') && text.split('.').all(is_label)
}

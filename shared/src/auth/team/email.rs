use serde_json::Value;
use url::Url;

/// Where Entra ID's issuers are, in its clouds.
const ENTRA: [&str; 5] = [
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "sts.chinacloudapi.cn",
    "sts.windows.net",
];

/// Which e-mail addresses in an issuer's tokens are the user's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emails {
    /// Those with `email_verified` (OpenID Connect Core 1.0, section 5.1).
    Verified,
    /// Of those, the ones of a Workspace domain or at Gmail. Google has verified any other once, and does not learn that it is
    /// another person's by now.
    /// <https://developers.google.com/identity/gsi/web/guides/verify-google-id-token>
    Google,
    /// None: an administrator of the user's directory can enter any address.
    /// <https://learn.microsoft.com/en-us/entra/identity-platform/claims-validation>
    Entra,
}

impl Emails {
    /// Those of this issuer.
    pub fn of(issuer: &str) -> Self {
        match Url::parse(issuer).ok().as_ref().and_then(Url::host_str) {
            Some("accounts.google.com") => Self::Google,
            Some(host) if ENTRA.contains(&host) => Self::Entra,
            _ => Self::Verified,
        }
    }

    /// The user's address in lower case, if a token with these claims proves one.
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

/// Whether an issuer is what Entra ID calls all directories together, or all of a kind. No token has it: a token names the
/// one directory that its user is in.
pub fn is_every_directory(issuer: &str) -> bool {
    let Ok(url) = Url::parse(issuer) else { return false };
    let first = url.path_segments().and_then(|mut segments| segments.next());
    url.host_str().is_some_and(|host| ENTRA.contains(&host))
        && first.is_some_and(|first| ["common", "consumers", "organizations"].contains(&first))
}

/// Whether it can be the domain of an e-mail address.
pub fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.contains(|c: char| c.is_whitespace() || c.is_control() || "@*".contains(c))
    };
    text.contains('.') && text.split('.').all(is_label)
}

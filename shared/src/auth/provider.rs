use super::kind::TokenKind;
use super::mapping::{Mapping, Name, Path, Pattern, Requirement, Roles, Source};
use super::team::Team;
use crate::settings::{Error, Settings};
use url::Url;

/// The issuer of Google's ID tokens.
pub const GOOGLE_ISSUER: &str = "https://accounts.google.com";

/// A sign-in provider: its issuer, the kind of token that is accepted, and the meaning of the token's claims.
#[derive(Debug)]
pub struct Provider {
    /// The exact issuer of the provider's tokens.
    pub issuer: String,
    /// The kind of token that callers send.
    pub kind: TokenKind,
    /// The meaning of the claims in the provider's tokens.
    pub mapping: Mapping,
    /// The fixed organization, if the provider's tokens contain no organizations.
    pub team: Option<Team>,
    /// Whether the provider is PropelAuth. PropelAuth publishes the key and validates API keys through its backend.
    pub is_propelauth: bool,
}

impl Provider {
    /// Reads the settings of the provider `AUTH_PROVIDER` (default `propelauth`). `AUTH_CLAIMS` describes the tokens of
    /// `custom`.
    pub fn from_settings(settings: &Settings) -> Result<Self, Error> {
        let name = settings.optional("AUTH_PROVIDER").unwrap_or("propelauth");
        let claims = settings.optional("AUTH_CLAIMS");
        if claims.is_some() && name != "custom" {
            return Err(Error::malformed("AUTH_CLAIMS", "is only for the AUTH_PROVIDER 'custom'"));
        }
        let kind = TokenKind::from_settings(settings, name)?;
        let has_team = settings.optional("AUTH_ORGANIZATION").is_some();
        let mapping = match name {
            "propelauth" => propelauth(),
            "auth0" => auth0(),
            "cognito" => cognito(&kind),
            "keycloak" => keycloak(&kind),
            "google" => of_subject(),
            "custom" => custom(claims, has_team)?,
            _ => {
                let rule = "must be one of propelauth, auth0, cognito, keycloak, google and custom";
                return Err(Error::malformed("AUTH_PROVIDER", rule));
            }
        };
        check_organization(name, &mapping, has_team)?;
        let issuer = issuer(settings, name)?;
        if name == "propelauth" && !is_auth_url(&issuer) {
            let rule = "is not a PropelAuth auth URL; use only a scheme and a host, such as https://auth.example.com, \
                        without a slash at the end";
            return Err(Error::malformed("AUTH_ISSUER", rule));
        }
        let checked = mapping.check(&issuer, has_team);
        checked.map_err(|rule| Error::malformed("AUTH_CLAIMS", &format!("is invalid: {rule}")))?;
        let team = Team::from_settings(settings, &issuer, &mapping)?;
        check_audience(name, &kind, has_team)?;
        Ok(Self { issuer, kind, mapping, team, is_propelauth: name == "propelauth" })
    }
}

fn issuer(settings: &Settings, provider: &str) -> Result<String, Error> {
    match settings.optional("AUTH_ISSUER") {
        None if provider == "google" => Ok(GOOGLE_ISSUER.to_owned()),
        Some(issuer) if provider == "google" && issuer != GOOGLE_ISSUER => {
            Err(Error::malformed("AUTH_ISSUER", "is not Google's issuer; leave it empty"))
        }
        _ => settings.text("AUTH_ISSUER"),
    }
}

/// Checks that a fixed organization is set if tokens contain no organizations, and only then.
fn check_organization(provider: &str, mapping: &Mapping, has_team: bool) -> Result<(), Error> {
    let rule = match provider {
        "google" if !has_team => "is missing; Google's tokens contain no organization",
        "google" | "custom" if has_team && !mapping.organizations.is_empty() => {
            "is set, but AUTH_CLAIMS says where tokens contain organizations; remove one of the two"
        }
        "google" | "custom" => return Ok(()),
        _ if has_team => {
            "is only for the AUTH_PROVIDERs 'google' and 'custom'; the others' tokens contain organizations"
        }
        _ => return Ok(()),
    };
    Err(Error::malformed("AUTH_ORGANIZATION", rule))
}

/// Checks that access tokens can be distinguished from tokens for other services and from ID tokens. ID tokens are
/// signed with the same key and exposed to browsers.
fn check_audience(provider: &str, kind: &TokenKind, has_team: bool) -> Result<(), Error> {
    let TokenKind::Access { audience } = kind else { return Ok(()) };
    let rule = match (provider, audience) {
        ("auth0", None) => "is missing; with Auth0, it is the API's identifier",
        ("cognito", Some(_)) => "is set, but Cognito's access tokens contain no audience; leave it empty",
        (_, None) if has_team => {
            "is missing; with AUTH_ORGANIZATION, a token issued for another service would be accepted"
        }
        _ => return Ok(()),
    };
    Err(Error::malformed("AUTH_AUDIENCE", rule))
}

/// Returns whether PropelAuth's tokens can have this issuer. PropelAuth's issuers are origins, and are compared
/// exactly.
fn is_auth_url(text: &str) -> bool {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.is_some_and(|url| url.origin().ascii_serialization() == text)
}

/// PropelAuth's claims: the active organization, or all of the user's organizations (<https://docs.propelauth.com/>).
fn propelauth() -> Mapping {
    let id = || Path::new(&["org_id"]);
    Mapping {
        user: Path::new(&["user_id"]),
        impersonator: Path::new(&["impersonator_user_id"]),
        name: Name::PropelAuth,
        organizations: vec![
            Source::One {
                at: Path::new(&["org_member_info"]),
                id: id(),
                name: Some(Path::new(&["org_name"])),
                roles: Roles::PropelAuth,
            },
            Source::Map {
                at: Path::new(&["org_id_to_org_member_info"]),
                id: Some(id()),
                name: Some(Path::new(&["org_name"])),
                roles: Roles::PropelAuth,
            },
        ],
        require: Vec::new(),
    }
}

/// Auth0's claims: the organization that the user signed in to. Tokens contain roles only if an Auth0 Action adds them.
/// Auth0 requires the name of such a claim to be a URL.
/// <https://auth0.com/docs/manage-users/organizations/using-tokens>
fn auth0() -> Mapping {
    Mapping {
        organizations: vec![Source::One {
            at: Path::new(&[]),
            id: Path::new(&["org_id"]),
            name: Some(Path::new(&["org_name"])),
            roles: Roles::At(vec![Path::new(&["https://signpost/roles"])]),
        }],
        ..of_subject()
    }
}

/// Cognito has groups but no organizations: a group such as `acme:Admin` contains an organization and a role. ID tokens
/// are signed with the same keys as access tokens.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html>
fn cognito(kind: &TokenKind) -> Mapping {
    let token_use = if kind.is_id() { "id" } else { "access" };
    Mapping {
        organizations: vec![Source::Strings {
            at: Path::new(&["cognito:groups"]),
            pattern: Pattern::organization_and_role(),
        }],
        require: vec![Requirement { at: Path::new(&["token_use"]), is: token_use.to_owned() }],
        ..of_subject()
    }
}

/// Keycloak's claims: organizations, keyed by alias, with or without the data that an organization mapper adds. ID
/// tokens are signed with the same keys as access tokens.
/// <https://www.keycloak.org/docs/latest/server_admin/#_managing_organizations>
fn keycloak(kind: &TokenKind) -> Mapping {
    let typ = if kind.is_id() { "ID" } else { "Bearer" };
    let at = || Path::new(&["organization"]);
    Mapping {
        organizations: vec![
            Source::Map {
                at: at(),
                id: None,
                name: None,
                roles: Roles::At(vec![Path::new(&["realm_access", "roles"])]),
            },
            Source::Strings { at: at(), pattern: Pattern::organization() },
        ],
        require: vec![Requirement { at: Path::new(&["typ"]), is: typ.to_owned() }],
        ..of_subject()
    }
}

fn custom(claims: Option<&str>, has_team: bool) -> Result<Mapping, Error> {
    let name = "AUTH_CLAIMS";
    match claims {
        Some(claims) => serde_json::from_str(claims)
            .map_err(|error| Error::malformed(name, &format!("is invalid: {error}"))),
        None if has_team => Ok(of_subject()),
        None => Err(Error::malformed(name, "is missing; it describes the custom provider")),
    }
}

/// Claims without organizations: the user as in OpenID Connect, and the impersonator as in RFC 8693.
fn of_subject() -> Mapping {
    Mapping {
        user: Path::new(&["sub"]),
        impersonator: Path::new(&["act", "sub"]),
        name: Name::default(),
        organizations: Vec::new(),
        require: Vec::new(),
    }
}

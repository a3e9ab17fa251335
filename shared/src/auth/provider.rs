use super::mapping::{Mapping, Name, Path, Pattern, Requirement, Roles, Source};
use crate::settings::{Error, Settings};
use url::Url;

/// A sign-in provider: what its tokens say, and how its keys are had where nothing else is configured.
#[derive(Debug)]
pub struct Provider {
    /// Where its tokens say who is calling.
    pub mapping: Mapping,
    /// Whether it is PropelAuth, whose backend gives out its key and knows of API keys.
    pub is_propelauth: bool,
}

impl Provider {
    /// The provider that `AUTH_PROVIDER` names; PropelAuth, where it is left out. `AUTH_CLAIMS` describes the tokens of
    /// `custom`.
    pub fn from_settings(settings: &Settings) -> Result<Self, Error> {
        let name = settings.optional("AUTH_PROVIDER").unwrap_or("propelauth");
        let claims = settings.optional("AUTH_CLAIMS");
        if claims.is_some() && name != "custom" {
            return Err(Error::malformed("AUTH_CLAIMS", "is for the AUTH_PROVIDER 'custom' alone"));
        }
        let mapping = match name {
            "propelauth" => propelauth(),
            "auth0" => auth0(),
            "cognito" => cognito(),
            "keycloak" => keycloak(),
            "custom" => custom(claims, &settings.text("AUTH_ISSUER")?)?,
            _ => {
                let rule = "is none of propelauth, auth0, cognito, keycloak and custom";
                return Err(Error::malformed("AUTH_PROVIDER", rule));
            }
        };
        if name == "propelauth" && !is_auth_url(&settings.text("AUTH_ISSUER")?) {
            let rule = "is not an auth URL of PropelAuth: it has a scheme and a host alone, such as \
                        https://auth.example.com, and no slash at the end";
            return Err(Error::malformed("AUTH_ISSUER", rule));
        }
        // Without one, an ID token would do: it is signed by the same key, and made for a browser to hold.
        if name == "auth0" && settings.optional("AUTH_AUDIENCE").is_none() {
            return Err(Error::malformed(
                "AUTH_AUDIENCE",
                "is missing; with Auth0, it is the API's identifier",
            ));
        }
        if name == "cognito" && settings.optional("AUTH_AUDIENCE").is_some() {
            let rule = "is set, but Cognito's access tokens name no audience; leave it empty";
            return Err(Error::malformed("AUTH_AUDIENCE", rule));
        }
        Ok(Self { mapping, is_propelauth: name == "propelauth" })
    }
}

/// Whether PropelAuth's tokens can have this text as their issuer. They have an origin there, and it is compared to the byte.
fn is_auth_url(text: &str) -> bool {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.is_some_and(|url| url.origin().ascii_serialization() == text)
}

/// <https://docs.propelauth.com/>: one active organization, or all that the user is in.
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

/// The organization that the user signed in to. Roles are in no token by themselves: an Action puts them there, under a
/// name that is a URL, as Auth0 wants it.
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

/// Cognito has groups and no organizations: a group `acme:Admin` is both. ID tokens are signed by the same keys.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html>
fn cognito() -> Mapping {
    Mapping {
        organizations: vec![Source::Strings {
            at: Path::new(&["cognito:groups"]),
            pattern: Pattern::organization_and_role(),
        }],
        require: vec![Requirement { at: Path::new(&["token_use"]), is: "access".to_owned() }],
        ..of_subject()
    }
}

/// The organizations by their aliases, with what an organization's mapper adds, or by their aliases alone. ID tokens are
/// signed by the same keys.
/// <https://www.keycloak.org/docs/latest/server_admin/#_managing_organizations>
fn keycloak() -> Mapping {
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
        require: vec![Requirement { at: Path::new(&["typ"]), is: "Bearer".to_owned() }],
        ..of_subject()
    }
}

fn custom(claims: Option<&str>, issuer: &str) -> Result<Mapping, Error> {
    let name = "AUTH_CLAIMS";
    let claims =
        claims.ok_or_else(|| Error::malformed(name, "is missing; it describes the custom provider"))?;
    let mapping: Mapping = serde_json::from_str(claims)
        .map_err(|error| Error::malformed(name, &format!("is wrong: {error}")))?;
    mapping.check(issuer).map_err(|rule| Error::malformed(name, &format!("is wrong: {rule}")))?;
    Ok(mapping)
}

/// The user and the impersonator as OpenID Connect and RFC 8693 have them, and no organization.
fn of_subject() -> Mapping {
    Mapping {
        user: Path::new(&["sub"]),
        impersonator: Path::new(&["act", "sub"]),
        name: Name::default(),
        organizations: Vec::new(),
        require: Vec::new(),
    }
}

use crate::auth::mapping::{Memberships, Name, Path, Roles, Source};
use crate::auth::roles::{LinkPermission, RolePermissions};
use crate::auth::{Caller, Membership};
use crate::model::{DisplayName, UserId};
use serde_json::Value;

/// Returns the caller in PropelAuth's response about a valid key: a user in one organization, a user in all of their
/// organizations, or an organization. If the caller is an organization, its permission is `of_organizations`.
///
/// Returns `None` if the response contains no user or organization, lacks a required JSON field, or contains a user
/// who is disabled, locked or no longer in the key's organization.
pub fn caller(answer: &Value, roles: &RolePermissions, of_organizations: LinkPermission) -> Option<Caller> {
    let id = |part: &Value, name: &str| part.get(name).and_then(Value::as_str).map(str::to_owned);
    let (user_id, name, memberships) = if let Some(user) = part(answer, "user") {
        let is = |name: &str, value: bool| user.get(name).is_some_and(|found| *found == value);
        if is("enabled", false) || is("locked", true) {
            return None;
        }
        let memberships = match (part(answer, "user_in_org"), part(answer, "org")) {
            (Some(_), _) => in_one().memberships(answer, roles)?.ok()?,
            (None, Some(_)) => return None,
            (None, None) => match part(user, "org_id_to_org_info") {
                Some(_) => in_all().memberships(user, roles)?.ok()?,
                None => Memberships::new(),
            },
        };
        (id(user, "user_id")?, Name::PropelAuth.read(user), memberships)
    } else {
        let org = part(answer, "org")?;
        let (org_id, org_name) = (id(org, "org_id")?, id(org, "org_name"));
        let membership = Membership::new(org_name.clone(), None, of_organizations);
        let memberships = org_id.parse().map(|org| (org, membership));
        let name = org_name.as_deref().and_then(DisplayName::from_claim);
        (format!("organization:{org_id}"), name, memberships.into_iter().collect())
    };
    let user_id: UserId = user_id.parse().ok()?;
    Some(Caller { user_id, impersonator: None, name, nonce: None, expires_at: None, memberships })
}

fn part<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.get(name).filter(|part| !part.is_null())
}

fn in_one() -> Source {
    Source::One {
        at: Path::new(&["user_in_org"]),
        id: Path::new(&["org_id"]),
        name: Some(Path::new(&["org_name"])),
        roles: Roles::PropelAuth,
    }
}

fn in_all() -> Source {
    let at = Path::new(&["org_id_to_org_info"]);
    let name = Some(Path::new(&["org_name"]));
    Source::Map { at, id: Some(Path::new(&["org_id"])), name, roles: Roles::PropelAuth }
}

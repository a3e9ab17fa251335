use crate::auth::Caller;
use crate::auth::mapping::{Memberships, Path, Roles, Source};
use crate::auth::roles::AdminRoles;
use crate::model::UserId;
use serde_json::Value;

/// The caller that an answer of PropelAuth about a valid key names: a user in one organization, a user in all of theirs, or
/// an organization, which manages all links if `organizations_manage`.
///
/// `None` if it names no caller who may sign in: nobody, a user who is disabled or locked or has left the key's
/// organization, or an answer without a member that it must have.
pub fn caller(answer: &Value, admin_roles: &AdminRoles, organizations_manage: bool) -> Option<Caller> {
    let id = |part: &Value, name: &str| part.get(name).and_then(Value::as_str).map(str::to_owned);
    let (user_id, memberships) = if let Some(user) = part(answer, "user") {
        let is = |name: &str, value: bool| user.get(name).is_some_and(|found| *found == value);
        if is("enabled", false) || is("locked", true) {
            return None;
        }
        let memberships = match (part(answer, "user_in_org"), part(answer, "org")) {
            (Some(_), _) => in_one().memberships(answer, admin_roles)?.ok()?,
            (None, Some(_)) => return None,
            (None, None) => match part(user, "org_id_to_org_info") {
                Some(_) => in_all().memberships(user, admin_roles)?.ok()?,
                None => Memberships::new(),
            },
        };
        (id(user, "user_id")?, memberships)
    } else {
        let org_id = id(part(answer, "org")?, "org_id")?;
        let membership = org_id.parse().map(|org| (org, organizations_manage));
        (format!("organization:{org_id}"), membership.into_iter().collect())
    };
    let user_id: UserId = user_id.parse().ok()?;
    Some(Caller { user_id, impersonator: None, memberships })
}

fn part<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.get(name).filter(|part| !part.is_null())
}

fn in_one() -> Source {
    Source::One { at: Path::new(&["user_in_org"]), id: Path::new(&["org_id"]), roles: Roles::PropelAuth }
}

fn in_all() -> Source {
    let at = Path::new(&["org_id_to_org_info"]);
    Source::Map { at, id: Some(Path::new(&["org_id"])), roles: Roles::PropelAuth }
}

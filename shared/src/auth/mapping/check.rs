//! At start, rejects mappings that no token can satisfy. Otherwise every caller would be rejected later.

use super::{Mapping, Path, Roles, Source};

/// Registered claims that are numbers (RFC 7519, section 4.1).
const NUMBERS: [&str; 3] = ["exp", "iat", "nbf"];
/// The claim that contains the issuer.
const ISSUER: &str = "iss";

impl Mapping {
    /// Checks that a token of `issuer` can satisfy this mapping. Unless `is_one_organization` is true, the mapping must
    /// have a source of organizations.
    ///
    /// # Errors
    /// No token can satisfy the mapping. The error contains the reason, as a sentence that begins with the name of the
    /// faulty field.
    pub fn check(&self, issuer: &str, is_one_organization: bool) -> Result<(), String> {
        is_text("user", &self.user)?;
        is_text("impersonator", &self.impersonator)?;
        self.check_requirements(issuer)?;
        if self.organizations.is_empty() && !is_one_organization {
            return Err("organizations is empty; expected at least one source".to_owned());
        }
        let impersonator = ("impersonator".to_owned(), &self.impersonator);
        // The paths that must lead to a string in every token.
        let mut texts = vec![("user".to_owned(), &self.user)];
        texts.extend(
            self.require.iter().enumerate().map(|(i, required)| (format!("require[{i}].at"), &required.at)),
        );
        let all = || texts.iter().chain([&impersonator]);
        for (name, path) in all() {
            if let Some((other, _)) = all().find(|(_, text)| path.is_inside(text)) {
                return Err(format!("{name} is inside {other}, which is a string"));
            }
        }
        for (index, source) in self.organizations.iter().enumerate() {
            let name = format!("organizations[{index}]");
            source.check().map_err(|rule| format!("{name}{rule}"))?;
            for (text_name, text) in &texts {
                source
                    .check_together_with(text)
                    .map_err(|rule| format!("{name}{rule} {text_name}, which is a string"))?;
            }
            let mut earlier = self.organizations.iter().take(index).enumerate();
            if let Some((other, _)) = earlier.find(|(_, earlier)| earlier.hides(source)) {
                return Err(format!(
                    "{name} is never used, because organizations[{other}] reads the same claim or a claim that \
                     contains it, and comes first"
                ));
            }
        }
        Ok(())
    }

    /// Checks that a condition distinguishes between the tokens that satisfy this mapping: some of these tokens meet
    /// the condition, and others do not. A condition requires a certain string (`is`) at a path (`at`).
    ///
    /// # Errors
    /// All of these tokens meet the condition, or none of them does. The error contains the reason, as the rest of a
    /// sentence about the condition.
    pub fn check_condition(&self, at: &Path, is: &str) -> Result<(), String> {
        if at.is_inside(&self.user) {
            return Err("is inside the user id, which is a string".to_owned());
        }
        for (index, required) in self.require.iter().enumerate() {
            if at.is_inside(&required.at) || (*at == required.at && is != required.is) {
                return Err(format!("can never be met together with require[{index}]"));
            }
            if *at == required.at {
                return Err(format!("is met by every token, because require[{index}] already requires it"));
            }
        }
        Ok(())
    }

    fn check_requirements(&self, issuer: &str) -> Result<(), String> {
        for (index, required) in self.require.iter().enumerate() {
            let name = format!("require[{index}]");
            is_text(&format!("{name}.at"), &required.at)?;
            if required.at == Path::new(&[ISSUER]) && required.is != issuer {
                return Err(format!("{name} can never be met, because iss is always AUTH_ISSUER"));
            }
            let mut earlier = self.require.iter().take(index).enumerate();
            if let Some((other, _)) =
                earlier.find(|(_, other)| other.at == required.at && other.is != required.is)
            {
                return Err(format!("{name} and require[{other}] can never be met together"));
            }
        }
        Ok(())
    }
}

/// Checks that the value at a path can be a string.
fn is_text(name: &str, path: &Path) -> Result<(), String> {
    match path.0.as_slice() {
        [] => Err(format!("{name} is an empty path; expected the name of a claim")),
        [first, ..] if NUMBERS.contains(&first.as_str()) => {
            Err(format!("{name} reads {first}, which is a number"))
        }
        [first, _, ..] if first == ISSUER => Err(format!("{name} is inside iss, which is a string")),
        _ => Ok(()),
    }
}

impl Path {
    /// Returns whether the path leads into the value at `outer`.
    fn is_inside(&self, outer: &Self) -> bool {
        self.0.len() > outer.0.len() && self.0.starts_with(&outer.0)
    }

    fn then(&self, inner: &Self) -> Self {
        Self([self.0.as_slice(), inner.0.as_slice()].concat())
    }
}

impl Source {
    /// Checks that a token can satisfy this source, regardless of the rest of the mapping. The error is the rest of a
    /// sentence that begins with the source's name.
    fn check(&self) -> Result<(), String> {
        let full = |inner: &Path| self.at().then(inner);
        match self {
            Self::One { at, id, roles, .. } => {
                if id.0.is_empty() {
                    return Err(".id is an empty path; expected the name of a claim".to_owned());
                }
                if !at.0.is_empty() {
                    is_text(".at", at)?;
                    is_container(at)?;
                }
                is_text(".id", &full(id))?;
                roles.check(|role| is_text("", &full(role)).is_ok() && !role.is_inside(id))
            }
            Self::Map { at, id, roles, .. } => {
                is_text(".at", at)?;
                is_container(at)?;
                if id.as_ref().is_some_and(|id| id.0.is_empty()) {
                    return Err(".id is an empty path; expected the name of an entry's member".to_owned());
                }
                roles.check(|role| id.as_ref().is_none_or(|id| !role.is_inside(id)))
            }
            Self::Strings { at, .. } => {
                is_text(".at", at)?;
                is_container(at)
            }
        }
    }

    /// Checks that one token can both satisfy this source and contain a string at the path `text`. The error is the
    /// rest of a sentence that begins with the source's name.
    fn check_together_with(&self, text: &Path) -> Result<(), &'static str> {
        let at = self.at();
        if !at.0.is_empty() && (at == text || at.is_inside(text)) {
            return Err(".at overlaps with");
        }
        match self {
            Self::One { id, .. } if at.then(id).is_inside(text) => Err(".id is inside"),
            Self::One { id, .. } if text.is_inside(&at.then(id)) => {
                Err(".id is a string, and cannot contain")
            }
            Self::Map { .. } if text.is_inside(at) && text.0.len() == at.0.len() + 1 => {
                Err(".at contains only objects, and cannot contain")
            }
            Self::Strings { .. } if text.is_inside(at) => Err(".at is an array, and cannot contain"),
            _ => Ok(()),
        }
    }

    /// Returns true if `later` is never used, because this source already applies to every token that `later` applies
    /// to.
    fn hides(&self, later: &Self) -> bool {
        if self.at() != later.at() {
            return later.claim().0.starts_with(&self.claim().0);
        }
        match (self, later) {
            // If `other` is inside `id`, the value at `id` is not a string. The earlier source is used nevertheless, so
            // the token is rejected.
            (Self::One { id, .. }, Self::One { id: other, .. }) => other.0.starts_with(&id.0),
            (Self::Map { .. }, Self::One { .. } | Self::Map { .. }) => true,
            (Self::Strings { .. }, Self::Strings { .. }) => true,
            _ => false,
        }
    }

    /// Returns the claim that must be present for this source.
    fn claim(&self) -> &Path {
        match self {
            Self::One { at, id, .. } if at.0.is_empty() => id,
            source => source.at(),
        }
    }
}

fn is_container(at: &Path) -> Result<(), String> {
    if *at == Path::new(&[ISSUER]) { Err(".at reads iss, which is a string".to_owned()) } else { Ok(()) }
}

impl Roles {
    fn check(&self, can_be_met: impl Fn(&Path) -> bool) -> Result<(), String> {
        let Self::At(paths) = self else { return Ok(()) };
        match paths.iter().position(|path| path.0.is_empty() || !can_be_met(path)) {
            Some(index) => Err(format!(".roles[{index}] can never contain a role")),
            None => Ok(()),
        }
    }
}

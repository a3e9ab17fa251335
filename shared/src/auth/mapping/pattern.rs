use serde::Deserialize;

/// A pattern that contains `{org}` and, optionally, `{role}`.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern {
    before: String,
    between: Option<String>,
    after: String,
    /// Whether the role comes before the organization.
    role_first: bool,
}

impl TryFrom<String> for Pattern {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const ORG: &str = "{org}";
        const ROLE: &str = "{role}";
        let rule = "a pattern must contain {org} once and {role} at most once, with text between the two";
        if text.matches(ORG).count() != 1 || text.matches(ROLE).count() > 1 {
            return Err(rule);
        }
        let (before, after) = text.split_once(ORG).ok_or(rule)?;
        let (before, between, after, role_first) = if let Some((start, between)) = before.split_once(ROLE) {
            (start, Some(between), after, true)
        } else if let Some((between, end)) = after.split_once(ROLE) {
            (before, Some(between), end, false)
        } else {
            (before, None, after, false)
        };
        if between == Some("") {
            return Err(rule);
        }
        let (before, between, after) = (before.to_owned(), between.map(str::to_owned), after.to_owned());
        Ok(Self { before, between, after, role_first })
    }
}

impl Pattern {
    /// The pattern `{org}`.
    pub fn organization() -> Self {
        Self { before: String::new(), between: None, after: String::new(), role_first: false }
    }

    /// The pattern `{org}:{role}`.
    pub fn organization_and_role() -> Self {
        Self { between: Some(":".to_owned()), ..Self::organization() }
    }

    /// Returns the organization and the role in a string, or `None` if the string does not match or is ambiguous.
    pub fn read<'a>(&self, text: &'a str) -> Option<(&'a str, Option<&'a str>)> {
        let inner = text.strip_prefix(self.before.as_str())?.strip_suffix(self.after.as_str())?;
        let Some(between) = &self.between else { return Some((inner, None)) };
        let (first, second) = inner.split_once(between.as_str())?;
        if second.contains(between.as_str()) {
            return None;
        }
        Some(if self.role_first { (second, Some(first)) } else { (first, Some(second)) })
    }
}

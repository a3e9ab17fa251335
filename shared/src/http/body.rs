use crate::error::{ApiError, Fault};
use crate::json::Unique;
use crate::model::Invalid;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The largest body, in bytes, that any route reads.
const LARGEST: usize = 16_384;
/// More faults than these help nobody, and would make an answer ten times as large as its question.
const MOST_FAULTS: usize = 100;

/// The members of a JSON body, taken one by one. What is left over in the end is unknown.
#[derive(Debug)]
pub struct Fields {
    members: Map<String, Value>,
    faults: Vec<Fault>,
}

impl Fields {
    pub(super) fn read(content_type: Option<&str>, body: &str, is_base64: bool) -> Result<Self, ApiError> {
        if !content_type.is_some_and(is_json) {
            return Err(ApiError::UnsupportedMediaType);
        }
        let bytes = if is_base64 {
            if body.len() > LARGEST.div_ceil(3) * 4 {
                return Err(ApiError::PayloadTooLarge);
            }
            Cow::Owned(BASE64_STANDARD.decode(body).map_err(|_| malformed("The body is not readable."))?)
        } else {
            Cow::Borrowed(body.as_bytes())
        };
        if bytes.len() > LARGEST {
            return Err(ApiError::PayloadTooLarge);
        }
        let text = str::from_utf8(&bytes).map_err(|_| malformed("The body is not UTF-8."))?;
        let Unique(value) = serde_json::from_str(text).map_err(|fault| malformed(&not_json(&fault)))?;
        let Value::Object(members) = value else {
            let object = Invalid::new("wrong_type", "the body is a JSON object");
            return Err(ApiError::ValidationFailed(vec![Fault::new("", object)]));
        };
        Ok(Self { members, faults: Vec::new() })
    }

    /// Takes the member `name`, which must be there. `None` where it breaks a rule, which comes to light in
    /// [`Fields::finish`].
    pub fn required<T>(&mut self, name: &str, parse: impl FnOnce(Value) -> Result<T, Invalid>) -> Option<T> {
        let missing = || Invalid::new("missing", "this field is required");
        let parsed = self.members.remove(name).ok_or_else(missing).and_then(parse);
        parsed.map_err(|invalid| self.faults.push(Fault::new(pointer(name), invalid))).ok()
    }

    /// Ends the reading with what was read: `None` only where a member broke a rule.
    ///
    /// # Errors
    /// Each member that is missing, breaks a rule, or was never taken; the first hundred.
    pub fn finish<T>(mut self, read: Option<T>) -> Result<T, ApiError> {
        let unknown = || Invalid::new("unknown_field", "this route has no such field");
        self.faults.extend(self.members.into_iter().map(|(name, _)| Fault::new(pointer(&name), unknown())));
        self.faults.truncate(MOST_FAULTS);
        match read {
            Some(read) if self.faults.is_empty() => Ok(read),
            _ => Err(ApiError::ValidationFailed(self.faults)),
        }
    }
}

/// Reads a member that is a string, further by `parse`.
pub fn string<T>(
    parse: impl FnOnce(String) -> Result<T, Invalid>,
) -> impl FnOnce(Value) -> Result<T, Invalid> {
    |value| match value {
        Value::String(text) => parse(text),
        _ => Err(Invalid::new("wrong_type", "this field is a string")),
    }
}

/// RFC 6901, section 3.
fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn malformed(sentence: &str) -> ApiError {
    ApiError::MalformedBody(sentence.to_owned())
}

/// Where the text stops being JSON, and of which kind the fault is; never a piece of the text itself.
fn not_json(fault: &serde_json::Error) -> String {
    let kind = match fault.classify() {
        serde_json::error::Category::Eof => "The body ends in the middle of its JSON",
        serde_json::error::Category::Data => "The body names a member of an object twice",
        _ => "The body is not JSON",
    };
    format!("{kind} (line {}, column {}).", fault.line(), fault.column())
}

/// `application/json` or any `application/…+json` (RFC 6839), in UTF-8 if a charset is named at all.
fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(|part| part.trim().to_ascii_lowercase());
    let media_type = parts.next().unwrap_or_default();
    let suffixed = media_type.strip_prefix("application/").is_some_and(|subtype| subtype.ends_with("+json"));
    let in_utf_8 = |parameter: String| {
        let charset = parameter.strip_prefix("charset=").map(|charset| charset.trim_matches('"').to_owned());
        charset.is_none_or(|charset| charset == "utf-8")
    };
    (media_type == "application/json" || suffixed) && parts.all(in_utf_8)
}

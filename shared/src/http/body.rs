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
        let bytes = bytes(body, is_base64)?;
        if bytes.is_empty() {
            return Err(malformed("The body is empty, and is to be a JSON object."));
        }
        let text = str::from_utf8(&bytes).map_err(|_| malformed("The body is not UTF-8."))?;
        let Unique(value) = serde_json::from_str(text).map_err(|fault| malformed(&not_json(&fault)))?;
        let Value::Object(members) = value else {
            let object = Invalid::new("wrong_type", "the body is a JSON object");
            return Err(ApiError::ValidationFailed(vec![Fault::new("", object)]));
        };
        Ok(Self { members, faults: Vec::new() })
    }

    /// Holds it a fault if the member `name` is not there.
    pub fn require(&mut self, name: &str) {
        if !self.members.contains_key(name) {
            self.fault(pointer(name), Invalid::new("missing", "this field is required"));
        }
    }

    /// Holds it a fault, which `rule` names, if the member `name` is there.
    pub fn refuse(&mut self, name: &str, rule: &'static str) {
        if self.members.remove(name).is_some() {
            self.fault(pointer(name), Invalid::new("immutable", rule));
        }
    }

    /// Takes the member `name`, as `parse` reads it. `None` where it is not there or breaks a rule, which comes to light
    /// in [`Fields::finish`].
    pub fn take<T>(&mut self, name: &str, parse: impl FnOnce(Value) -> Result<T, Invalid>) -> Option<T> {
        let parsed = parse(self.members.remove(name)?);
        parsed.map_err(|invalid| self.fault(pointer(name), invalid)).ok()
    }

    /// Takes the member `name`, an array of at most `most` strings, each as `parse` reads it; null is an empty one.
    pub fn take_all<T, C: FromIterator<T>>(
        &mut self,
        name: &str,
        most: usize,
        parse: impl Fn(String) -> Result<T, Invalid>,
    ) -> Option<C> {
        let elements = self.take(name, |value| match value {
            Value::Array(elements) if elements.len() <= most => Ok(elements),
            Value::Array(_) => {
                Err(Invalid::new("too_many", format!("this field has at most {most} elements")))
            }
            Value::Null => Ok(Vec::new()),
            _ => Err(Invalid::new("wrong_type", "this field is an array of strings")),
        })?;
        let parsed = elements.into_iter().enumerate().map(|(index, element)| {
            let place = format!("{}/{index}", pointer(name));
            string(&parse)(element).map_err(|invalid| self.fault(place, invalid)).ok()
        });
        // All of them are read before the first fault ends it, so that each is told.
        parsed.collect::<Vec<_>>().into_iter().collect()
    }

    fn fault(&mut self, pointer: String, invalid: Invalid) {
        self.faults.push(Fault::new(pointer, invalid));
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

/// The body to the byte, as it was sent.
pub(super) fn bytes(body: &str, is_base64: bool) -> Result<Cow<'_, [u8]>, ApiError> {
    let bytes = if is_base64 {
        if body.len() > LARGEST.div_ceil(3) * 4 {
            return Err(ApiError::PayloadTooLarge);
        }
        Cow::Owned(BASE64_STANDARD.decode(body).map_err(|_| malformed("The body is not readable."))?)
    } else {
        Cow::Borrowed(body.as_bytes())
    };
    if bytes.len() > LARGEST { Err(ApiError::PayloadTooLarge) } else { Ok(bytes) }
}

/// Reads a member that may also be null, which is `None`.
pub fn nullable<T>(
    parse: impl FnOnce(Value) -> Result<T, Invalid>,
) -> impl FnOnce(Value) -> Result<Option<T>, Invalid> {
    |value| if value.is_null() { Ok(None) } else { parse(value).map(Some) }
}

/// Reads a member that is true or false.
pub fn boolean(value: Value) -> Result<bool, Invalid> {
    value.as_bool().ok_or_else(|| Invalid::new("wrong_type", "this field is true or false"))
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

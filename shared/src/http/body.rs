use crate::error::{ApiError, Fault};
use crate::json::Unique;
use crate::model::Invalid;
use serde_json::{Map, Value};

/// The largest body, in bytes, that any route reads.
const MAX_BYTES: usize = 16_384;
/// More faults than these help no reader, and would make a response ten times as large as its request.
const MAX_FAULTS: usize = 100;

/// The members of a JSON body, taken one by one. Members that are never taken are unknown fields.
#[derive(Debug)]
pub struct Fields {
    members: Map<String, Value>,
    faults: Vec<Fault>,
}

impl Fields {
    pub(super) fn read(content_type: Option<&str>, body: &[u8]) -> Result<Self, ApiError> {
        if !content_type.is_some_and(is_json) {
            return Err(ApiError::UnsupportedMediaType);
        }
        let bytes = bytes(body)?;
        if bytes.is_empty() {
            return Err(malformed("The body is empty; expected a JSON object."));
        }
        let text = str::from_utf8(bytes).map_err(|_| malformed("The body is not UTF-8."))?;
        let Unique(value) = serde_json::from_str(text).map_err(|fault| malformed(&not_json(&fault)))?;
        let Value::Object(members) = value else {
            let object = Invalid::new("wrong_type", "the body is a JSON object");
            return Err(ApiError::ValidationFailed(vec![Fault::new("", object)]));
        };
        Ok(Self { members, faults: Vec::new() })
    }

    /// Reports a fault if the member `name` is missing.
    pub fn require(&mut self, name: &str) {
        if !self.members.contains_key(name) {
            self.fault(pointer(name), Invalid::new("missing", "this field is required"));
        }
    }

    /// Reports `rule` as a fault if the member `name` was sent.
    pub fn refuse(&mut self, name: &str, rule: &'static str) {
        if self.members.remove(name).is_some() {
            self.fault(pointer(name), Invalid::new("immutable", rule));
        }
    }

    /// Takes the member `name`, parsed by `parse`. `None` if it is missing or breaks a rule, which [`Fields::finish`]
    /// reports.
    pub fn take<T>(&mut self, name: &str, parse: impl FnOnce(Value) -> Result<T, Invalid>) -> Option<T> {
        let parsed = parse(self.members.remove(name)?);
        parsed.map_err(|invalid| self.fault(pointer(name), invalid)).ok()
    }

    /// Takes the member `name`, an array of at most `max` strings, each parsed by `parse`. Null is an empty array.
    pub fn take_all<T, C: FromIterator<T>>(
        &mut self,
        name: &str,
        max: usize,
        parse: impl Fn(String) -> Result<T, Invalid>,
    ) -> Option<C> {
        let elements = self.take(name, |value| match value {
            Value::Array(elements) if elements.len() <= max => Ok(elements),
            Value::Array(_) => {
                Err(Invalid::new("too_many", format!("this field has at most {max} elements")))
            }
            Value::Null => Ok(Vec::new()),
            _ => Err(Invalid::new("wrong_type", "this field is an array of strings")),
        })?;
        let parsed = elements.into_iter().enumerate().map(|(index, element)| {
            let place = format!("{}/{index}", pointer(name));
            string(&parse)(element).map_err(|invalid| self.fault(place, invalid)).ok()
        });
        // Collecting into a `Result` at once would stop at the first fault; each is reported.
        parsed.collect::<Vec<_>>().into_iter().collect()
    }

    fn fault(&mut self, pointer: String, invalid: Invalid) {
        self.faults.push(Fault::new(pointer, invalid));
    }

    /// Returns `read` if no member is at fault. `read` is `None` only if a member broke a rule.
    ///
    /// # Errors
    /// Each member that is missing, breaks a rule, or was never taken; at most a hundred.
    pub fn finish<T>(mut self, read: Option<T>) -> Result<T, ApiError> {
        let unknown = || Invalid::new("unknown_field", "this route has no such field");
        self.faults.extend(self.members.into_iter().map(|(name, _)| Fault::new(pointer(&name), unknown())));
        self.faults.truncate(MAX_FAULTS);
        match read {
            Some(read) if self.faults.is_empty() => Ok(read),
            _ => Err(ApiError::ValidationFailed(self.faults)),
        }
    }
}

/// The body, if it is not larger than any route reads.
pub(super) fn bytes(body: &[u8]) -> Result<&[u8], ApiError> {
    if body.len() > MAX_BYTES { Err(ApiError::PayloadTooLarge) } else { Ok(body) }
}

/// Parses a member that may be null, which is `None`.
pub fn nullable<T>(
    parse: impl FnOnce(Value) -> Result<T, Invalid>,
) -> impl FnOnce(Value) -> Result<Option<T>, Invalid> {
    |value| if value.is_null() { Ok(None) } else { parse(value).map(Some) }
}

/// Parses a member that is true or false.
pub fn boolean(value: Value) -> Result<bool, Invalid> {
    value.as_bool().ok_or_else(|| Invalid::new("wrong_type", "this field is true or false"))
}

/// Parses a member that is a string, with `parse`.
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

/// Says where the text stops being JSON, and why. It never quotes the text.
fn not_json(fault: &serde_json::Error) -> String {
    let kind = match fault.classify() {
        serde_json::error::Category::Eof => "The body ends in the middle of its JSON",
        serde_json::error::Category::Data => "The body names a member of an object twice",
        _ => "The body is not JSON",
    };
    format!("{kind} (line {}, column {}).", fault.line(), fault.column())
}

/// Whether a media type is `application/json` or `application/…+json` (RFC 6839), in UTF-8 if it names a charset.
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

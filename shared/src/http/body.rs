use crate::error::{ApiError, Fault};
use crate::http::values::Values;
use crate::json::Unique;
use crate::model::Invalid;
use serde_json::Value;

/// The maximum size of a request body, in bytes.
const MAX_BYTES: usize = 16_384;

/// The maximum size of a file in a request body, in bytes. Lambda accepts events of up to six megabytes, and
/// API Gateway puts a file into an event in base64.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_FILE_BYTES: usize = 4_000_000;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The fields of a JSON body. A handler takes the fields that it knows; the rest are reported as unknown.
#[derive(Debug)]
pub struct Fields(Values<Value>);

impl Fields {
    pub(super) fn read(content_type: Option<&str>, body: &[u8]) -> Result<Self, ApiError> {
        let content_type = content_type.map(str::trim).filter(|text| !text.is_empty());
        if content_type.is_some_and(|content_type| !is_json(content_type)) {
            return Err(ApiError::UnsupportedMediaType);
        }
        let bytes = bytes(body)?;
        // RFC 8259 (section 8.1) allows a parser to ignore a byte order mark.
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        if bytes.trim_ascii().is_empty() {
            return Err(malformed("The body is empty; expected a JSON object."));
        }
        let parsed = str::from_utf8(bytes)
            .map_err(|_| malformed("The body is not UTF-8."))
            .and_then(|text| serde_json::from_str(text).map_err(|fault| malformed(&not_json(&fault))));
        // If there is no content type and the body is not JSON, the client probably sent another media type.
        let undeclared = |fault| if content_type.is_none() { ApiError::UnsupportedMediaType } else { fault };
        let Unique(value) = parsed.map_err(undeclared)?;
        let Value::Object(members) = value else {
            let object = Invalid::new("wrong_type", "the body must be a JSON object");
            return Err(ApiError::ValidationFailed(vec![Fault::new("", object)]));
        };
        Ok(Self(Values::new(members.into_iter().collect(), pointer)))
    }

    /// Reports a fault if the field `name` is missing.
    pub fn require(&mut self, name: &str) {
        if !self.0.has(name) {
            self.0.report(name, Invalid::new("missing", "this field is required"));
        }
    }

    /// If the field `name` was sent, reports a fault with the message `rule`.
    pub fn refuse(&mut self, name: &str, rule: &'static str) {
        if self.0.remove(name) {
            self.0.report(name, Invalid::new("immutable", rule));
        }
    }

    /// Takes the field `name` and parses it. Returns `None` if the field is missing or breaks a rule;
    /// [`Fields::finish`] reports broken rules.
    pub fn take<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(Value) -> Result<T, Invalid>,
    ) -> Option<T> {
        self.0.take(name, parse)
    }

    /// Takes the field `name`, an array of at most `max` strings, and parses each of them. Null is treated as an
    /// empty array.
    pub fn take_all<T, C: FromIterator<T>>(
        &mut self,
        name: &'static str,
        max: usize,
        parse: impl Fn(String) -> Result<T, Invalid>,
    ) -> Option<C> {
        let elements = self.take(name, |value| match value {
            Value::Array(elements) if elements.len() <= max => Ok(elements),
            Value::Array(_) => {
                Err(Invalid::new("too_many", format!("this field must have at most {max} elements")))
            }
            Value::Null => Ok(Vec::new()),
            _ => Err(Invalid::new("wrong_type", "this field must be an array of strings")),
        })?;
        let parsed = elements.into_iter().enumerate().map(|(index, element)| {
            string(&parse)(element).map_err(|invalid| self.0.report_element(name, index, invalid)).ok()
        });
        // Collecting directly into an `Option` would stop at the first fault.
        parsed.collect::<Vec<_>>().into_iter().collect()
    }

    /// Reports a fault in the field `name`, which the caller has already taken out of the body.
    pub fn report(&mut self, name: &str, invalid: Invalid) {
        self.0.report(name, invalid);
    }

    /// Returns whether any fault has been found, or any field has not been taken.
    pub fn is_faulty(&self) -> bool {
        self.0.is_faulty()
    }

    /// Returns `read`, the parsed value, if there are no faults. `read` can be `None` only if a field of the body
    /// broke a rule.
    ///
    /// # Errors
    /// One fault for each field that is missing, breaks a rule or was not taken; at most a hundred faults.
    pub fn finish<T>(self, read: Option<T>) -> Result<T, ApiError> {
        let faults =
            self.0.finish(|suggestion| Invalid::new("unknown_field", format!("unknown field{suggestion}")));
        match read {
            Some(read) if faults.is_empty() => Ok(read),
            _ => Err(ApiError::ValidationFailed(faults)),
        }
    }
}

/// Returns the body, unless it is too large.
pub(super) fn bytes(body: &[u8]) -> Result<&[u8], ApiError> {
    if body.len() > MAX_BYTES { Err(ApiError::PayloadTooLarge) } else { Ok(body) }
}

/// Returns the body, a file of any media type, unless it is too large.
pub(super) fn file(body: &[u8]) -> Result<&[u8], ApiError> {
    if body.len() > MAX_FILE_BYTES { Err(ApiError::FileTooLarge) } else { Ok(body) }
}

/// Parses a field that can be null. Null becomes `None`.
pub fn nullable<T>(
    parse: impl FnOnce(Value) -> Result<T, Invalid>,
) -> impl FnOnce(Value) -> Result<Option<T>, Invalid> {
    |value| if value.is_null() { Ok(None) } else { parse(value).map(Some) }
}

/// Parses a field that is true or false.
pub fn boolean(value: Value) -> Result<bool, Invalid> {
    value.as_bool().ok_or_else(|| Invalid::new("wrong_type", "this field must be true or false"))
}

/// Uses `parse` to parse a field that is a string.
pub fn string<T>(
    parse: impl FnOnce(String) -> Result<T, Invalid>,
) -> impl FnOnce(Value) -> Result<T, Invalid> {
    |value| match value {
        Value::String(text) => parse(text),
        _ => Err(Invalid::new("wrong_type", "this field must be a string")),
    }
}

/// Returns the JSON Pointer to a field, with the name escaped (RFC 6901, section 3).
fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn malformed(sentence: &str) -> ApiError {
    ApiError::MalformedBody(sentence.to_owned())
}

/// Describes where and why the text is not valid JSON, without quoting the text.
fn not_json(fault: &serde_json::Error) -> String {
    let kind = match fault.classify() {
        serde_json::error::Category::Eof => "The JSON in the body is incomplete",
        serde_json::error::Category::Data => "The JSON in the body has a duplicate member name",
        _ => "The body is not valid JSON",
    };
    format!("{kind} (line {}, column {}).", fault.line(), fault.column())
}

/// Returns whether a content type is JSON: `application/json`, `text/json` or `application/…+json` (RFC 6839), with UTF-8
/// or ASCII as its charset, if any.
fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(|part| part.trim().to_ascii_lowercase());
    let media_type = parts.next().unwrap_or_default();
    let suffixed = media_type.strip_prefix("application/").is_some_and(|subtype| subtype.ends_with("+json"));
    let in_utf_8 = |parameter: String| {
        let value = parameter.split_once('=').filter(|(name, _)| name.trim() == "charset");
        let charset = value.map(|(_, charset)| charset.trim().trim_matches(['"', '\'']));
        charset.is_none_or(|charset| ["utf-8", "utf8", "us-ascii", "ascii"].contains(&charset))
    };
    (["application/json", "text/json"].contains(&media_type.as_str()) || suffixed) && parts.all(in_utf_8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_in_utf_8_is_read_however_it_is_declared() {
        for content_type in [
            None,
            Some(""),
            Some(" "),
            Some("application/json"),
            Some("application/json;"),
            Some("Application/JSON; Charset=UTF-8"),
            Some("application/json; charset=utf8"),
            Some("application/json;charset=\"UTF8\""),
            Some("application/json; charset='utf-8'"),
            Some("application/json; charset = utf-8"),
            Some("application/json; charset=us-ascii"),
            Some("application/json; charset=ascii"),
            Some("application/json; version=1"),
            Some("application/merge-patch+json"),
            Some("text/json"),
        ] {
            for body in ["{\"a\": 1}", "\u{feff}{\"a\": 1}", " \r\n{\"a\": 1}\n"] {
                assert!(Fields::read(content_type, body.as_bytes()).is_ok(), "{content_type:?} {body:?}");
            }
        }
    }

    #[test]
    fn another_type_is_refused_and_so_is_a_body_that_neither_says_nor_shows_that_it_is_json() {
        let code = |content_type: Option<&str>, body: &[u8]| {
            Fields::read(content_type, body).map(|_| ()).map_err(|error| error.code())
        };
        for content_type in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json; charset=utf-16",
            "application/json; charset=iso-8859-1",
            "application/jsonp",
            "json",
        ] {
            assert_eq!(code(Some(content_type), b"{}"), Err("unsupported_media_type"), "{content_type}");
        }
        for body in [&b"url=https://example.com/"[..], b"{", b"<a/>", b"\xff\xfe{\0}\0", b"{}{}"] {
            assert_eq!(code(None, body), Err("unsupported_media_type"));
            assert_eq!(code(Some("application/json"), body), Err("malformed_body"));
        }
        for body in [&b""[..], BYTE_ORDER_MARK, b" \r\n", b"\xef\xbb\xbf\n"] {
            for content_type in [None, Some("application/json")] {
                let error = Fields::read(content_type, body).unwrap_err();
                assert_eq!(error.detail(), "The body is empty; expected a JSON object.", "{body:?}");
            }
        }
        assert_eq!(code(None, b"[]"), Err("validation_failed"));
    }

    #[test]
    fn an_unknown_field_is_explained_by_the_absent_one_that_was_meant() {
        let messages = |body: &str| {
            let mut fields = Fields::read(None, body.as_bytes()).unwrap();
            fields.refuse("org_id", "this cannot change");
            for name in ["url", "id", "title"] {
                fields.take(name, string(Ok));
            }
            let error = fields.finish(Some(())).unwrap_err();
            error.faults().iter().map(|fault| fault.message.clone()).collect::<Vec<_>>()
        };
        let plain = "unknown field";
        assert_eq!(
            messages(r#"{"long_url": "a", "slug": "b"}"#),
            [format!("{plain}; did you mean 'url'?"), format!("{plain}; did you mean 'id'?")]
        );
        assert_eq!(messages(r#"{"url": "a", "long_url": "a"}"#), [plain], "the body has the field 'url' too");
        assert_eq!(messages(r#"{"orgid": "a"}"#), [plain], "the field 'org_id' would be rejected too");
        assert_eq!(messages(r#"{"ttile": "a"}"#), [format!("{plain}; did you mean 'title'?")]);
    }
}

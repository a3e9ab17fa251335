//! The values of table cells and of the members of JSON objects.

use super::Row;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A value that is not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell<'a> {
    /// A text, or a number or boolean as it is written in the file.
    Text(Cow<'a, str>),
    /// A list of texts.
    List(Vec<String>),
    /// An object, or an unreadable list or text.
    Other,
}

impl<'a> Cell<'a> {
    /// Reads the cell of a table. If it begins with one or more `'` and then `=`, `+`, `-`, `@`, a tab or a carriage
    /// return, the first `'` is removed. That `'` only keeps spreadsheets from reading the cell as a formula.
    ///
    /// Returns `None` if the cell is blank.
    pub(super) fn from_table(text: &'a str) -> Option<Self> {
        let guarded = text
            .strip_prefix('\'')
            .filter(|rest| rest.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']));
        Self::from_text(guarded.unwrap_or(text).into())
    }

    /// Reads the value of a JSON object's member. Returns `None` if the value is null, or a blank text.
    pub(super) fn from_json(value: &'a RawValue) -> Option<Self> {
        match value.get().as_bytes().first() {
            Some(b'n') => None,
            Some(b'{') => Some(Self::Other),
            Some(b'[') => Some(elements(value).map_or(Self::Other, Self::List)),
            _ => match text(value) {
                Some(text) => Self::from_text(text),
                None => Some(Self::Other),
            },
        }
    }

    fn from_text(text: Cow<'a, str>) -> Option<Self> {
        (!text.trim().is_empty()).then_some(Self::Text(text))
    }
}

/// A JSON string that borrows from the file if the string has no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The name of a tag that is an object.
#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

/// Returns the text of a string, number or boolean. A string with half of a surrogate pair has no text.
fn text(value: &RawValue) -> Option<Cow<'_, str>> {
    match value.get().as_bytes().first() {
        Some(b'"') => serde_json::from_str(value.get()).ok().map(|Text(text)| text),
        Some(b'{' | b'[' | b'n') => None,
        _ => Some(value.get().into()),
    }
}

/// Returns the texts of a list. The text of an object is its member `name`. Nulls are skipped. Returns `None` if any
/// other element has no text.
fn elements(list: &RawValue) -> Option<Vec<String>> {
    let elements: Vec<&RawValue> = serde_json::from_str(list.get()).ok()?;
    let name = |element: &RawValue| match element.get().as_bytes().first() {
        Some(b'{') => serde_json::from_str::<Named>(element.get()).ok().map(|named| named.name.into_owned()),
        _ => text(element).map(Cow::into_owned),
    };
    let not_null = elements.into_iter().filter(|element| element.get() != "null");
    not_null.take(Row::MAX_TAGS).map(name).collect()
}

/// Splits a text with several tags, at `,` and `|`.
pub(super) fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '|']).map(str::trim).filter(|part| !part.is_empty())
}

/// Parses a boolean, written in English or in another language that spreadsheets use.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "true" | "yes" | "y" | "on" | "1" | "wahr" | "ja" | "vrai" | "oui" | "verdadero" | "sí" | "vero"
        | "sì" | "verdadeiro" | "sim" | "waar" => Some(true),
        "false" | "no" | "n" | "off" | "0" | "falsch" | "nein" | "faux" | "non" | "falso" | "não"
        | "onwaar" | "nee" => Some(false),
        _ => None,
    }
}

//! Reads JSON: a list of objects, an object that contains such a list, or one object for each line.

use super::column::{Names, quote};
use super::values::{Members, Object};
use super::{File, MAX_ROWS, Row, Source, Unreadable};
use serde::de::Deserializer;
use serde_json::value::RawValue;
use shared::model::Invalid;

/// How many objects are read to recognize the source. One would be enough if all objects of an export had the same
/// members.
const SAMPLE: usize = 20;

/// Reads a document. The number of a row is its position, or its line if each line is an object.
pub(super) fn read(text: &str, source: Option<Source>) -> Result<File, Unreadable> {
    let mut names = Names::new();
    let rows = match lines(text) {
        Some(lines) => lines,
        None => elements(text, &mut names)?,
    };
    if rows.len() > MAX_ROWS {
        return Err(Unreadable::TooManyRows);
    }
    let objects = || rows.iter().filter_map(|(_, text)| Object::parse(text)).take(SAMPLE);
    names.extend(objects().flat_map(|object| object.names));
    let found = || {
        let members = rows.iter().find_map(|(_, text)| member_names(text)).unwrap_or_default();
        quote("The JSON has", "member", members.iter().map(String::as_str))
    };
    let source = match source {
        _ if rows.is_empty() => return Err(Unreadable::NoRows),
        // If the request names the source, an object may lack any member, even the destination.
        Some(source) if source.can_have(&names) => source,
        Some(source) => return Err(Unreadable::NotFrom { source, found: found() }),
        None => {
            Source::recognize(&names).map_err(|like| Unreadable::Unrecognized { found: found(), like })?
        }
    };
    let rows = rows.into_iter().map(|(number, text)| row(number, text, source)).collect();
    Ok(File { source, rows, ignored: Vec::new() })
}

fn row(number: u64, text: &str, source: Source) -> Row {
    match Object::parse(text) {
        Some(object) => source.layout().row(number, &object.values),
        None => Row::unusable(number, text, Invalid::new("invalid_row", "the row must be a JSON object")),
    }
}

/// Returns the lines with their numbers, if the first line is an object and contains no list of links.
fn lines(text: &str) -> Option<Vec<(u64, &str)>> {
    let lines = || {
        text.lines().zip(1..).map(|(line, number)| (number, line.trim())).filter(|(_, line)| !line.is_empty())
    };
    let (_, first) = lines().next()?;
    Object::parse(first)?;
    if container(first).is_some() {
        return None;
    }
    Some(lines().take(MAX_ROWS + 1).collect())
}

/// Returns the links of a document with their positions. If an object contains the list, adds the names of the object's
/// members to `names`. Several documents can follow each other, like the pages of an API.
fn elements<'a>(text: &'a str, names: &mut Names) -> Result<Vec<(u64, &'a str)>, Unreadable> {
    let mut rows = Vec::new();
    for document in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
        let document = document.map_err(|error| Unreadable::Json {
            line: error.line(),
            column: error.column(),
            ends: error.is_eof(),
        })?;
        let list = match container(document.get()) {
            Some(list) => {
                names.extend(Object::parse(document.get()).map(|object| object.names).unwrap_or_default());
                list
            }
            None => document,
        };
        let elements = list_of(list);
        rows.extend(
            elements
                .into_iter()
                .map(RawValue::get)
                .take(MAX_ROWS + 1 - rows.len().min(MAX_ROWS))
                .map(|text| (0, text)),
        );
    }
    for ((number, _), position) in rows.iter_mut().zip(1..) {
        *number = position;
    }
    Ok(rows)
}

/// Returns the list of links in an object: its member `links`, `data` or `shortUrls`, if that is a list or an object.
/// An object with a destination is itself a link, and has no such list.
fn container(object: &str) -> Option<&RawValue> {
    if Source::recognize(&Object::parse(object)?.names).is_ok() {
        return None;
    }
    let found = list_member(object)?;
    // Shlink's API has the list one level deeper.
    Some(list_member(found.get()).unwrap_or(found))
}

fn list_member(object: &str) -> Option<&RawValue> {
    let mut found = None;
    members(object, |name, value| {
        if matches!(name, "links" | "data" | "shortUrls") && value.get().starts_with(['[', '{']) {
            found = found.or(Some(value));
        }
    })?;
    found
}

/// Returns a list's elements. For an object whose values are all objects, as in YOURLS' `{"link_1": {…}}`, returns
/// these values. Otherwise returns the value itself.
fn list_of(value: &RawValue) -> Vec<&RawValue> {
    if let Ok(elements) = serde_json::from_str(value.get()) {
        return elements;
    }
    let mut values = Vec::new();
    let read = members(value.get(), |_, value| values.push(value));
    let all_objects = values.iter().all(|value: &&RawValue| value.get().starts_with('{'));
    if read.is_some() && all_objects { values } else { vec![value] }
}

/// Calls `each` with the members of an object. Returns `None` if the text is not an object.
fn members<'a>(object: &'a str, each: impl FnMut(&str, &'a RawValue)) -> Option<()> {
    let mut deserializer = serde_json::Deserializer::from_str(object);
    deserializer.deserialize_map(Members(each)).ok()
}

/// Returns the names of an object's members, each cut to 100 characters.
fn member_names(object: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    members(object, |name, _| names.push(name.chars().take(100).collect()))?;
    Some(names)
}

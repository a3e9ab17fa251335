use super::cell::{self, Cell};
use super::column::{Column, Names};
use super::{Expiry, Row, expiry, short_url};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

/// The values of a row of a table, or of an object, by column. Blank values and unknown columns are left out. Of two
/// columns with the same folded name, the first that is not blank counts. The two values contradict each other if they
/// differ and the column decides who can use the link.
#[derive(Debug, Default)]
pub(super) struct Values<'a> {
    cells: BTreeMap<Column, Cell<'a>>,
    contradiction: Option<Column>,
}

impl<'a> Values<'a> {
    /// Adds a value, unless the column has one.
    pub(super) fn add(&mut self, column: Column, value: Option<Cell<'a>>) {
        match (self.cells.entry(column), value) {
            (Entry::Vacant(vacant), Some(value)) => {
                vacant.insert(value);
            }
            (Entry::Occupied(first), Some(value)) if *first.get() != value && column.must_agree() => {
                self.contradiction = Some(column);
            }
            _ => {}
        }
    }

    /// Returns a column that has two different values, if there is one.
    pub(super) fn contradiction(&self) -> Option<Column> {
        self.contradiction
    }

    pub(super) fn has(&self, column: Column) -> bool {
        self.cells.contains_key(&column)
    }

    /// Returns whether a value is an object, or a list in a column that never contains lists.
    pub(super) fn is_odd(&self, column: Column) -> bool {
        match self.cells.get(&column) {
            Some(Cell::Other) => true,
            Some(Cell::List(_)) => !matches!(column, Column::Tags | Column::CustomBitlinks),
            _ => false,
        }
    }

    /// Returns the first text in these columns, exactly as it is in the file.
    pub(super) fn text(&self, columns: &[Column]) -> Option<&str> {
        columns.iter().find_map(|column| match self.cells.get(column) {
            Some(Cell::Text(text)) => Some(&**text),
            _ => None,
        })
    }

    /// Returns the texts in a list, or the parts of a text that is split at `,` and `|`.
    pub(super) fn list(&self, column: Column) -> Vec<String> {
        match self.cells.get(&column) {
            Some(Cell::Text(text)) => cell::split(text).take(Row::MAX_TAGS).map(str::to_owned).collect(),
            Some(Cell::List(list)) => {
                let trimmed = list.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
                trimmed.map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Returns this column's text, trimmed and in lower case, for a field whose values are words.
    pub(super) fn word(&self, column: Column) -> Option<String> {
        self.text(&[column]).map(|text| text.trim().to_lowercase())
    }

    /// Returns the flag in this column, or the text if it is not a flag.
    pub(super) fn flag(&self, column: Column) -> Option<Result<bool, &str>> {
        self.text(&[column]).map(|text| cell::flag(text).ok_or(text))
    }

    /// Returns the first slug in these columns, percent-decoded and without slashes around it. If the column
    /// contains a whole URL, the URL's path is the slug.
    pub(super) fn slug(&self, columns: &[Column]) -> Option<String> {
        let text = self.text(columns)?.trim();
        if text.contains("://") {
            return short_url::slug(text);
        }
        short_url::path(text)
    }

    /// Returns the time in the first of these columns that has a value, or that column's text if it is not a time.
    pub(super) fn time(&self, columns: &[Column]) -> Option<Expiry> {
        let text = self.text(columns)?;
        Some(expiry::parse(text).map_or_else(|| Expiry::Invalid(text.to_owned()), Expiry::At))
    }
}

/// The members of an object.
pub(super) struct Object<'a> {
    pub(super) values: Values<'a>,
    /// The names of all known members, including those without a value.
    pub(super) names: Names,
}

impl<'a> Object<'a> {
    /// Reads an object. Returns `None` if the text is not a JSON object.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut object = Self { values: Values::default(), names: Names::new() };
        deserializer.deserialize_map(Members(|name: &str, value: &'de RawValue| {
            if let Some(column) = Column::from_name(name) {
                object.names.insert(column);
                object.values.add(column, Cell::from_json(value));
            }
        }))?;
        Ok(object)
    }
}

/// Passes the members of an object to a closure one by one, and stores none of them: an object can have many.
pub(super) struct Members<F>(pub(super) F);

impl<'de, F: FnMut(&str, &'de RawValue)> Visitor<'de> for Members<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = members.next_key()? {
            (self.0)(&name, members.next_value()?);
        }
        Ok(())
    }
}

/// The name of a member.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

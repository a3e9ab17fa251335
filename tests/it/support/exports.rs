//! Exports of a list: follows the header `Link` from page to page.

use super::app::TestApp;
use super::call::{Answer, Call};
use std::collections::HashMap;

/// A line of a CSV file, by column.
pub type Record = HashMap<String, String>;

/// Returns the query string of the next page, and asserts that the header `Link` has the form that clients expect.
pub fn next_query(page: &Answer) -> Option<String> {
    let link = page.headers.get("link")?;
    let target = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
    let (path, query) = target.unwrap().split_once('?').unwrap();
    assert!(path.starts_with('/') && path.ends_with("/link"), "{link}");
    Some(query.to_owned())
}

/// Returns all pages of acme's export.
pub async fn pages(app: &TestApp, accept: &str, query: &str) -> Vec<Answer> {
    let mut pages = Vec::new();
    let mut next = Some(query.to_owned());
    while let Some(query) = next {
        let page = Call::new("list").header("accept", accept).query(&query).send(app).await;
        assert_eq!(page.status, 200, "{}", page.text);
        next = next_query(&page);
        pages.push(page);
    }
    pages
}

/// Returns all pages of acme's export as one file.
pub async fn file(app: &TestApp, accept: &str, query: &str) -> String {
    pages(app, accept, query).await.into_iter().map(|page| page.text).collect()
}

/// Parses a CSV file.
pub fn records(file: &str) -> Vec<Record> {
    let records = csv::Reader::from_reader(file.as_bytes()).into_deserialize();
    records.collect::<Result<_, _>>().unwrap()
}

/// Returns whether a spreadsheet may take the cell for a formula.
pub fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Returns a cell's text without the `'` that guards it.
pub fn unguarded(cell: &str) -> &str {
    let is_guarded = is_formula(cell.trim_start_matches('\''));
    cell.strip_prefix('\'').filter(|_| is_guarded).unwrap_or(cell)
}

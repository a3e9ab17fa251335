use crate::claims::{Claims, Place};
use crate::file::{Expiry, Row};
use crate::plan::{Note, Plan, PlannedLink, Rules};
use crate::result::{planned, refused};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest, Sha256};
use shared::http::{Outcome, RowBody};
use shared::model::{Access, OrgId, Slug};
use shared::store::RequestMark;

/// The maximum size of the results of one request, in bytes, as estimated from the rows. Lambda accepts responses of
/// up to six megabytes.
const MAX_RESULTS_BYTES: usize = 5_000_000;
/// The maximum number of bytes that one byte of a value takes in the response. Lambda's response is a JSON text within
/// a JSON string, in which a quotation mark takes four bytes.
const GROWTH: usize = 4;
/// The estimated size of a row's result in bytes, not counting the values of the row.
const RESULT_BYTES: usize = 1_500;

/// The rows of a file that one request imports.
#[derive(Debug)]
pub struct Batch<'a> {
    /// The rows, in the order of the file. A row that is refused or skipped is an `Err` with its result.
    pub candidates: Vec<Result<Candidate<'a>, Box<RowBody>>>,
    /// The slugs that all rows of the file claim.
    pub claims: Claims,
    /// The index of the batch's first row among all rows of the file, counted from 0.
    pub start: usize,
}

/// A row that becomes a link, if its slug is free.
#[derive(Debug)]
pub struct Candidate<'a> {
    /// The row.
    pub row: &'a Row,
    /// The link that the row would become.
    pub link: PlannedLink,
    /// How the row relates to the other rows of the file.
    pub place: Place,
    /// The mark by which the store recognizes the row. A repeat has the mark of the row that it repeats.
    pub mark: RequestMark,
}

impl<'a> Batch<'a> {
    /// Selects the rows that the caller requests, and plans them.
    pub fn new(rows: &'a [Row], rules: &Rules<'_>) -> Self {
        let options = rules.options;
        let start = rows.partition_point(|row| row.number < options.from);
        let (mut claims, mut plans, mut bytes) = (Claims::default(), Vec::new(), 0);
        for (index, row) in rows.iter().enumerate() {
            let plan = rules.plan(row);
            let source = row.source().unwrap_or_default();
            match &plan {
                Plan::Link(link) => claims.add(index, source, link),
                Plan::Skipped(link) => claims.add_skipped(source, link),
                Plan::Refused(_) => {}
            }
            if index >= start && plans.len() < options.limit && bytes < MAX_RESULTS_BYTES {
                bytes += RESULT_BYTES + GROWTH * values(row);
                plans.push((index, row, plan));
            }
        }
        // The claims depend on all rows of the file, so the candidates are made only after that loop.
        let candidate = |(index, row, plan)| match plan {
            Plan::Link(link) => Ok(Candidate::new(index, row, link, rows, &claims, rules.org)),
            Plan::Skipped(link) => Err(Box::new(planned(row, &link, Outcome::Skipped))),
            Plan::Refused(faults) => Err(Box::new(refused(row, faults))),
        };
        let candidates = plans.into_iter().map(candidate).collect();
        Self { candidates, claims, start }
    }

    /// Returns the number of the row after the first `done` rows of the batch, if the file has such a row.
    pub fn next(&self, rows: &[Row], done: usize) -> Option<u64> {
        rows.get(self.start + done).map(|row| row.number)
    }
}

impl<'a> Candidate<'a> {
    fn new(
        index: usize,
        row: &'a Row,
        mut link: PlannedLink,
        rows: &[Row],
        claims: &Claims,
        org: &OrgId,
    ) -> Self {
        let source = row.source().unwrap_or_default();
        if claims.is_closed(source, &link) {
            link.access = Access::Members;
            link.notes.push(Note::MembersOnly);
        }
        let place = claims.place(index, source, &link);
        let marked = match place {
            Place::RepeatOf(first) => rows.get(first).and_then(Row::source).unwrap_or_default(),
            Place::First | Place::Disputed => source,
        };
        let mark = mark(org, marked, &link);
        Self { row, link, place, mark }
    }
}

fn values(row: &Row) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len).min(1200);
    let tags: usize = row.tags.iter().take(10).map(|tag| tag.len().min(1200)).sum();
    let words = text(&row.source) + text(&row.access) + text(&row.forward);
    let expiry = match &row.expires_at {
        Some(Expiry::Invalid(text)) => text.len().min(1200),
        _ => 0,
    };
    row.url.len().min(2048) + text(&row.slug) + text(&row.title) + tags + words + expiry
}

/// Returns the mark of a row: its organization, its slug in the file, its destination, and the slug that the row
/// claims. Because of the mark, each link is created only once, even if several people send the file, or the rows that
/// a dry run returned. The user is not part of the mark.
fn mark(org: &OrgId, source: &str, link: &PlannedLink) -> RequestMark {
    // JSON separates the parts unambiguously. The key of a create request is a hash of a different kind of text, so no
    // create request has the same key.
    let scope =
        json!(["import", org.as_str(), source, link.url.as_str(), link.slug.as_ref().map(Slug::as_str)]);
    let hash = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(scope.to_string()));
    RequestMark { key: hash.clone(), hash }
}

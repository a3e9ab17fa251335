//! How the cost of a request grows with the organization: a proxy in front of the local stack's engine counts calls,
//! units and bytes.

use crate::Error;
use crate::bootstrap::{Bootstrap, Program};
use crate::counter::{Counter, Counts};
use crate::event;
use crate::process::{self, Process};
use crate::report::Table;
use crate::runtime_api::RuntimeApi;
use crate::seed::{self, Organization};
use crate::token::Issuer;
use local::functions::Function;
use serde_json::{Value, json};
use std::fmt::{self, Display, Formatter};

/// The number of pages to read before the 11th page, which is measured.
const PAGES_BEFORE: u32 = 10;

/// The functions to call, and their requests.
const CASES: [(Function, &str, &str); 7] = [
    (Function::Redirect, "redirect", ""),
    (Function::Read, "read", ""),
    (Function::Update, "update", ""),
    (Function::List, "list, the first page", ""),
    (Function::List, "list, the 11th page", ""),
    (Function::List, "list, by a tag that no link has", "tag=rare"),
    (Function::Create, "create", ""),
];

/// The cost of one request in one organization.
struct Row {
    case: &'static str,
    links: u64,
    counts: Counts,
    /// The size of the response body in bytes.
    answered: usize,
}

/// The cost of each request in organizations of different sizes, as Markdown.
pub struct Growth(Vec<Row>);

/// Returns the functions to call.
pub fn functions() -> Vec<Program> {
    CASES.map(|(function, ..)| Program::Api(function)).into()
}

/// For each number of links in `sizes`, calls each function once in an organization with that many links.
///
/// # Errors
/// An organization cannot be created, or a function does not succeed.
pub async fn measure(bootstraps: &[Bootstrap], sizes: &[u64]) -> Result<Growth, Error> {
    let mut rows = Vec::new();
    for links in sizes {
        eprintln!("an organization with {links} links");
        let organization = Organization::with_links(*links).await?;
        let counter = Counter::before(organization.url()).await?;
        for (function, case, query) in CASES {
            let program = Program::Api(function);
            let bootstrap = bootstraps.iter().find(|bootstrap| bootstrap.function == program);
            let bootstrap = bootstrap.ok_or_else(|| format!("{} is missing", function.name()))?;
            let row = ask(bootstrap, &counter, case, query, *links).await;
            rows.extend(row.map_err(|error| format!("{case}: {error}"))?);
        }
    }
    Ok(Growth(rows))
}

async fn ask(
    bootstrap: &Bootstrap,
    counter: &Counter,
    case: &'static str,
    query: &str,
    links: u64,
) -> Result<Option<Row>, Error> {
    let (mut runtime_api, issuer) = (RuntimeApi::listen().await?, Issuer::new()?);
    let environment = process::environment(&runtime_api, &counter.url, None, &issuer);
    let mut event = event::for_program(bootstrap.function, &issuer.token()?)?;
    // A link in the middle: it is at neither end of any index.
    event::ask_for(&mut event, &seed::slug(links / 2), query);
    let _process = Process::start(&[], bootstrap, &environment)?;
    let mut waiting = runtime_api.next().await?;
    let pages_before = if case.contains("11th") { PAGES_BEFORE } else { 0 };
    for page in 0..=pages_before {
        counter.take();
        let answer = runtime_api.call(waiting, &event.to_string().into()).await?;
        let counts = counter.take();
        let answer: Value = serde_json::from_slice(&answer.body)?;
        bootstrap.function.check(&answer)?;
        let body = answer.get("body").and_then(Value::as_str).unwrap_or_default();
        if page == pages_before {
            return Ok(Some(Row { case, links, counts, answered: body.len() }));
        }
        let body: Value = serde_json::from_str(body)?;
        let Some(cursor) = body.get("next_cursor").and_then(Value::as_str) else { return Ok(None) };
        event::ask_for(&mut event, "", &format!("cursor={cursor}"));
        waiting = runtime_api.next().await?;
    }
    Ok(None)
}

impl Display for Growth {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let columns = [
            "links",
            "calls",
            "items read",
            "units",
            "bytes to the store",
            "bytes from the store",
            "response bytes",
        ];
        let mut table = Table::new(columns.into_iter().map(str::to_owned));
        let mut rows: Vec<&Row> = self.0.iter().collect();
        rows.sort_by_key(|row| CASES.iter().position(|(_, case, _)| *case == row.case));
        for row in rows {
            let Counts { calls, units, items_read, sent, received } = row.counts;
            let cells = json!([row.links, calls, items_read, units, sent, received, row.answered]);
            table.line(row.case, cells.as_array().into_iter().flatten().map(Value::to_string));
        }
        write!(f, "{table}")
    }
}

use crate::row::{Row, csv_header};
use lambda_http::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LINK, VARY};
use lambda_http::{Body, Response};
use shared::error::ApiError;
use shared::http::Request;
use shared::model::{Link, Position};

const CSV: &str = "text/csv";
const NDJSON: &str = "application/x-ndjson";
/// The maximum size of a page, measured as a string in the JSON of a function's response. Lambda refuses
/// a response of more than 6 MB.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_SIZE: usize = 5_000_000;

/// The format of an export. The large pages of an export can be concatenated into one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    Csv,
    NdJson,
}

/// A page of an export.
pub struct Part {
    export: Export,
    has_header: bool,
    text: String,
    /// The position after which the next page begins.
    pub next: Option<Position>,
}

impl Export {
    /// Returns the format that the client prefers to JSON.
    pub fn requested(request: &Request) -> Option<Self> {
        let media_type = request.preferred_to_json(&[CSV, NDJSON])?;
        Some(if media_type == CSV { Self::Csv } else { Self::NdJson })
    }

    /// Writes a page. A page that would be too large ends early, after at least one link.
    ///
    /// # Errors
    /// A link cannot be written, which is an internal error.
    pub fn page(
        self,
        rows: &[Row<'_>],
        next: Option<Position>,
        is_first: bool,
        with_clicks: bool,
    ) -> Result<Part, ApiError> {
        let has_header = self == Self::Csv && is_first;
        let mut text = if has_header { csv_header(with_clicks)? } else { String::new() };
        let mut size = size_of(&text)?;
        let mut last: Option<&Link> = None;
        for row in rows {
            let line = if self == Self::Csv { row.csv()? } else { row.ndjson()? };
            size += size_of(&line)?;
            if let Some(last) = last.filter(|_| size > MAX_SIZE) {
                return Ok(Part { export: self, has_header, text, next: Some(last.position()) });
            }
            text.push_str(&line);
            last = Some(row.link);
        }
        Ok(Part { export: self, has_header, text, next })
    }
}

impl Part {
    /// Returns the response. `next` is the path and query of the next page. It has no host, because behind a CDN the
    /// function does not know the host that the client used.
    ///
    /// # Errors
    /// A header is invalid, which is an internal error.
    pub fn answer(self, next: Option<&str>) -> Result<Response<Body>, ApiError> {
        // RFC 4180, section 3, defines the parameter `header`.
        let (content_type, file) = match (self.export, self.has_header) {
            (Export::Csv, true) => ("text/csv; charset=utf-8; header=present", "links.csv"),
            (Export::Csv, false) => ("text/csv; charset=utf-8; header=absent", "links.csv"),
            (Export::NdJson, _) => (NDJSON, "links.ndjson"),
        };
        let mut response = Response::builder()
            .header(CONTENT_TYPE, content_type)
            .header(CONTENT_DISPOSITION, format!("attachment; filename=\"{file}\""))
            .header(VARY, "Accept");
        if let Some(next) = next {
            response = response.header(LINK, format!("<{next}>; rel=\"next\""));
        }
        Ok(response.body(Body::from(self.text))?)
    }
}

/// Returns the size of a text as a JSON string, in which a quotation mark takes two bytes.
fn size_of(text: &str) -> Result<usize, ApiError> {
    let json = serde_json::to_string(text);
    Ok(json.map_err(|_| ApiError::Internal("a text could not be measured".to_owned()))?.len())
}

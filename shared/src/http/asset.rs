use crate::error::ApiError;
use crate::http::Request;
use crate::http::encoding::accepts_gzip;
use flate2::read::GzDecoder;
use lambda_http::http::StatusCode;
use lambda_http::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY};
use lambda_http::{Body, Response};
use std::io::Read;

/// A text that changes only with a deployment, compressed at build time.
pub struct Asset {
    /// Its media type.
    pub content_type: &'static str,
    /// The text, gzipped.
    pub gzipped: &'static [u8],
    /// A hash of the text, short enough to read in a header.
    pub hash: &'static str,
    /// What else each answer has, such as a page's content security policy.
    pub headers: &'static [(&'static str, &'static str)],
}

impl Asset {
    /// Answers the text, gzipped for a client that accepts it, or 304 if the client has it already.
    ///
    /// Only the gzipped text is part of the bootstrap: the few clients that accept no gzip wait for it to be inflated.
    ///
    /// # Errors
    /// It does not inflate, which is a fault of the build.
    pub fn answer(&self, request: &Request) -> Result<Response<Body>, ApiError> {
        let gzip = accepts_gzip(request.accept_encoding());
        // A strong entity tag names one sequence of bytes (RFC 9110, section 8.8.1).
        let etag = format!("\"{}{}\"", self.hash, if gzip { "-gzip" } else { "" });
        let mut response = Response::builder()
            .header(CACHE_CONTROL, "public, max-age=300")
            .header(ETAG, &etag)
            .header(VARY, "Accept-Encoding");
        for (name, value) in self.headers {
            response = response.header(*name, *value);
        }
        if lists(request.if_none_match(), &etag) {
            return Ok(response.status(StatusCode::NOT_MODIFIED).body(Body::Empty)?);
        }
        let response = response.header(CONTENT_TYPE, self.content_type);
        Ok(if gzip {
            response.header(CONTENT_ENCODING, "gzip").body(Body::from(self.gzipped))?
        } else {
            response.body(Body::from(self.inflated()?))?
        })
    }

    fn inflated(&self) -> Result<String, ApiError> {
        let mut text = String::new();
        let read = GzDecoder::new(self.gzipped).read_to_string(&mut text);
        read.map_err(|error| ApiError::Internal(format!("an asset could not be decompressed: {error}")))?;
        Ok(text)
    }
}

/// Whether `If-None-Match` lists this entity tag, by weak comparison (RFC 9110, section 13.1.2).
fn lists(header: &str, etag: &str) -> bool {
    let mut tags = header.split(',').map(str::trim);
    tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

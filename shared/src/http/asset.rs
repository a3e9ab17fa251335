use crate::error::ApiError;
use crate::http::Request;
use crate::http::encoding::accepts_gzip;
use flate2::read::GzDecoder;
use lambda_http::http::StatusCode;
use lambda_http::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY};
use lambda_http::{Body, Response};
use std::io::Read;

/// A static text, compressed at build time.
pub struct Asset {
    /// Its media type.
    pub content_type: &'static str,
    /// The text, gzipped.
    pub gzipped: &'static [u8],
    /// A short hash of the text, for its entity tag.
    pub hash: &'static str,
    /// Additional response headers, such as a page's content security policy.
    pub headers: &'static [(&'static str, &'static str)],
}

impl Asset {
    /// Responds with the text, gzipped if the client accepts gzip, or with 304 if the client's copy is current.
    ///
    /// The bootstrap contains only the gzipped text. For the few clients that do not accept gzip, the text is
    /// decompressed on request.
    ///
    /// # Errors
    /// The text cannot be decompressed, which is a bug in the build.
    pub fn answer(&self, request: &Request) -> Result<Response<Body>, ApiError> {
        let gzip = accepts_gzip(request.accept_encoding());
        // A strong entity tag identifies exactly one sequence of bytes (RFC 9110, section 8.8.1).
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

/// Returns whether `If-None-Match` lists this entity tag, by weak comparison (RFC 9110, section 13.1.2).
fn lists(header: &str, etag: &str) -> bool {
    let mut tags = header.split(',').map(str::trim);
    tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

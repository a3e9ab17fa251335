//! The smallest Lambda function in Rust: `lambda_http` on one thread, with the same response to every request.
//!
//! The benchmark reports each function's cost as a multiple of this function's, so that the speed of the machine
//! cancels out.

use lambda_http::http::StatusCode;
use lambda_http::http::header::LOCATION;
use lambda_http::{Body, Error, Request, Response, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(async |_: Request| {
        let response = Response::builder().status(StatusCode::FOUND).header(LOCATION, "https://example.com/");
        Ok::<_, Error>(response.body(Body::Empty)?)
    }))
    .await
}

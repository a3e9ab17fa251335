//! The least that a Lambda function in Rust can cost: `lambda_http` on one thread, answering every request alike.
//!
//! The benchmark measures the functions as multiples of it, so that the machine they ran on cancels out.

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

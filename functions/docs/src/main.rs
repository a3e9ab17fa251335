//! The Lambda function behind `GET /docs` and `GET /openapi.json`.

use lambda_http::{Error, LambdaEvent, lambda_runtime, service_fn};
use serde_json::value::RawValue;
use shared::http::{TIMEOUT, respond};
use shared::model::Timestamp;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let document = docs::document().map_err(|error| error.cause().unwrap_or_default().to_owned())?;

    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let handle = |request| docs::handle(request, &document);
        Ok::<_, Error>(respond(&event.payload, Timestamp::now(), TIMEOUT, handle).await)
    }))
    .await
}

//! The Lambda function behind `/docs` and `/openapi.json`.

use lambda_http::{Error, LambdaEvent, lambda_runtime, service_fn};
use serde_json::value::RawValue;
use shared::http::{TIMEOUT, respond};
use shared::model::Timestamp;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        Ok::<_, Error>(respond(&event.payload, Timestamp::now(), TIMEOUT, docs::handle).await)
    }))
    .await
}

//! The Lambda function behind `/docs` and `/openapi.json`.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::value::RawValue;
use shared::http::respond;
use shared::model::Timestamp;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        Ok::<_, Error>(respond(&event.payload, Timestamp::now(), docs::handle).await)
    }))
    .await
}

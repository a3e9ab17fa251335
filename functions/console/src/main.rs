//! The Lambda function behind `/`.

use lambda_http::{Error, LambdaEvent, lambda_runtime, service_fn};
use serde_json::value::RawValue;
use shared::http::{Site, TIMEOUT, respond};
use shared::model::Timestamp;
use shared::settings::Settings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let site = Site::from_settings(&Settings::from_env())?;

    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let handle = |request| console::handle(request, &site);
        Ok::<_, Error>(respond(&event.payload, Timestamp::now(), TIMEOUT, handle).await)
    }))
    .await
}

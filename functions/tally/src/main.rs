//! The Lambda function that counts clicks, fed by the subscription of the logs of `redirect` and `open`.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::value::RawValue;
use shared::aws;
use shared::model::Timestamp;
use shared::settings::Settings;
use shared::store::ClickStore;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = Settings::from_env();
    let config = aws::config_from_env(&settings).await?;
    let clicks = ClickStore::connect(&config, &settings)?;
    clicks.prime_tally().await;

    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        Ok::<_, Error>(tally::handle(&event.payload, &clicks, Timestamp::now()).await?)
    }))
    .await
}

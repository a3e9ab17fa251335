//! The Lambda function behind `PUT` and `GET /{org_id}/-/handle`.

use lambda_http::{Error, LambdaEvent, lambda_runtime, service_fn};
use serde_json::value::RawValue;
use shared::auth::Verifier;
use shared::aws;
use shared::http::{Site, TIMEOUT, respond};
use shared::model::Timestamp;
use shared::settings::Settings;
use shared::store::LinkStore;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = Settings::from_env();
    let config = aws::config_from_env(&settings).await?;
    let verifier = Verifier::from_settings(&settings, &config)?;
    let site = Site::from_settings(&settings)?;
    let links = LinkStore::connect(&config, &settings)?;
    links.prime_read().await;

    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let now = Timestamp::now();
        let handle = |request| handle::handle(request, &verifier, &site, &links, now);
        Ok::<_, Error>(respond(&event.payload, now, TIMEOUT, handle).await)
    }))
    .await
}

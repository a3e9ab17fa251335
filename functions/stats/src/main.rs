//! The Lambda function behind `GET /{org_id}/link/{slug}/clicks` and `GET /{org_id}/-/clicks`.

use lambda_http::{Error, LambdaEvent, lambda_runtime, service_fn};
use serde_json::value::RawValue;
use shared::auth::Verifier;
use shared::aws;
use shared::http::{ShortUrls, respond};
use shared::model::Timestamp;
use shared::settings::Settings;
use shared::store::{ClickStore, LinkStore};
use stats::TIMEOUT;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = Settings::from_env();
    let config = aws::config_from_env(&settings).await?;
    let verifier = Verifier::from_settings(&settings, &config)?;
    let links = LinkStore::connect(&config, &settings)?;
    let clicks = ClickStore::with_client_of(&links, &settings)?;
    let short_urls = ShortUrls::from_settings(&settings)?;
    links.prime_read().await;

    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let now = Timestamp::now();
        let handle = |request| stats::handle(request, &verifier, &links, &clicks, &short_urls, now);
        Ok::<_, Error>(respond(&event.payload, now, TIMEOUT, handle).await)
    }))
    .await
}

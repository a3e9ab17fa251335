//! The Lambda function behind `DELETE /{org_id}/link/{slug}`.

use lambda_http::{Error, LambdaEvent, lambda_runtime, service_fn};
use serde_json::value::RawValue;
use shared::auth::Verifier;
use shared::aws;
use shared::http::{ShortUrls, TIMEOUT, respond};
use shared::model::Timestamp;
use shared::settings::Settings;
use shared::store::LinkStore;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = Settings::from_env();
    let config = aws::config_from_env(&settings).await?;
    let verifier = Verifier::from_settings(&settings, &config)?;
    let links = LinkStore::connect(&config, &settings)?;
    let short_urls = ShortUrls::from_settings(&settings)?;
    links.prime_delete().await;

    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let now = Timestamp::now();
        let handle = |request| delete::handle(request, &verifier, &links, &short_urls, now);
        Ok::<_, Error>(respond(&event.payload, now, TIMEOUT, handle).await)
    }))
    .await
}

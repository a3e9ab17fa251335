//! The Lambda function behind `GET` and `HEAD /{org_id}/-/open/{slug}`.

use lambda_http::{Error, LambdaEvent, lambda_runtime, service_fn};
use open::SignIn;
use serde_json::value::RawValue;
use shared::auth::Verifier;
use shared::aws;
use shared::clicks::ClickLog;
use shared::http::{TIMEOUT, respond_to_visitor};
use shared::model::Timestamp;
use shared::settings::Settings;
use shared::store::LinkStore;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = Settings::from_env();
    let config = aws::config_from_env(&settings).await?;
    let verifier = Verifier::from_settings(&settings, &config)?;
    let sign_in = SignIn::from_settings(&settings)?;
    let links = LinkStore::connect(&config, &settings)?;
    let clicks = ClickLog::from_settings(&settings)?;
    links.prime_read().await;

    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let now = Timestamp::now();
        let handle = |request| open::handle(request, &verifier, &sign_in, &links, &clicks, now);
        Ok::<_, Error>(respond_to_visitor(&event.payload, now, TIMEOUT, handle).await)
    }))
    .await
}

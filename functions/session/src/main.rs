//! The Lambda function behind `GET /-/sign-in`, `GET /-/callback`, `GET /-/session` and `POST /-/sign-out`.

use lambda_http::{Error, LambdaEvent, lambda_runtime, service_fn};
use serde_json::value::RawValue;
use session::{Provider, TIMEOUT};
use shared::auth::Verifier;
use shared::aws;
use shared::http::{Site, respond};
use shared::model::Timestamp;
use shared::settings::Settings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = Settings::from_env();
    let config = aws::config_from_env(&settings).await?;
    let verifier = Verifier::from_settings(&settings, &config)?;
    let site = Site::from_settings(&settings)?;
    let provider = Provider::from_settings(&settings, &config)?;

    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let now = Timestamp::now();
        let handle = |request| session::handle(request, provider.as_ref(), &verifier, &site, now);
        Ok::<_, Error>(respond(&event.payload, now, TIMEOUT, handle).await)
    }))
    .await
}

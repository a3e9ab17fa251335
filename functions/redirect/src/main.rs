//! The Lambda function behind `GET` and `HEAD /{org_id}/{slug}`.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::value::RawValue;
use shared::http::respond;
use shared::model::Timestamp;
use shared::settings::Settings;
use shared::store::LinkStore;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let links = LinkStore::connect(&Settings::from_env())?;
    links.prime_redirect().await;

    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let now = Timestamp::now();
        let handle = |request| redirect::handle(request, &links, now);
        Ok::<_, Error>(respond(&event.payload, now, handle).await)
    }))
    .await
}

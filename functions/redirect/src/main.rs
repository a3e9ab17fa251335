//! The Lambda function of the `$default` route: short URLs.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::value::RawValue;
use shared::clicks::ClickLog;
use shared::http::respond_to_visitor;
use shared::model::Timestamp;
use shared::settings::Settings;
use shared::store::LinkStore;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = Settings::from_env();
    let links = LinkStore::connect(&settings)?;
    let clicks = ClickLog::from_settings(&settings)?;
    let root_org = settings.root_org()?;
    links.prime_read().await;

    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let now = Timestamp::now();
        let handle = |request| redirect::handle(request, &links, &clicks, root_org.as_ref(), now);
        Ok::<_, Error>(respond_to_visitor(&event.payload, now, handle).await)
    }))
    .await
}

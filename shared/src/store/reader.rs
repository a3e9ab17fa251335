use super::StoreError;
use crate::aws::{credentials, dynamodb_endpoint, retries, time_limits};
use crate::settings::{Error, Settings};
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::service_clock_skew::ServiceClockSkewInterceptor;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Region, RuntimeComponentsBuilder, SharedCredentialsProvider, SharedHttpClient,
    StalledStreamProtectionConfig,
};
use aws_sdk_dynamodb::operation::get_item::builders::GetItemInputBuilder;
use aws_sdk_dynamodb::operation::get_item::{GetItem, GetItemError, GetItemOutput};
use aws_smithy_runtime::client::defaults::{DefaultPluginParams, default_plugins};
use aws_smithy_runtime::client::http::connection_poisoning::ConnectionPoisoningInterceptor;
use aws_smithy_runtime::client::orchestrator::endpoints::StaticUriEndpointResolver;
use aws_smithy_runtime::client::orchestrator::{AuthSchemeAndEndpointOrchestrationV2, invoke};
use aws_smithy_runtime::client::retries::classifiers::HttpStatusCodeClassifier;
use aws_smithy_runtime_api::client::auth::SharedAuthScheme;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::endpoint::SharedEndpointResolver;
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_runtime_api::client::runtime_plugin::{RuntimePlugin, RuntimePlugins, StaticRuntimePlugin};
use aws_smithy_types::config_bag::Layer;
use aws_types::SigningName;
use aws_types::region::SigningRegion;

/// Reads single items: the SDK's own operation by the SDK's own machinery, with its retries, time limits and signature,
/// put together here in place of by its client.
///
/// The client parses a table of all of AWS's regions at each start, a sixth of all that a redirect's start does, and
/// tells DynamoDB with each request which SDK it is and which features of it are used, a seventh of a warm call.
#[derive(Debug)]
pub struct Reader(RuntimePlugins);

impl Reader {
    /// A reader with the client's settings.
    ///
    /// # Errors
    /// A setting is missing or malformed.
    pub fn new(settings: &Settings, http: SharedHttpClient) -> Result<Self, Error> {
        let credentials = SharedCredentialsProvider::new(credentials(settings)?);
        let region = Region::new(settings.text("AWS_REGION")?);
        let defaults = DefaultPluginParams::new()
            .with_behavior_version(BehaviorVersion::v2026_01_12())
            .with_is_aws_sdk(true)
            // The client's own: calls of both share one budget of retries.
            .with_retry_partition_name(format!("dynamodb-{region}"));
        let endpoint = StaticUriEndpointResolver::uri(dynamodb_endpoint(settings, region.as_ref())?);

        let mut config = Layer::new("reader");
        config
            .store_put(SigningName::from_static("dynamodb"))
            .store_put(SigningRegion::from(region.clone()))
            .store_put(region)
            .store_put(retries())
            .store_put(time_limits())
            .store_put(StalledStreamProtectionConfig::disabled())
            .store_put(AuthSchemeAndEndpointOrchestrationV2);
        let components = RuntimeComponentsBuilder::new("reader")
            .with_http_client(Some(http))
            .with_endpoint_resolver(Some(SharedEndpointResolver::new(endpoint)))
            .with_identity_resolver(SCHEME_ID, credentials)
            .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
            .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID])))
            .with_retry_classifier(HttpStatusCodeClassifier::default())
            // A connection on which an answer failed is not used again.
            .with_interceptor(ConnectionPoisoningInterceptor::new())
            // A clock that is wrong is told so by DynamoDB, and signed around.
            .with_interceptor(ServiceClockSkewInterceptor::new());
        let ours =
            StaticRuntimePlugin::new().with_config(config.freeze()).with_runtime_components(components);
        let plugins = RuntimePlugins::new().with_client_plugins(default_plugins(defaults));
        Ok(Self(plugins.with_client_plugin(ours).with_operation_plugin(get_item())))
    }

    /// Reads an item.
    ///
    /// # Errors
    /// The store did not do as asked.
    pub async fn get(&self, input: GetItemInputBuilder) -> Result<GetItemOutput, StoreError> {
        let broken = || StoreError::Refused("the request could not be built".to_owned());
        let input = Input::erase(input.build().map_err(|_| broken())?);
        let output = invoke("DynamoDB", "GetItem", input, &self.0).await.map_err(|error| {
            error.map_service_error(|error| error.downcast().unwrap_or_else(GetItemError::unhandled))
        })?;
        output.downcast().map_err(|_| broken())
    }
}

/// What the SDK's client would ask its operation for anew at each call.
fn get_item() -> StaticRuntimePlugin {
    let operation = GetItem::new();
    let nothing = RuntimeComponentsBuilder::new("GetItem");
    let components = operation.runtime_components(&nothing).into_owned();
    let plugin = StaticRuntimePlugin::new().with_runtime_components(components);
    match operation.config() {
        Some(config) => plugin.with_config(config),
        None => plugin,
    }
}

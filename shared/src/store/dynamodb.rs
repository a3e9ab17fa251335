use crate::aws::{credentials, dynamodb_endpoint, retries, time_limits};
use crate::settings::{Error, Settings};
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::service_clock_skew::ServiceClockSkewInterceptor;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Region, RuntimeComponentsBuilder, SharedCredentialsProvider, SharedHttpClient,
    StalledStreamProtectionConfig,
};
use aws_sdk_dynamodb::error::{BuildError, SdkError};
use aws_sdk_dynamodb::operation::{
    batch_get_item, delete_item, get_item, put_item, query, transact_write_items, update_item,
};
use aws_smithy_runtime::client::defaults::{DefaultPluginParams, default_plugins};
use aws_smithy_runtime::client::http::connection_poisoning::ConnectionPoisoningInterceptor;
use aws_smithy_runtime::client::orchestrator::endpoints::StaticUriEndpointResolver;
use aws_smithy_runtime::client::orchestrator::{AuthSchemeAndEndpointOrchestrationV2, invoke};
use aws_smithy_runtime::client::retries::classifiers::HttpStatusCodeClassifier;
use aws_smithy_runtime_api::client::auth::SharedAuthScheme;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::endpoint::SharedEndpointResolver;
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_runtime_api::client::runtime_plugin::{
    RuntimePlugin, RuntimePlugins, SharedRuntimePlugin, StaticRuntimePlugin,
};
use aws_smithy_types::config_bag::Layer;
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use std::any::Any;
use std::error::Error as StdError;
use std::fmt::Debug;
use std::sync::LazyLock;

/// DynamoDB: the SDK's own operations by the SDK's own machinery, with its retries, time limits and signature, put together
/// here in place of by its client.
///
/// The client parses a table of all of AWS's regions at each start, a sixth of all that a redirect's start does, and
/// tells DynamoDB with each request which SDK it is and which features of it are used, a seventh of a warm call.
///
/// One thing that the client does is the caller's here: a transaction needs a `client_request_token` to be made once however
/// often it is sent.
#[derive(Debug, Clone)]
pub struct DynamoDb(RuntimePlugins);

/// A request of one of DynamoDB's operations, as the SDK's builder makes it.
pub trait Request {
    /// What comes back.
    type Output: Any + Debug + Send + Sync;
    /// What is refused.
    type Error: StdError + Debug + Send + Sync + 'static;
    /// The operation's name.
    const NAME: &'static str;

    /// The request, complete.
    ///
    /// # Errors
    /// It lacks something that each of its kind has.
    fn build(self) -> Result<Input, BuildError>;

    /// How the operation is written and read.
    fn operation() -> SharedRuntimePlugin;

    /// An error that is none of the operation's.
    fn unhandled(error: Box<dyn StdError + Send + Sync>) -> Self::Error;
}

macro_rules! operations {
    ($($module:ident: $operation:ident, $builder:ident, $output:ident, $error:ident;)*) => {$(
        impl Request for $module::builders::$builder {
            type Output = $module::$output;
            type Error = $module::$error;
            const NAME: &'static str = stringify!($operation);

            fn build(self) -> Result<Input, BuildError> {
                self.build().map(Input::erase)
            }

            fn operation() -> SharedRuntimePlugin {
                static OPERATION: LazyLock<SharedRuntimePlugin> =
                    LazyLock::new(|| prepared(&$module::$operation::new()));
                OPERATION.clone()
            }

            fn unhandled(error: Box<dyn StdError + Send + Sync>) -> Self::Error {
                $module::$error::unhandled(error)
            }
        }
    )*};
}

operations! {
    batch_get_item: BatchGetItem, BatchGetItemInputBuilder, BatchGetItemOutput, BatchGetItemError;
    delete_item: DeleteItem, DeleteItemInputBuilder, DeleteItemOutput, DeleteItemError;
    get_item: GetItem, GetItemInputBuilder, GetItemOutput, GetItemError;
    put_item: PutItem, PutItemInputBuilder, PutItemOutput, PutItemError;
    query: Query, QueryInputBuilder, QueryOutput, QueryError;
    transact_write_items: TransactWriteItems, TransactWriteItemsInputBuilder, TransactWriteItemsOutput,
        TransactWriteItemsError;
    update_item: UpdateItem, UpdateItemInputBuilder, UpdateItemOutput, UpdateItemError;
}

impl DynamoDb {
    /// DynamoDB where and as whom the SDK's own variables say.
    ///
    /// # Errors
    /// A setting is missing or malformed.
    pub fn connect(settings: &Settings, http: SharedHttpClient) -> Result<Self, Error> {
        let credentials = SharedCredentialsProvider::new(credentials(settings)?);
        let region = Region::new(settings.text("AWS_REGION")?);
        let defaults = DefaultPluginParams::new()
            .with_behavior_version(BehaviorVersion::v2026_01_12())
            .with_is_aws_sdk(true)
            // Who has this name shares a budget of retries: all calls of this process.
            .with_retry_partition_name(format!("dynamodb-{region}"));
        let endpoint = StaticUriEndpointResolver::uri(dynamodb_endpoint(settings, region.as_ref())?);

        let mut config = Layer::new("dynamodb");
        config
            .store_put(SigningName::from_static("dynamodb"))
            .store_put(SigningRegion::from(region.clone()))
            .store_put(region)
            .store_put(retries())
            .store_put(time_limits())
            .store_put(StalledStreamProtectionConfig::disabled())
            .store_put(AuthSchemeAndEndpointOrchestrationV2);
        let components = RuntimeComponentsBuilder::new("dynamodb")
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
        Ok(Self(plugins.with_client_plugin(ours)))
    }

    /// Sends a request, again where that may help, and gives back what is answered.
    ///
    /// # Errors
    /// DynamoDB did not do as asked, or not in time.
    pub async fn send<R: Request>(&self, request: R) -> Result<R::Output, SdkError<R::Error, HttpResponse>> {
        let input = request.build().map_err(SdkError::construction_failure)?;
        let plugins = self.0.clone().with_operation_plugin(R::operation());
        let output = invoke("DynamoDB", R::NAME, input, &plugins).await.map_err(|error| {
            error.map_service_error(|error| {
                error.downcast().unwrap_or_else(|error| R::unhandled(error.into()))
            })
        })?;
        output.downcast().map_err(|_| SdkError::construction_failure("an answer of another operation"))
    }
}

/// What the SDK's client would ask an operation for anew at each call.
fn prepared(operation: &impl RuntimePlugin) -> SharedRuntimePlugin {
    let nothing = RuntimeComponentsBuilder::new("nothing");
    let components = operation.runtime_components(&nothing).into_owned();
    let plugin = StaticRuntimePlugin::new().with_runtime_components(components);
    SharedRuntimePlugin::new(match operation.config() {
        Some(config) => plugin.with_config(config),
        None => plugin,
    })
}

//! AWS clients: region and credentials from Lambda's environment, TLS, timeouts and retries.

use crate::settings::{Error, Settings};
pub use aws_config::SdkConfig;
use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::region::ProvideRegion;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::config::{HttpClient, ProvideCredentials, SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_types::retry::RetrySpec;
use std::time::Duration;

/// The root certificates of AWS's endpoints: Amazon Root CA 1 to 4 and Starfield Services Root CA - G2.
/// <https://www.amazontrust.com/repository/>
///
/// These certificates are built in because loading the system's 140 certificates costs eight million instructions at
/// each cold start.
const AMAZON_ROOTS: &str = include_str!("aws/amazon-roots.pem");

/// The timeout for opening a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);
/// The timeout of one attempt.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(1);
/// The timeout of a call, including retries.
const CALL_TIMEOUT: Duration = Duration::from_millis(2500);
/// The maximum number of attempts of a call.
const MAX_ATTEMPTS: u32 = 3;
/// The back-off before the second attempt. This back-off is short, because the most frequent failure is a connection
/// that the other side closed while the instance was frozen. The next attempt opens a new connection.
const INITIAL_BACKOFF: Duration = Duration::from_millis(10);

/// Returns the SDK configuration of a Lambda function: region and credentials from the environment, certificates from
/// `TLS_ROOTS`.
///
/// `aws_config::load_defaults` would also try profile files, STS and the metadata services, none of which Lambda has,
/// and would make the binary larger.
///
/// # Errors
/// The region or the credentials are missing, or `TLS_ROOTS` is malformed.
pub async fn config_from_env(settings: &Settings) -> Result<SdkConfig, Error> {
    let region = EnvironmentVariableRegionProvider::new().region().await;
    let region = region.filter(|region| !region.as_ref().trim().is_empty());
    let region = region.ok_or_else(|| Error::malformed("AWS_REGION", "is missing"))?;
    let credentials = EnvironmentVariableCredentialsProvider::new();
    if credentials.provide_credentials().await.is_err() {
        return Err(Error::malformed("AWS_ACCESS_KEY_ID", "or AWS_SECRET_ACCESS_KEY is missing"));
    }
    Ok(config(region, credentials, http_client(settings)?))
}

/// Returns an SDK configuration with this region, these credentials, this HTTP client and our timeouts.
pub fn config(
    region: Region,
    credentials: impl ProvideCredentials + 'static,
    http_client: impl HttpClient + 'static,
) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(CALL_TIMEOUT);
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(region)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client)
        .timeout_config(timeouts.build())
        // Stalled-stream protection is meant for long bodies. Our bodies are short, and the timeouts cover them.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build()
}

/// Creates a DynamoDB client. `AWS_ENDPOINT_URL_DYNAMODB`, or else `AWS_ENDPOINT_URL`, overrides the region's endpoint.
///
/// # Errors
/// An endpoint is not a URL.
pub fn dynamodb(config: &SdkConfig, settings: &Settings) -> Result<aws_sdk_dynamodb::Client, Error> {
    let mut config = aws_sdk_dynamodb::config::Builder::from(config).retry_config(retry_config());
    config.set_endpoint_url(endpoint_url(settings, "AWS_ENDPOINT_URL_DYNAMODB")?);
    Ok(aws_sdk_dynamodb::Client::from_conf(config.build()))
}

/// Creates a Systems Manager client, for the Parameter Store. `AWS_ENDPOINT_URL_SSM`, or else `AWS_ENDPOINT_URL`,
/// overrides the region's endpoint.
///
/// # Errors
/// An endpoint is not a URL.
#[cfg(feature = "auth")]
pub fn parameter_store(config: &SdkConfig, settings: &Settings) -> Result<aws_sdk_ssm::Client, Error> {
    let mut config = aws_sdk_ssm::config::Builder::from(config).retry_config(retry_config());
    config.set_endpoint_url(endpoint_url(settings, "AWS_ENDPOINT_URL_SSM")?);
    Ok(aws_sdk_ssm::Client::from_conf(config.build()))
}

/// The retry configuration of both clients. The configuration is set on each service's builder, because a builder made
/// from an [`SdkConfig`] replaces the configured back-off with the service's default.
fn retry_config() -> RetryConfig {
    let spec = RetrySpec::v2_1().with_non_throttling_initial_backoff(INITIAL_BACKOFF);
    RetryConfig::standard()
        .with_max_attempts(MAX_ATTEMPTS)
        .with_initial_backoff(INITIAL_BACKOFF)
        .with_retry_spec(spec)
}

/// Returns the endpoint that is set for one service or, if there is none, the endpoint that is set for all services.
fn endpoint_url(settings: &Settings, name: &str) -> Result<Option<String>, Error> {
    let url = settings.url(name)?.or(settings.url("AWS_ENDPOINT_URL")?);
    Ok(url.map(String::from))
}

/// Returns random jitter of up to `max`, so that colliding writers do not collide again.
pub fn jitter(max: Duration) -> Duration {
    max.mul_f64(fastrand::f64())
}

/// Creates an HTTP client that trusts Amazon's root certificates or the system's.
fn http_client(settings: &Settings) -> Result<SharedHttpClient, Error> {
    let roots = match settings.optional("TLS_ROOTS").unwrap_or("amazon") {
        "amazon" => TrustStore::empty().with_pem_certificate(AMAZON_ROOTS),
        "system" => TrustStore::empty().with_native_roots(true),
        _ => return Err(Error::malformed("TLS_ROOTS", "must be 'amazon' or 'system'")),
    };
    let tls = TlsContext::builder().with_trust_store(roots).build();
    let tls = tls.map_err(|_| Error::malformed("TLS_ROOTS", "selects certificates that cannot be read"))?;
    Ok(Builder::new().tls_provider(Provider::Rustls(CRYPTO)).tls_context(tls).build_https())
}

/// A function that verifies tokens needs aws-lc for signatures anyway. All other functions use the library `ring`,
/// which is smaller.
#[cfg(feature = "auth")]
const CRYPTO: CryptoMode = CryptoMode::AwsLc;
#[cfg(not(feature = "auth"))]
const CRYPTO: CryptoMode = CryptoMode::Ring;

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
    use aws_sdk_dynamodb::config::{ConfigBag, Credentials, Intercept, RuntimeComponents};
    use std::error::Error as StdError;
    use std::sync::{Arc, Mutex};
    use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

    /// The settings of a call, as the SDK's orchestrator knows them just before it would send the request.
    #[derive(Debug, Clone)]
    struct Call {
        url: String,
        retry_config: RetryConfig,
        timeout_config: TimeoutConfig,
        stalled_stream_protection: StalledStreamProtectionConfig,
    }

    /// Records each call and stops it before it is sent.
    #[derive(Debug, Clone, Default)]
    struct Recorder(Arc<Mutex<Vec<Call>>>);

    impl Intercept for Recorder {
        fn name(&self) -> &'static str {
            "Recorder"
        }

        fn read_before_transmit(
            &self,
            context: &BeforeTransmitInterceptorContextRef<'_>,
            _: &RuntimeComponents,
            config: &mut ConfigBag,
        ) -> Result<(), Box<dyn StdError + Send + Sync>> {
            self.0.lock().unwrap().push(Call {
                url: context.request().uri().to_owned(),
                retry_config: config.load::<RetryConfig>().unwrap().clone(),
                timeout_config: config.load::<TimeoutConfig>().unwrap().clone(),
                stalled_stream_protection: config.load::<StalledStreamProtectionConfig>().unwrap().clone(),
            });
            Err("nothing is sent".into())
        }
    }

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        pairs.iter().copied().collect()
    }

    /// Returns the calls that clients with these settings make to DynamoDB and to the Parameter Store.
    async fn calls(pairs: &[(&str, &str)]) -> [Call; 2] {
        let credentials = Credentials::new("id", "secret", None, None, "test");
        let config = config(Region::new("eu-central-1"), credentials, Builder::new().build_http());
        let recorder = Recorder::default();
        let get = dynamodb(&config, &settings(pairs)).unwrap().get_item().table_name("links");
        get.customize().interceptor(recorder.clone()).send().await.unwrap_err();
        let get = parameter_store(&config, &settings(pairs)).unwrap().get_parameter().name("key");
        get.customize().interceptor(recorder.clone()).send().await.unwrap_err();
        let calls = std::mem::take(&mut *recorder.0.lock().unwrap());
        calls.try_into().unwrap()
    }

    #[tokio::test]
    async fn both_services_get_our_retries_and_timeouts_and_no_stalled_stream_protection() {
        for call in calls(&[]).await {
            let retries = &call.retry_config;
            assert_eq!(retries.max_attempts(), 3, "{}", call.url);
            assert_eq!(retries.initial_backoff(), Duration::from_millis(10), "{}", call.url);
            let backoff = retries.retry_spec().unwrap().non_throttling_initial_backoff();
            assert_eq!(backoff, Duration::from_millis(10), "{}", call.url);
            let timeouts = &call.timeout_config;
            assert_eq!(timeouts.connect_timeout(), Some(Duration::from_millis(500)), "{}", call.url);
            assert_eq!(timeouts.operation_attempt_timeout(), Some(Duration::from_secs(1)), "{}", call.url);
            assert_eq!(timeouts.operation_timeout(), Some(Duration::from_millis(2500)), "{}", call.url);
            assert!(!call.stalled_stream_protection.is_enabled(), "{}", call.url);
        }
    }

    #[tokio::test]
    async fn an_endpoint_of_one_service_takes_precedence_over_the_one_of_all_and_this_over_the_regions() {
        let all = ("AWS_ENDPOINT_URL", "http://all.test");
        let dynamodb = ("AWS_ENDPOINT_URL_DYNAMODB", "http://dynamodb.test");
        let ssm = ("AWS_ENDPOINT_URL_SSM", "http://ssm.test");
        let regions =
            ["https://dynamodb.eu-central-1.amazonaws.com/", "https://ssm.eu-central-1.amazonaws.com/"];
        let cases: [(&[_], [&str; 2]); 5] = [
            (&[], regions),
            (&[all], ["http://all.test/", "http://all.test/"]),
            (&[dynamodb], ["http://dynamodb.test/", regions[1]]),
            (&[ssm, all], ["http://all.test/", "http://ssm.test/"]),
            (&[all, dynamodb, ssm], ["http://dynamodb.test/", "http://ssm.test/"]),
        ];
        for (pairs, expected) in cases {
            assert_eq!(calls(pairs).await.map(|call| call.url), expected, "{pairs:?}");
        }
        let config = config(
            Region::new("eu-central-1"),
            EnvironmentVariableCredentialsProvider::new(),
            Builder::new().build_http(),
        );
        let error =
            super::dynamodb(&config, &settings(&[("AWS_ENDPOINT_URL_DYNAMODB", "dynamodb")])).unwrap_err();
        assert_eq!(error.to_string(), "the setting AWS_ENDPOINT_URL_DYNAMODB is not an http or https URL");
    }

    #[test]
    fn the_built_in_certificates_are_amazons_roots_as_mozilla_carries_them_today() {
        let ours: Vec<String> = AMAZON_ROOTS
            .split("-----END CERTIFICATE-----")
            .filter_map(|pem| pem.split_once("-----BEGIN CERTIFICATE-----"))
            .map(|(_, base64)| base64.split_whitespace().collect())
            .collect();
        assert_eq!(ours.len(), 5);
        for root in &ours {
            let known = |der: &[u8]| base64::Engine::encode(&base64::prelude::BASE64_STANDARD, der) == *root;
            assert!(TLS_SERVER_ROOT_CERTS.iter().any(|certificate| known(certificate)), "{root}");
        }
    }
}

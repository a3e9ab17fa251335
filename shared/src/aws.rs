//! The clients of AWS's services, built from what Lambda puts into the environment.

use crate::settings::{Error, Settings};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Config, Credentials, Region, SharedHttpClient, StalledStreamProtectionConfig,
};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_types::retry::RetrySpec;
use std::time::Duration;

/// The certificates that AWS's endpoints are under: Amazon Root CA 1 to 4 and Starfield Services Root CA - G2.
/// <https://www.amazontrust.com/repository/>
///
/// Five in place of the system's hundred and forty, which cost eight million instructions at each start.
const AMAZON_ROOTS: &str = include_str!("aws/amazon-roots.pem");

/// A client of DynamoDB.
pub fn dynamodb(settings: &Settings, http_client: SharedHttpClient) -> Result<Client, Error> {
    let mut config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .credentials_provider(credentials(settings)?)
        .region(Region::new(settings.text("AWS_REGION")?))
        .http_client(http_client)
        .retry_config(retries())
        .timeout_config(time_limits())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    if let Some(url) = endpoint(settings, "AWS_ENDPOINT_URL_DYNAMODB")? {
        config = config.endpoint_url(url);
    }
    Ok(Client::from_conf(config.build()))
}

/// A client of the Systems Manager, for its Parameter Store.
#[cfg(feature = "auth")]
pub fn parameter_store(settings: &Settings) -> Result<aws_sdk_ssm::Client, Error> {
    let mut config = aws_sdk_ssm::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .credentials_provider(credentials(settings)?)
        .region(Region::new(settings.text("AWS_REGION")?))
        .http_client(http_client(settings)?)
        .retry_config(retries())
        .timeout_config(time_limits())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    if let Some(url) = endpoint(settings, "AWS_ENDPOINT_URL_SSM")? {
        config = config.endpoint_url(url);
    }
    Ok(aws_sdk_ssm::Client::from_conf(config.build()))
}

/// Credentials in the environment hold for an instance's life, so nothing is resolved, refreshed or looked for anywhere
/// else.
fn credentials(settings: &Settings) -> Result<Credentials, Error> {
    Ok(Credentials::new(
        settings.text("AWS_ACCESS_KEY_ID")?,
        settings.text("AWS_SECRET_ACCESS_KEY")?,
        settings.optional("AWS_SESSION_TOKEN").map(str::to_owned),
        None,
        "environment",
    ))
}

/// Where a service is, if not at the region's own place: by a variable of its own, or by the one for all.
fn endpoint(settings: &Settings, name: &str) -> Result<Option<String>, Error> {
    let url = settings.url(name)?.or(settings.url("AWS_ENDPOINT_URL")?);
    Ok(url.map(String::from))
}

/// Three attempts. The first back-off is short because what fails most is a connection that the other side closed
/// while the instance was frozen, and that heals at once.
fn retries() -> RetryConfig {
    let first_back_off = Duration::from_millis(10);
    RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(first_back_off)
        .with_retry_spec(RetrySpec::v2_1().with_non_throttling_initial_backoff(first_back_off))
}

fn time_limits() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_millis(500))
        .operation_attempt_timeout(Duration::from_secs(1))
        .operation_timeout(Duration::from_millis(2500))
        .build()
}

/// A time of up to so long, so that those who met do not meet again.
pub fn at_random(most: Duration) -> Duration {
    let roll = nanoid::rngs::default(2).iter().fold(0_u32, |roll, byte| roll << 8 | u32::from(*byte));
    most * roll / u32::from(u16::MAX)
}

/// The connections that the client uses, by TLS with Amazon's certificates or the system's.
pub fn http_client(settings: &Settings) -> Result<SharedHttpClient, Error> {
    let roots = match settings.optional("TLS_ROOTS").unwrap_or("amazon") {
        "amazon" => TrustStore::empty().with_pem_certificate(AMAZON_ROOTS),
        "system" => TrustStore::empty().with_native_roots(true),
        _ => return Err(Error::malformed("TLS_ROOTS", "is 'amazon' or 'system'")),
    };
    let tls = TlsContext::builder().with_trust_store(roots).build();
    let tls = tls.map_err(|_| Error::malformed("TLS_ROOTS", "names certificates that cannot be read"))?;
    Ok(Builder::new().tls_provider(Provider::Rustls(CRYPTO)).tls_context(tls).build_https())
}

/// A function that verifies tokens holds aws-lc for that already; the redirect takes the smaller ring.
#[cfg(feature = "auth")]
const CRYPTO: CryptoMode = CryptoMode::AwsLc;
#[cfg(not(feature = "auth"))]
const CRYPTO: CryptoMode = CryptoMode::Ring;

#[cfg(test)]
mod tests {
    use super::*;
    use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

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

//! How AWS's services are called, from what Lambda puts into the environment: where, as whom, how long and how often.

use crate::settings::{Error, Settings};
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{Credentials, SharedHttpClient};
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

/// Where DynamoDB answers in this region: the SDK's rules, without their table.
/// <https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>
pub fn dynamodb_endpoint(settings: &Settings, region: &str) -> Result<String, Error> {
    if let Some(url) = endpoint(settings, "AWS_ENDPOINT_URL_DYNAMODB")? {
        return Ok(url);
    }
    let partition = PARTITIONS.iter().find(|(regions, _)| region.starts_with(regions));
    let domain = partition.map_or("amazonaws.com", |(_, domain)| domain);
    Ok(format!("https://dynamodb.{region}.{domain}"))
}

/// How the regions of each of AWS's partitions begin that has a domain of its own, and that domain.
const PARTITIONS: [(&str, &str); 6] = [
    ("cn-", "amazonaws.com.cn"),
    ("eu-isoe-", "cloud.adc-e.uk"),
    ("eusc-", "amazonaws.eu"),
    ("us-iso-", "c2s.ic.gov"),
    ("us-isob-", "sc2s.sgov.gov"),
    ("us-isof-", "csp.hci.ic.gov"),
];

/// A client of the Systems Manager, for its Parameter Store.
#[cfg(feature = "auth")]
pub fn parameter_store(settings: &Settings) -> Result<aws_sdk_ssm::Client, Error> {
    use aws_sdk_ssm::config::{BehaviorVersion, Region, StalledStreamProtectionConfig};
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
pub fn credentials(settings: &Settings) -> Result<Credentials, Error> {
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
pub fn retries() -> RetryConfig {
    let first_back_off = Duration::from_millis(10);
    RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(first_back_off)
        .with_retry_spec(RetrySpec::v2_1().with_non_throttling_initial_backoff(first_back_off))
}

/// For how long a call may take.
pub fn time_limits() -> TimeoutConfig {
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

/// The connections that they are called over, by TLS with Amazon's certificates or the system's.
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
    use aws_sdk_dynamodb::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
    use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

    #[tokio::test]
    async fn the_endpoint_of_a_region_is_the_one_that_the_sdk_would_take() {
        let regions = "af-south-1 ap-northeast-1 ca-central-1 cn-north-1 cn-northwest-1 eu-central-1 eu-isoe-west-1 \
            eusc-de-east-1 il-central-1 me-central-1 mx-central-1 sa-east-1 us-east-1 us-gov-east-1 us-gov-west-1 \
            us-iso-east-1 us-iso-west-1 us-isob-east-1 us-isof-east-1 us-isof-south-1 us-west-2";
        for region in regions.split_whitespace() {
            let params = Params::builder().region(region.to_owned()).use_fips(false).use_dual_stack(false);
            let params = params.build().unwrap();
            let theirs = DefaultResolver::new().resolve_endpoint(&params).await.unwrap();
            assert_eq!(dynamodb_endpoint(&Settings::default(), region).unwrap(), theirs.url(), "{region}");
        }
    }

    #[test]
    fn an_endpoint_of_ones_own_goes_before_the_regions() {
        let settings = |pairs: &[(&str, &str)]| pairs.iter().copied().collect::<Settings>();
        let of = |pairs: &[(&str, &str)]| dynamodb_endpoint(&settings(pairs), "eu-central-1").unwrap();
        let (both, one) =
            (("AWS_ENDPOINT_URL", "http://all.test"), ("AWS_ENDPOINT_URL_DYNAMODB", "http://one.test"));
        assert_eq!(of(&[both]), "http://all.test/");
        assert_eq!(of(&[both, one]), "http://one.test/");
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

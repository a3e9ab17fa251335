//! Certificates of a test authority, so that TLS costs as much as on AWS: a chain of two RSA keys, like DynamoDB's.

use crate::Error;
use pem::{EncodeConfig, LineEnding, Pem, encode_config};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs, process};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// The root certificates that a bootstrap parses at each start on AWS. A measured bootstrap parses these certificates
/// and the certificate of the test authority.
const AMAZON_ROOTS: &str = include_str!("../../shared/src/aws/amazon-roots.pem");

/// The bootstrap's file of trusted certificates. The file is deleted when this value is dropped.
pub struct TrustedRoots(PathBuf);

impl TrustedRoots {
    /// The value of `SSL_CERT_FILE`.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TrustedRoots {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Returns a server for `localhost`, and the root certificates that its clients must trust.
pub fn server() -> Result<(TlsAcceptor, TrustedRoots), Error> {
    let root = CertifiedIssuer::self_signed(authority("Bench Root CA"), rsa()?)?;
    let issuer = CertifiedIssuer::signed_by(authority("Bench RSA 2048 M01"), rsa()?, &root)?;
    let key = rsa()?;
    let mut server = CertificateParams::new(["localhost".to_owned()])?;
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let server = server.signed_by(&key, &issuer)?;

    let chain = vec![server.der().clone(), issuer.der().clone()];
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;

    let root = Pem::new("CERTIFICATE", root.der().as_ref());
    let root = encode_config(&root, EncodeConfig::new().set_line_ending(LineEnding::LF));
    let roots = TrustedRoots(env::temp_dir().join(format!("signpost-bench-{}.pem", process::id())));
    fs::write(roots.path(), format!("{AMAZON_ROOTS}{root}"))?;
    Ok((TlsAcceptor::from(Arc::new(config)), roots))
}

fn rsa() -> Result<KeyPair, Error> {
    Ok(KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?)
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

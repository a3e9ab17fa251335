use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use pem::Pem;
use serde_json::Value;

/// A key pair.
#[derive(Clone)]
pub struct Key {
    signing: EncodingKey,
    public_pem: String,
}

impl Key {
    /// Generates the private key of a new key pair, in PEM format.
    ///
    /// # Errors
    /// This machine has no entropy.
    pub fn generate() -> Result<String, String> {
        let failed = |_| "a key pair could not be generated".to_owned();
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
        Ok(pem::encode(&Pem::new("PRIVATE KEY", der.as_ref())))
    }

    /// Parses a private key.
    ///
    /// # Errors
    /// The text is not an RSA private key in PEM format.
    pub fn from_pem(private_pem: &str) -> Result<Self, String> {
        let sentence = || "the issuer's key is not an RSA private key in PEM format".to_owned();
        let der = pem::parse(private_pem).map_err(|_| sentence())?;
        let pair = KeyPair::from_pkcs8(der.contents()).map_err(|_| sentence())?;
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| sentence())?;
        Ok(Self {
            signing: EncodingKey::from_rsa_pem(private_pem.as_bytes()).map_err(|_| sentence())?,
            public_pem: pem::encode(&Pem::new("PUBLIC KEY", public.as_ref())),
        })
    }

    /// Returns the public key in PEM format.
    pub fn public_pem(&self) -> &str {
        &self.public_pem
    }

    /// Returns the public key as a JWK (RFC 7517).
    ///
    /// # Errors
    /// The key cannot be converted.
    pub fn public_jwk(&self) -> Result<Value, String> {
        let failed = || "the issuer's key could not be converted to a JWK".to_owned();
        let jwk = Jwk::from_encoding_key(&self.signing, Algorithm::RS256).map_err(|_| failed())?;
        let mut jwk = serde_json::to_value(jwk).map_err(|_| failed())?;
        jwk["use"] = "sig".into();
        Ok(jwk)
    }

    /// Signs a token with these claims.
    ///
    /// # Errors
    /// The claims cannot be serialized.
    pub fn sign(&self, claims: &Value) -> Result<String, String> {
        let token = encode(&Header::new(Algorithm::RS256), claims, &self.signing);
        token.map_err(|error| format!("a token could not be signed: {error}"))
    }

    /// Signs a text with any algorithm for RSA keys and returns the signature in base64url. Tests forge
    /// tokens with it.
    ///
    /// # Errors
    /// Signing failed.
    pub fn sign_text(&self, text: &str, algorithm: Algorithm) -> Result<String, String> {
        let signature = jsonwebtoken::crypto::sign(text.as_bytes(), &self.signing, algorithm);
        signature.map_err(|error| format!("a text could not be signed: {error}"))
    }
}

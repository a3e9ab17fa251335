use crate::Error;
use crate::event::{ORG, USER};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use pem::{EncodeConfig, LineEnding, Pem, encode_config};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// A sign-in provider. Its key is new in each run.
pub struct Issuer {
    key: KeyPair,
    public_key: String,
}

impl Issuer {
    /// The tokens' `iss`.
    pub const NAME: &str = "https://auth.acme.test";

    /// Creates an issuer with a new RSA key of 2,048 bits.
    pub fn new() -> Result<Self, Error> {
        let key = KeyPair::generate(KeySize::Rsa2048)?;
        let der: PublicKeyX509Der<'_> = key.public_key().as_der()?;
        let pem = Pem::new("PUBLIC KEY", der.as_ref());
        let public_key = encode_config(&pem, EncodeConfig::new().set_line_ending(LineEnding::LF));
        Ok(Self { key, public_key })
    }

    /// The public key, as PEM.
    pub fn public_key(&self) -> &str {
        &self.public_key
    }

    /// Returns a PropelAuth access token of a member, valid for an hour.
    pub fn token(&self) -> Result<String, Error> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let header = json!({"alg": "RS256", "typ": "JWT"});
        let signed = format!("{}.{}", encoded(&header), encoded(&claims(now)));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)?;
        Ok(format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// Encodes a part of a token.
pub fn encoded(part: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(part.to_string())
}

/// Returns the claims of a user who belongs to one organization, as most users do.
pub fn claims(now: u64) -> Value {
    json!({
        "sub": USER,
        "iat": now,
        "exp": now + 3_600,
        "iss": Issuer::NAME,
        "user_id": USER,
        "email": "member@acme.test",
        "first_name": "Mary",
        "last_name": "Member",
        "username": "member",
        "properties": {},
        "login_method": {"login_method": "password"},
        "org_id_to_org_member_info": {
            ORG: {
                "org_id": ORG,
                "org_name": "Acme Inc",
                "url_safe_org_name": "acme-inc",
                "org_metadata": {},
                "org_role_structure": "single_role_in_hierarchy",
                "user_role": "Member",
                "inherited_user_roles_plus_current_role": ["Member"],
                "user_permissions": [],
                "additional_roles": [],
            },
        },
    })
}

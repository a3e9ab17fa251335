//! Issuers other than PropelAuth, in this process: keys for each algorithm, and responses that a test sets.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::prelude::{BASE64_STANDARD, Engine};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use local::issuer::Key;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A named key to sign tokens with.
#[derive(Clone)]
pub struct SigningKey {
    pub id: String,
    pub public_pem: String,
    algorithm: Algorithm,
    key: EncodingKey,
}

impl SigningKey {
    pub fn rsa(id: &str) -> Self {
        let pem = Key::generate().unwrap();
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
        let public_pem = Key::from_pem(&pem).unwrap().public_pem().to_owned();
        Self { id: id.to_owned(), public_pem, algorithm: Algorithm::RS256, key }
    }

    pub fn ec(id: &str) -> Self {
        let random = SystemRandom::new();
        let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref()).unwrap();
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let key = EncodingKey::from_ec_der(der.as_ref());
        Self { id: id.to_owned(), public_pem: pem(public.as_ref()), algorithm: Algorithm::ES256, key }
    }

    pub fn ed(id: &str) -> Self {
        let der = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.as_ref()).unwrap();
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let key = EncodingKey::from_ed_der(der.as_ref());
        Self { id: id.to_owned(), public_pem: pem(public.as_ref()), algorithm: Algorithm::EdDSA, key }
    }

    /// Returns the public key as a JWK that contains the key's name.
    pub fn jwk(&self) -> Value {
        let mut jwk =
            serde_json::to_value(Jwk::from_encoding_key(&self.key, self.algorithm).unwrap()).unwrap();
        jwk["kid"] = self.id.as_str().into();
        jwk["use"] = "sig".into();
        jwk
    }

    /// Returns a token with these claims. Its header contains the key's name.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_as(Some(&self.id), claims)
    }

    /// Returns a token with these claims. Its header contains `id` as the key's name.
    pub fn sign_as(&self, id: Option<&str>, claims: &Value) -> String {
        let header = Header { kid: id.map(str::to_owned), ..Header::new(self.algorithm) };
        encode(&header, claims, &self.key).unwrap()
    }
}

pub fn pem(der: &[u8]) -> String {
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", BASE64_STANDARD.encode(der))
}

/// The response for a path.
#[derive(Clone)]
pub enum Reply {
    Json(Value),
    Text(String),
    Status(u16, Vec<(&'static str, String)>, Value),
    Never,
}

/// A recorded request.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub headers: HashMap<String, String>,
    pub body: String,
}

/// A server that records the requests it receives, and sends the responses that a test has set.
#[derive(Clone)]
pub struct Server {
    pub url: String,
    replies: Arc<Mutex<HashMap<String, Reply>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Self { url, replies: Arc::default(), asked: Arc::default() };
        let router = Router::new().fallback(reply).with_state(server.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        server
    }

    pub fn answer(&self, path: &str, reply: Reply) {
        self.replies.lock().unwrap().insert(path.to_owned(), reply);
    }

    /// Publishes these keys at the URL in the issuer's discovery document.
    pub fn publish(&self, keys: &[Value]) {
        let jwks_uri = format!("{}/keys", self.url);
        let description = json!({ "issuer": self.url, "jwks_uri": jwks_uri });
        self.answer("/.well-known/openid-configuration", Reply::Json(description));
        self.answer("/keys", Reply::Json(json!({ "keys": keys })));
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Returns the number of requests for this path.
    pub fn times(&self, path: &str) -> usize {
        self.asked().iter().filter(|asked| asked.path == path).count()
    }
}

pub async fn reply(
    State(server): State<Server>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> Response {
    let path = uri.path().to_owned();
    let headers =
        headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let asked = Asked { method: method.to_string(), path: path.clone(), headers, body };
    server.asked.lock().unwrap().push(asked);
    let reply = server.replies.lock().unwrap().get(&path).cloned();
    match reply {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(Reply::Json(body)) => axum::Json(body).into_response(),
        Some(Reply::Text(body)) => body.into_response(),
        Some(Reply::Status(status, headers, body)) => {
            let mut response = (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response();
            for (name, value) in headers {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            response
        }
        Some(Reply::Never) => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            StatusCode::OK.into_response()
        }
    }
}

//! A store client with injected faults, and a store client that counts its calls.

use super::app::{TestApp, settings};
use super::watched::Watched;
use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use local::functions::Functions;
use local::stack::{engine_settings, sdk_config};
use local::subscription::LogGroup;
use shared::settings::Settings;
use shared::store::{ChangeStore, LinkStore};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// A fault to inject into one call.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// The call is applied, and its response is lost.
    LostAnswer,
    /// The call is applied, and its response is truncated.
    HalfAnswer,
    /// The connection fails before the call is applied.
    Broken,
    /// The call is not applied, and gets no response.
    Hangs,
    /// The call is applied, and gets no response.
    TooLate,
    /// The call is rejected with this status and error.
    Refused(u16, &'static str),
    /// The call is a batch read, and the store leaves the key of this organization and slug unprocessed. The
    /// response contains no items.
    Unprocessed(&'static str, &'static str),
    /// The call is a transaction, which is cancelled because the transaction's second part fails for this reason.
    Cancelled(&'static str),
}

/// A client of the engine. The next calls get these faults, in order; later calls succeed.
#[derive(Debug, Clone)]
pub struct Faulty {
    inner: SharedHttpClient,
    pub faults: Arc<Mutex<VecDeque<Fault>>>,
    /// The number of calls that succeed before the first fault.
    pub spared: Arc<Mutex<usize>>,
    /// The number of items that successful queries have read so far.
    scanned: Arc<Mutex<u64>>,
    calls: Arc<Mutex<usize>>,
    /// The faults of the next transactions. These faults take precedence over those in `faults`.
    pub of_transactions: Arc<Mutex<VecDeque<Fault>>>,
    /// The idempotency tokens of the transactions, one for each attempt.
    pub tokens: Arc<Mutex<Vec<String>>>,
    /// Notified about each call that will get no response.
    pub stuck: Arc<Notify>,
}

#[derive(Debug)]
pub struct FaultyConnector {
    inner: SharedHttpConnector,
    faulty: Faulty,
}

impl HttpClient for Faulty {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(FaultyConnector { inner, faulty: self.clone() })
    }
}

impl HttpConnector for FaultyConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        *self.faulty.calls.lock().unwrap() += 1;
        let body: serde_json::Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        if body.get("TransactItems").is_some() {
            let token = body["ClientRequestToken"].as_str().unwrap();
            self.faulty.tokens.lock().unwrap().push(token.to_owned());
        }
        let mut spared = self.faulty.spared.lock().unwrap();
        if *spared > 0 {
            *spared -= 1;
            return self.inner.call(request);
        }
        let of_transaction =
            body.get("TransactItems").and_then(|_| self.faulty.of_transactions.lock().unwrap().pop_front());
        let fault = of_transaction.or_else(|| self.faulty.faults.lock().unwrap().pop_front());
        let Some(fault) = fault else {
            let answer = self.inner.call(request);
            let scanned = Arc::clone(&self.faulty.scanned);
            return HttpConnectorFuture::new(async move {
                let mut answer = answer.await?;
                let body = std::mem::replace(answer.body_mut(), SdkBody::taken());
                let bytes = ByteStream::new(body).collect().await.unwrap().into_bytes();
                let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
                *scanned.lock().unwrap() += json["ScannedCount"].as_u64().unwrap_or_default();
                *answer.body_mut() = SdkBody::from(bytes);
                Ok(answer)
            });
        };
        let broken = || ConnectorError::io("the connection broke".into());
        match fault {
            Fault::LostAnswer => {
                let answer = self.inner.call(request);
                HttpConnectorFuture::new(async move {
                    answer.await?;
                    Err(broken())
                })
            }
            Fault::HalfAnswer => {
                let answer = self.inner.call(request);
                HttpConnectorFuture::new(async move {
                    let mut answer = answer.await?;
                    *answer.body_mut() = SdkBody::from("{\"Attributes\":{\"id\":{");
                    Ok(answer)
                })
            }
            Fault::Broken => HttpConnectorFuture::ready(Err(broken())),
            Fault::Hangs => {
                self.faulty.stuck.notify_one();
                HttpConnectorFuture::new(std::future::pending())
            }
            Fault::TooLate => {
                let (answer, stuck) = (self.inner.call(request), Arc::clone(&self.faulty.stuck));
                HttpConnectorFuture::new(async move {
                    answer.await?;
                    stuck.notify_one();
                    std::future::pending().await
                })
            }
            Fault::Unprocessed(org, slug) => {
                let key = serde_json::json!({ "org_id": { "S": org }, "id": { "S": slug } });
                let body = serde_json::json!({
                    "Responses": { "links": [] }, "UnprocessedKeys": { "links": { "Keys": [key] } },
                });
                let answer = HttpResponse::new(200.try_into().unwrap(), SdkBody::from(body.to_string()));
                HttpConnectorFuture::ready(Ok(answer))
            }
            Fault::Cancelled(reason) => {
                let body = format!(
                    r#"{{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"secret of the store","CancellationReasons":[{{"Code":"None"}},{{"Code":"{reason}"}}]}}"#
                );
                let answer = HttpResponse::new(400.try_into().unwrap(), SdkBody::from(body));
                HttpConnectorFuture::ready(Ok(answer))
            }
            Fault::Refused(status, code) => {
                let body = format!(
                    r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"secret of the store"}}"#
                );
                HttpConnectorFuture::ready(Ok(HttpResponse::new(
                    status.try_into().unwrap(),
                    SdkBody::from(body),
                )))
            }
        }
    }
}

impl Faulty {
    pub fn new(faults: &[Fault]) -> Self {
        Self {
            inner: aws_smithy_http_client::Builder::new().build_http(),
            faults: Arc::new(Mutex::new(faults.iter().copied().collect())),
            spared: Arc::default(),
            scanned: Arc::default(),
            calls: Arc::default(),
            of_transactions: Arc::default(),
            tokens: Arc::default(),
            stuck: Arc::default(),
        }
    }

    pub fn store(&self, url: &str) -> LinkStore {
        let config = sdk_config(url).into_builder().http_client(self.clone()).build();
        LinkStore::connect(&config, &engine_settings(url)).unwrap()
    }

    pub fn changes(&self, url: &str) -> ChangeStore {
        ChangeStore::new(Arc::new(self.store(url)), &engine_settings(url)).unwrap()
    }

    /// Returns functions, each with only its own permissions.
    pub fn functions(&self, url: &str) -> Functions {
        self.functions_with(&engine_settings(url).overridden_by(settings()))
    }

    /// Returns functions, each with only its own permissions, that log clicks to these outputs.
    pub fn functions_with_outputs(&self, url: &str, outputs: [LogGroup; 2]) -> Functions {
        let settings = engine_settings(url).overridden_by(settings());
        Functions::with_outputs(&settings, Watched::new(self.clone()), outputs).unwrap()
    }

    fn functions_with(&self, settings: &Settings) -> Functions {
        Functions::with_http_client(settings, Watched::new(self.clone())).unwrap()
    }

    pub fn calls(&self) -> usize {
        *self.calls.lock().unwrap()
    }
}

/// Functions that use a test's store, and a count of the items that the store reads for them.
pub struct Counting {
    pub functions: Functions,
    faulty: Faulty,
}

impl Counting {
    pub fn new(app: &TestApp) -> Self {
        Self::with_settings(app, &[])
    }

    pub fn with_settings(app: &TestApp, overrides: &[(&str, &str)]) -> Self {
        let faulty = Faulty::new(&[]);
        let settings = engine_settings(&app.url).overridden_by(settings());
        let settings = settings.overridden_by(overrides.iter().copied().collect());
        Self { functions: faulty.functions_with(&settings), faulty }
    }

    /// Returns the number of items that queries have read since this was last called.
    pub fn items_read(&self) -> u64 {
        std::mem::take(&mut *self.faulty.scanned.lock().unwrap())
    }

    /// Returns the number of calls so far.
    pub fn calls(&self) -> usize {
        self.faulty.calls()
    }
}

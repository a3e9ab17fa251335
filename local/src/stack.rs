//! Starts and connects everything that `cargo run` consists of: store, issuer, functions and gateway.

mod settings;

pub(crate) use settings::local_settings;
pub use settings::{OVERRIDABLE, engine_settings, overrides_from_env};

use crate::cors;
use crate::data::DataDir;
use crate::engine::Engine;
use crate::functions::Functions;
use crate::gateway;
use crate::guard::{AllowedHosts, Guard, Host};
use crate::issuer::{Issuer, Key};
use crate::server::{Limits, Server};
use crate::subscription;
use crate::tables::{CLICKS, HISTORY, LINKS};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Credentials, Region};
use axum::middleware::from_fn_with_state;
use settings::names_issuer;
use shared::aws::{self, SdkConfig};
use shared::settings::{Error, Settings};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use url::Url;

/// The maximum time that a stopping stack waits for requests in progress. After that, it waits again, for at most the
/// same time, until their clicks are counted. Functions finish a request within 5 s.
const STOP_TIMEOUT: Duration = Duration::from_secs(6);

/// The options of a stack.
#[derive(Clone)]
pub struct Options {
    /// The address that all three ports listen on. If it is not loopback, anyone who can reach it can sign in as any
    /// user.
    pub host: IpAddr,
    /// The API's port; 0 means any free port, here and for the other two ports.
    pub port: u16,
    /// The issuer's port.
    pub auth_port: u16,
    /// The store's port.
    pub dynamodb_port: u16,
    /// Allowed hosts, in addition to loopback names, the listening address and the host of `SHORT_BASE_URL`.
    pub allow_hosts: Vec<Host>,
    /// The data directory; if it is `None`, data is kept in memory.
    pub data_dir: Option<PathBuf>,
    /// Settings that override the functions' defaults.
    pub overrides: Settings,
}

/// A running stack. Dropping this value stops the stack at once; [`Stack::stop`] loses no data.
#[derive(Debug)]
pub struct Stack {
    /// The URL of the API.
    pub api: String,
    /// The URL of the issuer.
    pub auth: String,
    /// The URL of the store.
    pub dynamodb: String,
    /// Whether the settings name this stack's issuer.
    pub is_issuer: bool,
    /// Whether the API accepts this issuer's tokens. The API rejects these tokens if the settings contain another
    /// issuer or other rules for tokens.
    pub takes_local_tokens: bool,
    /// The issuer.
    pub issuer: Issuer,
    /// The servers of the API and the issuer.
    servers: (Server, Server),
    delivery: Delivery,
    // The engine is dropped before `data`, so that the engine's file is closed before the directory is unlocked.
    engine: Engine,
    data: Option<DataDir>,
}

/// The delivery of clicks to the function that counts them. It stops at once when this value is dropped.
#[derive(Debug)]
struct Delivery {
    stopping: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Stack {
    /// Starts everything. When this function returns, all ports accept requests.
    ///
    /// # Errors
    /// A port or the data directory is in use, a file in it is unusable, or a setting is malformed. Returns the reason
    /// as a sentence.
    pub async fn start(options: Options) -> Result<Self, String> {
        let own = options.overrides.url("SHORT_BASE_URL").map_err(|error| error.to_string())?;
        let hosts = hosts(&options, own.as_ref())?;
        let data = options.data_dir.as_deref().map(DataDir::lock).transpose()?;
        let api_listener = bind(options.host, options.port, "--port").await?;
        let auth_listener = bind(options.host, options.auth_port, "--auth-port").await?;
        let dynamodb_listener = bind(options.host, options.dynamodb_port, "--dynamodb-port").await?;

        let dynamodb = url(&dynamodb_listener)?;
        let database = data.as_ref().map(DataDir::database);
        let listener = dynamodb_listener.into_std().map_err(|error| error.to_string())?;
        let engine = Engine::start(listener, database.as_deref(), hosts.clone())?;
        let client = client(&dynamodb);
        LINKS.create(&client).await?;
        HISTORY.create(&client).await?;
        CLICKS.create(&client).await?;

        let key = match &data {
            Some(data) => data.signing_key(Key::generate, Key::from_pem)?,
            None => Key::from_pem(&Key::generate()?)?,
        };
        let auth = url(&auth_listener)?;
        let issuer = Issuer::new(&auth, key);

        let api = url(&api_listener)?;
        let is_issuer = names_issuer(&options.overrides, &auth);
        let settings = local_settings(&api, &auth, &dynamodb, options.overrides);
        let origin = own.as_ref().map_or_else(|| api.clone(), |own| own.origin().ascii_serialization());
        issuer.register(format!("{origin}/-/callback"));
        let (log_groups, lines) = subscription::log_groups();
        let sentence = |error: Error| error.to_string();
        let http_client = aws_smithy_http_client::Builder::new().build_http();
        let functions = Functions::with_outputs(&settings, http_client, log_groups).map_err(sentence)?;
        let functions = Arc::new(functions);
        let mut origins = cors::origins(&settings).map_err(sentence)?;
        // Requests from our own pages are allowed even if a proxy changes the host name.
        origins.extend(own.map(|own| own.origin().ascii_serialization()));
        let gateway = gateway::router(Arc::clone(&functions), cors::layer(&settings).map_err(sentence)?);
        let of_api = from_fn_with_state(Guard::public(hosts.clone(), origins), Guard::check);
        let of_issuer = from_fn_with_state(Guard::private(hosts), Guard::check);
        let api_server = Server::start(api_listener, gateway.layer(of_api), Limits::default());
        let router = issuer.clone().router().layer(of_issuer);
        let auth_server = Server::start(auth_listener, router, Limits::default());
        let takes_local_tokens = is_issuer && issuer.is_trusted_by(&functions).await;
        let (stopping, stop) = watch::channel(false);
        let task = tokio::spawn(async move { subscription::deliver(lines, &functions, stop).await });
        let delivery = Delivery { stopping, task };
        let servers = (api_server, auth_server);
        Ok(Self {
            api,
            auth,
            dynamodb,
            is_issuer,
            takes_local_tokens,
            issuer,
            servers,
            delivery,
            engine,
            data,
        })
    }

    /// Stops: finishes requests in progress, counts their clicks and closes the files.
    ///
    /// # Errors
    /// Some clicks could not be counted in time. Contains a sentence.
    pub async fn stop(self) -> Result<(), String> {
        let Self { servers: (api, auth), mut delivery, engine, data, .. } = self;
        tokio::join!(api.stop(STOP_TIMEOUT), auth.stop(STOP_TIMEOUT));
        delivery.stopping.send_replace(true);
        let delivered = timeout(STOP_TIMEOUT, &mut delivery.task).await;
        drop(engine);
        drop(data);
        match delivered {
            Ok(Ok(())) => Ok(()),
            _ => Err("the last clicks could not be counted in time".to_owned()),
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Returns the allowed hosts of all three ports, in addition to loopback names. `own` is `SHORT_BASE_URL`.
fn hosts(options: &Options, own: Option<&Url>) -> Result<AllowedHosts, String> {
    let mut hosts = AllowedHosts::default();
    options.allow_hosts.iter().cloned().for_each(|host| hosts.add(host));
    if !options.host.is_unspecified() {
        hosts.add(options.host.into());
    }
    if let Some(host) = own.and_then(Url::host_str) {
        hosts.add(host.parse()?);
    }
    Ok(hosts)
}

/// Returns the SDK configuration for the store at `dynamodb`. The environment is ignored, so that nothing local can
/// reach AWS.
///
/// Each store has its own region, because the SDK has one retry budget per region and process. With one region, the
/// errors of one store would exhaust the budget of another.
pub fn sdk_config(dynamodb: &str) -> SdkConfig {
    let region = format!("local-{}", dynamodb.rsplit(':').next().unwrap_or_default());
    let credentials = Credentials::new("local", "local", None, None, "local");
    aws::config(Region::new(region), credentials, aws_smithy_http_client::Builder::new().build_http())
}

/// Returns a client of the store at `dynamodb`, for operations that the functions have no permission for, such as
/// creating tables.
pub fn client(dynamodb: &str) -> Client {
    // This client and the functions use different regions, so that they do not share a retry budget.
    let region = Region::new("us-east-1");
    Client::new(&sdk_config(dynamodb).into_builder().region(region).endpoint_url(dynamodb).build())
}

async fn bind(host: IpAddr, port: u16, flag: &str) -> Result<TcpListener, String> {
    TcpListener::bind(SocketAddr::new(host, port)).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!(
                "port {port} is in use; stop the process that uses it, or choose another port with {flag}"
            )
        }
        _ => format!("cannot listen on {host}:{port}: {error}"),
    })
}

/// Returns the URL of a listener. If the listener is bound to all addresses, the URL contains
/// a loopback address.
fn url(listener: &TcpListener) -> Result<String, String> {
    let mut address = listener.local_addr().map_err(|error| error.to_string())?;
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    Ok(format!("http://{address}"))
}

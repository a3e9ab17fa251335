//! Everything that `cargo run` starts, wired to each other: store, issuer, functions, gateway.

use crate::cors;
use crate::data::DataDir;
use crate::engine::Engine;
use crate::functions::Functions;
use crate::gateway;
use crate::issuer::{API_KEY, Issuer, Key};
use crate::subscription;
use crate::tables::{CLICKS, LINKS};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Credentials, Region};
use axum::Router;
use shared::aws::{self, SdkConfig};
use shared::clicks::ClickLog;
use shared::settings::{self, Settings};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The settings that the environment may override. Where the store is, and who we are to it, are not among them: what
/// runs on this machine never reaches for a real table.
const OVERRIDABLE: [&str; 19] = [
    "ALLOW_PRIVATE_TARGETS",
    "AUTH_ADMIN_ROLES",
    "AUTH_ALGORITHMS",
    "AUTH_API_KEY",
    "AUTH_API_KEY_ROLE",
    "AUTH_AUDIENCE",
    "AUTH_CLAIMS",
    "AUTH_ISSUER",
    "AUTH_JWKS_URL",
    "AUTH_PROVIDER",
    "AUTH_URL",
    "AUTH_VERIFIER_KEY",
    "CLICK_RETENTION_DAYS",
    "CORS_ORIGINS",
    "LINK_CACHE_SECONDS",
    "ROOT_ORG",
    "SHORT_BASE_URL",
    "SLUG_LENGTH",
    "TRUST_CDN_HEADERS",
];

/// Where the stack listens and what it keeps.
#[derive(Clone)]
pub struct Options {
    /// The address that all three listen on. Beyond loopback, whoever reaches it may sign in as anyone.
    pub host: IpAddr,
    /// The API's port; 0 for any, as for the other two.
    pub port: u16,
    /// The issuer's port.
    pub auth_port: u16,
    /// The store's port.
    pub dynamodb_port: u16,
    /// Where data are kept; in memory if nowhere.
    pub data_dir: Option<PathBuf>,
    /// What overrides the functions' settings.
    pub overrides: Settings,
}

/// A running stack. It stops when dropped.
#[derive(Debug)]
pub struct Stack {
    /// Where the API answers.
    pub api: String,
    /// Where the issuer answers.
    pub auth: String,
    /// Where the store answers.
    pub dynamodb: String,
    /// Whether the API takes this issuer's tokens: not where the environment names another.
    pub takes_local_tokens: bool,
    _data: Option<DataDir>,
    _engine: Engine,
    servers: [JoinHandle<()>; 3],
}

impl Stack {
    /// Starts everything. When it returns, all ports answer.
    ///
    /// # Errors
    /// A port or the data directory is in use, or a setting is malformed; as a sentence.
    pub async fn start(options: Options) -> Result<Self, String> {
        let data = options.data_dir.as_deref().map(DataDir::lock).transpose()?;
        let api_listener = bind(options.host, options.port, "--port").await?;
        let auth_listener = bind(options.host, options.auth_port, "--auth-port").await?;
        let dynamodb_listener = bind(options.host, options.dynamodb_port, "--dynamodb-port").await?;

        let dynamodb = url(&dynamodb_listener)?;
        let database = data.as_ref().map(DataDir::database);
        let listener = dynamodb_listener.into_std().map_err(|error| error.to_string())?;
        let engine = Engine::start(listener, database.as_deref())?;
        let client = client(&dynamodb);
        LINKS.create(&client).await?;
        CLICKS.create(&client).await?;

        let pem = match &data {
            Some(data) => data.signing_key(Key::generate)?,
            None => Key::generate()?,
        };
        let auth = url(&auth_listener)?;
        let issuer = Issuer::new(&auth, Key::from_pem(&pem)?);

        let api = url(&api_listener)?;
        let takes_local_tokens = options.overrides.optional("AUTH_ISSUER").is_none();
        let settings = local_settings(&api, &auth, &dynamodb, options.overrides);
        let (log_groups, lines) = subscription::log_groups();
        let [redirect, open] = log_groups.map(|group| ClickLog::to(group, &settings));
        let sentence = |error: settings::Error| error.to_string();
        let click_logs = [redirect.map_err(sentence)?, open.map_err(sentence)?];
        let functions = Functions::new(&settings).map_err(sentence)?.with_click_logs(click_logs);
        let functions = Arc::new(functions);
        let cors = cors::layer(&settings).map_err(sentence)?;
        let servers = [
            serve(auth_listener, issuer.router()),
            serve(api_listener, gateway::router(Arc::clone(&functions), cors)),
            tokio::spawn(async move { subscription::deliver(lines, &functions).await }),
        ];
        Ok(Self { api, auth, dynamodb, takes_local_tokens, _data: data, _engine: engine, servers })
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

/// The functions' settings on this machine.
fn local_settings(api: &str, auth: &str, dynamodb: &str, overrides: Settings) -> Settings {
    let mut settings = engine_settings(dynamodb);
    settings = settings.overridden_by([("SHORT_BASE_URL", api)].into_iter().collect());
    // Whoever brings another issuer brings its key too, not ours.
    if overrides.optional("AUTH_ISSUER").is_none() {
        let ours = [("AUTH_ISSUER", auth), ("AUTH_URL", auth), ("AUTH_API_KEY", API_KEY)];
        settings = settings.overridden_by(ours.into_iter().collect());
    }
    settings.overridden_by(overrides)
}

/// The settings of functions that use the store at `dynamodb`.
pub fn engine_settings(dynamodb: &str) -> Settings {
    let pairs =
        [("AWS_ENDPOINT_URL_DYNAMODB", dynamodb), ("LINKS_TABLE", LINKS.name), ("CLICKS_TABLE", CLICKS.name)];
    pairs.into_iter().collect()
}

/// The functions' settings that the environment overrides.
pub fn overrides_from_env() -> Settings {
    let environment = Settings::from_env();
    OVERRIDABLE.into_iter().filter_map(|name| Some((name, environment.optional(name)?.to_owned()))).collect()
}

/// The SDK's configuration for the store at `dynamodb`, without anything of the environment's: what runs on this machine
/// does not reach AWS.
///
/// Each store has its own region, because the SDK keeps one retry budget per region and process: the faults of one store
/// would use up the budget of another.
pub fn sdk_config(dynamodb: &str) -> SdkConfig {
    let region = format!("local-{}", dynamodb.rsplit(':').next().unwrap_or_default());
    let credentials = Credentials::new("local", "local", None, None, "local");
    aws::config(Region::new(region), credentials, aws_smithy_http_client::Builder::new().build_http())
}

/// A client of the store at `dynamodb` for what the functions may not do: creating tables.
pub fn client(dynamodb: &str) -> Client {
    // Of another region than the functions', so that it does not take part in their retry budget.
    let region = Region::new("us-east-1");
    Client::new(&sdk_config(dynamodb).into_builder().region(region).endpoint_url(dynamodb).build())
}

fn serve(listener: TcpListener, router: Router) -> JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            eprintln!("a server stopped: {error}");
        }
    })
}

async fn bind(host: IpAddr, port: u16, flag: &str) -> Result<TcpListener, String> {
    TcpListener::bind(SocketAddr::new(host, port)).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!("port {port} is in use; stop what uses it, or give another with {flag}")
        }
        _ => format!("{host}:{port} cannot be listened on: {error}"),
    })
}

/// The URL of a listener. One on all addresses is reached here on loopback.
fn url(listener: &TcpListener) -> Result<String, String> {
    let mut address = listener.local_addr().map_err(|error| error.to_string())?;
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    Ok(format!("http://{address}"))
}

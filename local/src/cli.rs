//! What `cargo run` takes and does.

use crate::environment::{refused_users, unknown_names, unknown_settings};
use crate::events;
use crate::guard::Host;
use crate::issuer::API_KEY;
use crate::stack::{Options, Stack, overrides_from_env};
use crate::users::{ACME, GLOBEX, Organization, USERS, User};
use clap::{Args, Parser, Subcommand};
use serde_json::{Value, json};
use shared::settings::Settings;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use tokio::signal::unix::{SignalKind, signal};

const AUTH_PORT: u16 = 3001;
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Signpost on this machine: the API, a sign-in issuer and a DynamoDB-compatible store in one process.
#[derive(Debug, Parser)]
#[command(name = "signpost", bin_name = "cargo run --", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: Run,
}

#[derive(Debug, Args)]
struct Run {
    /// The address to listen on; 0.0.0.0 lets containers in, and everybody else
    #[arg(long, default_value_t = LOOPBACK)]
    host: IpAddr,
    /// The API's port
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// The sign-in issuer's port
    #[arg(long, default_value_t = AUTH_PORT)]
    auth_port: u16,
    /// The store's port
    #[arg(long, default_value_t = 8000)]
    dynamodb_port: u16,
    /// A host name by which requests may come, besides localhost and loopback addresses; can be repeated
    #[arg(long, value_name = "HOST")]
    allow_host: Vec<Host>,
    /// Where links and the issuer's key are kept
    #[arg(long, default_value = ".signpost", value_name = "DIR")]
    data_dir: PathBuf,
    /// Keep nothing
    #[arg(long, conflicts_with = "data_dir")]
    ephemeral: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print a token from the running issuer, and nothing else
    Token {
        /// owner, admin, member, colleague, outsider or stranger
        #[arg(value_parser = user)]
        user: &'static User,
        /// A token for this one organization of the user's, acme or globex, in place of all
        #[arg(long, value_name = "ORG", value_parser = organization)]
        active_org: Option<Organization>,
        #[command(flatten)]
        issuer: RunningIssuer,
    },
    /// Print the API key of a user or of acme, and nothing else
    ApiKey {
        /// owner, admin, member, colleague, outsider or stranger, or the organization acme
        #[arg(value_parser = api_key)]
        key: String,
    },
    /// Print an event as API Gateway sends it, with a fresh token: for `sam local invoke -e -` and the like
    Event {
        /// The event's name in events/, such as create
        name: String,
        /// Whose token
        #[arg(long, default_value = "member", value_parser = user)]
        user: &'static User,
        /// Another slug than the event's own
        #[arg(long)]
        slug: Option<String>,
        #[command(flatten)]
        issuer: RunningIssuer,
    },
}

#[derive(Debug, Args)]
struct RunningIssuer {
    /// The address that the running issuer listens on
    #[arg(long, default_value_t = LOOPBACK)]
    host: IpAddr,
    /// The running issuer's port
    #[arg(long, default_value_t = AUTH_PORT)]
    auth_port: u16,
}

impl Cli {
    /// Does what was asked for.
    ///
    /// # Errors
    /// It could not be done; why, as a sentence.
    pub async fn run(self) -> Result<(), String> {
        match self.command {
            None => self.run.run().await,
            Some(Command::Token { user, active_org, issuer }) => {
                println!("{}", token(&issuer.url(), user, active_org).await?);
                Ok(())
            }
            Some(Command::ApiKey { key }) => {
                println!("{key}");
                Ok(())
            }
            Some(Command::Event { name, user, slug, issuer }) => {
                let mut event = events::load(&name)?;
                if events::takes_token(&event) {
                    let token = token(&issuer.url(), user, None).await?;
                    event = events::on_http(events::with_token(event, &token));
                }
                if let Some(slug) = slug {
                    event = events::with_slug(event, &slug);
                }
                println!("{event:#}");
                Ok(())
            }
        }
    }
}

impl RunningIssuer {
    fn url(&self) -> String {
        format!("http://{}", SocketAddr::new(self.host, self.auth_port))
    }
}

impl Run {
    async fn run(self) -> Result<(), String> {
        let data_dir = (!self.ephemeral).then_some(self.data_dir);
        let kept = data_dir.as_ref().map_or_else(|| "nowhere".to_owned(), |path| path.display().to_string());
        let overrides = overrides_from_env();
        let stack = Stack::start(Options {
            host: self.host,
            port: self.port,
            auth_port: self.auth_port,
            dynamodb_port: self.dynamodb_port,
            allow_hosts: self.allow_host,
            data_dir,
            overrides: overrides.clone(),
        })
        .await?;
        warn(&stack, &overrides, self.host);
        if stack.takes_local_tokens {
            print_users(&stack);
        }
        println!("console   {}/", stack.api);
        println!("API       {}", stack.api);
        println!("docs      {}/docs", stack.api);
        println!("sign-in   {}   (API key: {API_KEY})", stack.auth);
        println!("DynamoDB  {}", stack.dynamodb);
        println!("data      {kept}\n");
        // Listened for before anybody is told that they may stop it.
        let listen = |kind| signal(kind).map_err(|error| format!("Ctrl-C cannot be waited for: {error}"));
        let (mut interrupt, mut terminate) =
            (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
        println!("Signpost is ready");
        let mut stopped = async || {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        };
        stopped().await;
        tokio::select! {
            result = stack.stop() => result,
            () = stopped() => Err("it was stopped a second time, before it had counted the last clicks".to_owned()),
        }
    }
}

/// Warns, on standard error, of what starts and is hardly what was meant.
fn warn(stack: &Stack, overrides: &Settings, host: IpAddr) {
    let names = || std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    let mut sentences = unknown_settings(names());
    if stack.is_issuer {
        sentences.extend(unknown_names(overrides));
        sentences.extend((!stack.takes_local_tokens).then(|| refused_users(overrides, names())));
    }
    if !host.is_loopback() {
        sentences.push(
            "it listens beyond this machine: whoever reaches these ports may sign in as anyone".to_owned(),
        );
    }
    for sentence in sentences {
        eprintln!("warning: {sentence}");
    }
}

fn print_users(stack: &Stack) {
    println!("Users to sign in as:\n");
    for user in &USERS {
        println!("  {:<9}  {:<12}  {}", user.name, user.full_name(), user.describe());
    }
    let flags = stack.auth.trim_start_matches("http://").parse().map(flags_for).unwrap_or_default();
    println!("\nA token of member     cargo run -- token member{flags}");
    println!("For scripts, its key  cargo run -- api-key member");
    println!("Acme's id             {}\n", ACME.id);
}

/// The flags by which `token` finds the issuer at this address.
fn flags_for(issuer: SocketAddr) -> String {
    let mut flags = String::new();
    if issuer.ip() != LOOPBACK {
        flags += &format!(" --host {}", issuer.ip());
    }
    if issuer.port() != AUTH_PORT {
        flags += &format!(" --auth-port {}", issuer.port());
    }
    flags
}

/// Asks the issuer at `auth` for a token as any program would: by the tutorial's own request.
async fn token(auth: &str, user: &User, active_org: Option<Organization>) -> Result<String, String> {
    let active_org_id = active_org.map(|organization| organization.id);
    let request = reqwest::Client::new()
        .post(format!("{auth}/api/backend/v1/access_token"))
        .bearer_auth(API_KEY)
        .json(&json!({ "user_id": user.id, "duration_in_minutes": 1440, "active_org_id": active_org_id }));
    let answer = request.send().await.map_err(|_| {
        format!("no issuer answers at {auth}; start Signpost with `cargo run` first, or give its port with --auth-port")
    })?;
    let answer: Value =
        answer.json().await.map_err(|_| format!("what answers at {auth} is no issuer of ours"))?;
    answer["access_token"]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| format!("the issuer at {auth} gives no token"))
}

fn organization(name: &str) -> Result<Organization, String> {
    match name {
        "acme" => Ok(ACME),
        "globex" => Ok(GLOBEX),
        _ => Err("there are acme, globex".to_owned()),
    }
}

fn api_key(name: &str) -> Result<String, String> {
    if name == "acme" { Ok(ACME.api_key()) } else { Ok(user(name)?.api_key()) }
}

fn user(name: &str) -> Result<&'static User, String> {
    let names = || USERS.map(|user| user.name).join(", ");
    User::named(name).ok_or_else(|| format!("there are {}", names()))
}

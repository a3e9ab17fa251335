//! `cargo run`: its flags and its output.

use super::{AUTH_PORT, LOOPBACK};
use crate::demo;
use crate::environment::{refused_users, unknown_names, unknown_settings};
use crate::guard::Host;
use crate::issuer::API_KEY;
use crate::stack::{Options, Stack, overrides_from_env};
use crate::users::{ACME, USERS};
use clap::Args;
use shared::model::Timestamp;
use shared::settings::Settings;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Debug, Args)]
pub struct Run {
    /// The address to listen on; 0.0.0.0 accepts requests from containers, but also from other machines
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
    /// Accept requests for this host name too, not only for localhost and loopback addresses; can be repeated
    #[arg(long, value_name = "HOST")]
    allow_host: Vec<Host>,
    /// The directory for links, clicks and the issuer's key
    #[arg(long, default_value = ".signpost", value_name = "DIR")]
    data_dir: PathBuf,
    /// Keep all data in memory
    #[arg(long, conflicts_with = "data_dir")]
    ephemeral: bool,
    /// Start with sample data, in memory: 40 links with clicks in Acme, none in Globex; all changes are lost on exit
    #[arg(long, conflicts_with = "data_dir")]
    demo: bool,
}

impl Run {
    /// Starts Signpost and runs it until it is stopped.
    ///
    /// # Errors
    /// Signpost cannot start, or the last clicks were not counted. Returns the reason as a sentence.
    pub async fn run(self) -> Result<(), String> {
        let data_dir = (!self.ephemeral && !self.demo).then_some(self.data_dir);
        let kept = match &data_dir {
            Some(path) => path.display().to_string(),
            None if self.demo => "in memory; lost when Signpost stops".to_owned(),
            None => "in memory".to_owned(),
        };
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
        if self.demo {
            demo::fill(&stack, overrides, demo::SEED, Timestamp::now()).await?;
        }
        if stack.takes_local_tokens {
            print_users(&stack);
        }
        println!("console   {}/", stack.api);
        println!("API       {}", stack.api);
        println!("docs      {}/docs", stack.api);
        println!("sign-in   {}   (API key: {API_KEY})", stack.auth);
        println!("DynamoDB  {}", stack.dynamodb);
        println!("data      {kept}\n");
        // Listen for signals before the output says that Signpost is ready, so that no signal after that is missed.
        let listen = |kind| signal(kind).map_err(|error| format!("cannot listen for Ctrl-C: {error}"));
        let (mut interrupt, mut terminate) =
            (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
        if self.demo {
            println!("Open {}/ and pick a person. Acme Inc has 40 links and two", stack.api);
            println!("months of clicks; Globex has none.\n");
        }
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
            () = stopped() => Err("Signpost was stopped a second time, before the last clicks were counted".to_owned()),
        }
    }
}

/// Warns about settings that are probably mistakes. The warnings go to standard error.
fn warn(stack: &Stack, overrides: &Settings, host: IpAddr) {
    let names = || std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    let mut sentences = unknown_settings(names());
    if stack.is_issuer {
        sentences.extend(unknown_names(overrides));
        sentences.extend((!stack.takes_local_tokens).then(|| refused_users(overrides, names())));
    }
    if !host.is_loopback() {
        sentences.push(
            "Signpost accepts requests from other machines: anyone who can reach these ports can sign in as any user".to_owned(),
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

/// Returns the flags that `token` needs to reach the issuer at this address.
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

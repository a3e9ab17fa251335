//! The command line of `cargo run`.

mod run;

use crate::events;
use crate::issuer::API_KEY;
use crate::users::{ACME, GLOBEX, Organization, USERS, User};
use clap::{Args, Parser, Subcommand};
use run::Run;
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

const AUTH_PORT: u16 = 3001;
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Runs Signpost on this machine: the API, a sign-in provider and a DynamoDB-compatible store in one process.
#[derive(Debug, Parser)]
#[command(name = "signpost", bin_name = "cargo run --", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: Run,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print an access token for a user, issued by the running Signpost
    Token {
        /// owner, admin, member, colleague, outsider or stranger
        #[arg(value_parser = user)]
        user: &'static User,
        /// Limit the token to one organization of the user, acme or globex
        #[arg(long, value_name = "ORG", value_parser = organization)]
        active_org: Option<Organization>,
        #[command(flatten)]
        issuer: RunningIssuer,
    },
    /// Print the API key of a user, or of the organization acme
    ApiKey {
        /// owner, admin, member, colleague, outsider or stranger, or the organization acme
        #[arg(value_parser = api_key)]
        key: String,
    },
    /// Print an API Gateway event with a fresh token, for example for `sam local invoke -e -`
    Event {
        /// The name of a file in events/, such as create
        name: String,
        /// The user whose token the event contains
        #[arg(long, default_value = "member", value_parser = user)]
        user: &'static User,
        /// A slug to use instead of the event's own
        #[arg(long)]
        slug: Option<String>,
        #[command(flatten)]
        issuer: RunningIssuer,
    },
}

#[derive(Debug, Args)]
struct RunningIssuer {
    /// The address of the running issuer
    #[arg(long, default_value_t = LOOPBACK)]
    host: IpAddr,
    /// The running issuer's port
    #[arg(long, default_value_t = AUTH_PORT)]
    auth_port: u16,
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// The command failed. Returns the reason as a sentence.
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

/// Requests a token from the issuer at `auth`, in the same way as any other program.
async fn token(auth: &str, user: &User, active_org: Option<Organization>) -> Result<String, String> {
    let active_org_id = active_org.map(|organization| organization.id);
    let request = reqwest::Client::new()
        .post(format!("{auth}/api/backend/v1/access_token"))
        .bearer_auth(API_KEY)
        .json(&json!({ "user_id": user.id, "duration_in_minutes": 1440, "active_org_id": active_org_id }));
    let answer = request.send().await.map_err(|_| {
        format!("no issuer responds at {auth}; start Signpost with `cargo run` first, or pass its port with --auth-port")
    })?;
    let answer: Value =
        answer.json().await.map_err(|_| format!("the server at {auth} is not a Signpost issuer"))?;
    answer["access_token"]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| format!("the issuer at {auth} returned no token"))
}

fn organization(name: &str) -> Result<Organization, String> {
    match name {
        "acme" => Ok(ACME),
        "globex" => Ok(GLOBEX),
        _ => Err("expected acme or globex".to_owned()),
    }
}

fn api_key(name: &str) -> Result<String, String> {
    if name == "acme" { Ok(ACME.api_key()) } else { Ok(user(name)?.api_key()) }
}

fn user(name: &str) -> Result<&'static User, String> {
    let names = || USERS.map(|user| user.name).join(", ");
    User::named(name).ok_or_else(|| format!("expected one of {}", names()))
}

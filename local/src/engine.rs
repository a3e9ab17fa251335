//! A DynamoDB-compatible engine in this process, used only through the AWS SDK.

mod protocol;

use crate::guard::{AllowedHosts, Guard};
use crate::server::{Limits, Server};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use dynoxide::Database;
use std::net::{SocketAddr, TcpListener};
use std::path::{self, Path};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::runtime;
use tokio::sync::oneshot;

/// The interval at which expired items are deleted. The real DynamoDB deletes them within a few days.
const SWEEP_INTERVAL: Duration = Duration::from_secs(30);

/// A running engine. Dropping this value closes the engine's file.
#[derive(Debug)]
pub struct Engine {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Engine {
    /// Starts an engine on `listener`. The engine stores its data in the file `path`, or in memory if `path` is `None`.
    /// It accepts requests for loopback names and `hosts`, but not from pages of other sites.
    ///
    /// The engine has its own thread and runtime, because it handles each request synchronously, including the write to
    /// disk. Only one process can have the file open, so the caller must hold a lock.
    ///
    /// # Errors
    /// The file cannot be opened, or the thread cannot be started. Returns the reason as a sentence.
    pub fn start(listener: TcpListener, path: Option<&Path>, hosts: AllowedHosts) -> Result<Self, String> {
        let database = match path {
            Some(path) => {
                open(path).map_err(|rule| format!("the store {} cannot be opened: {rule}", path.display()))?
            }
            None => Database::memory().map_err(|error| format!("the store cannot be opened: {error}"))?,
        };
        let failed = |error: std::io::Error| format!("the store cannot be started: {error}");
        let address = listener.local_addr().map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let work = move || {
            runtime.block_on(async {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                let _server = Server::start(listener, router(database.clone(), hosts), Limits::default());
                let sweeping = async {
                    loop {
                        tokio::time::sleep(SWEEP_INTERVAL).await;
                        if let Err(error) = database.sweep_ttl() {
                            eprintln!("expired items could not be deleted: {error}");
                        }
                    }
                };
                tokio::select! {
                    () = sweeping => {}
                    _ = stopped => {}
                }
            });
        };
        let thread = thread::Builder::new().name("dynamodb".to_owned()).spawn(work).map_err(failed)?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Returns the engine's URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Engine {
    /// Waits for the thread, so that the file is closed before its lock is released.
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn open(path: &Path) -> Result<Database, String> {
    // SQLite treats a name that begins with `file:` as a URI. An absolute path never begins with `file:`.
    let path = path::absolute(path).map_err(|error| error.to_string())?;
    let name = path.to_str().ok_or("its path is not UTF-8; choose another directory with --data-dir")?;
    Database::new(name).map_err(|error| {
        // The text after the first sentence is for developers who embed the engine.
        let cause = error.to_string();
        let cause = cause.split(". ").next().unwrap_or_default();
        format!("{cause}; restore it, or move it away to start with an empty one")
    })
}

fn router(database: Database, hosts: AllowedHosts) -> Router {
    Router::new()
        .fallback(protocol::answer)
        .with_state(database)
        .layer(DefaultBodyLimit::max(protocol::MAX_BODY))
        .layer(from_fn_with_state(Guard::private(hosts), Guard::check))
}

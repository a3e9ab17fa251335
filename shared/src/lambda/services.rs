#[cfg(feature = "auth")]
use crate::auth::Verifier;
use crate::aws::{self, SdkConfig};
use crate::clicks::ClickLog;
#[cfg(feature = "auth")]
use crate::http::{Authenticator, Site};
use crate::settings::{Error, Settings};
use crate::store::{ChangeStore, ClickStore, LinkStore};
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock};

/// Everything that a function takes from the process's environment, apart from its settings.
pub trait Environment: Sized {
    /// Reads the environment.
    ///
    /// # Errors
    /// A setting is missing or malformed.
    fn from_env(settings: &Settings) -> impl Future<Output = Result<Self, Error>>;
}

/// A function that calls no AWS service starts without a region and credentials, and contains no code for them.
impl Environment for () {
    async fn from_env(_: &Settings) -> Result<Self, Error> {
        Ok(())
    }
}

/// The AWS services, and the output of the function. Clones share the clients and stores that have been built, so that
/// all functions in one process share one connection pool and one cache.
#[derive(Clone)]
pub struct Services {
    config: SdkConfig,
    output: Arc<Mutex<dyn Write + Send>>,
    built: Arc<Built>,
}

/// The clients and stores that have been built from the settings of this process.
#[derive(Default)]
struct Built {
    #[cfg(feature = "auth")]
    verifier: OnceLock<Arc<Verifier>>,
    links: OnceLock<Arc<LinkStore>>,
    changes: OnceLock<Arc<ChangeStore>>,
    clicks: OnceLock<Arc<ClickStore>>,
}

impl Environment for Services {
    async fn from_env(settings: &Settings) -> Result<Self, Error> {
        Ok(Self::new(aws::config_from_env(settings).await?))
    }
}

impl Services {
    /// Returns services that use this SDK configuration. The output is the process's standard output, which Lambda
    /// writes to the log.
    pub fn new(config: SdkConfig) -> Self {
        Self { config, output: Arc::new(Mutex::new(io::stdout())), built: Arc::default() }
    }

    /// Returns the same services with another output.
    pub fn with_output(&self, output: impl Write + Send + 'static) -> Self {
        Self { output: Arc::new(Mutex::new(output)), ..self.clone() }
    }

    /// Returns the SDK configuration that clients are built with.
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// Returns the verifier of tokens.
    ///
    /// # Errors
    /// The same errors as [`Verifier::from_settings`].
    #[cfg(feature = "auth")]
    pub fn verifier(&self, settings: &Settings) -> Result<Arc<Verifier>, Error> {
        once(&self.built.verifier, || Verifier::from_settings(settings, &self.config))
    }

    /// Returns the authenticator for callers of this site.
    ///
    /// # Errors
    /// The same errors as [`Verifier::from_settings`] and [`Site::from_settings`].
    #[cfg(feature = "auth")]
    pub fn authenticator(&self, settings: &Settings) -> Result<Authenticator, Error> {
        Ok(Authenticator::new(self.verifier(settings)?, Site::from_settings(settings)?))
    }

    /// Returns the store of links.
    ///
    /// # Errors
    /// The same errors as [`LinkStore::connect`].
    pub fn links(&self, settings: &Settings) -> Result<Arc<LinkStore>, Error> {
        once(&self.built.links, || LinkStore::connect(&self.config, settings))
    }

    /// Returns the store that changes links and records the changes in the history.
    ///
    /// # Errors
    /// The same errors as [`LinkStore::connect`] and [`ChangeStore::new`].
    pub fn changes(&self, settings: &Settings) -> Result<Arc<ChangeStore>, Error> {
        once(&self.built.changes, || ChangeStore::new(self.links(settings)?, settings))
    }

    /// Returns the store of click counts. If the store of links is already built, the two stores share its client.
    ///
    /// # Errors
    /// The same errors as [`ClickStore::connect`].
    pub fn clicks(&self, settings: &Settings) -> Result<Arc<ClickStore>, Error> {
        once(&self.built.clicks, || match self.built.links.get() {
            Some(links) => ClickStore::with_client_of(links, settings),
            None => ClickStore::connect(&self.config, settings),
        })
    }

    /// Returns the click log, which writes to the process's output.
    ///
    /// # Errors
    /// The same errors as [`ClickLog::new`].
    pub fn click_log(&self, settings: &Settings) -> Result<ClickLog, Error> {
        ClickLog::new(Arc::clone(&self.output), settings)
    }
}

fn once<T>(cell: &OnceLock<Arc<T>>, build: impl FnOnce() -> Result<T, Error>) -> Result<Arc<T>, Error> {
    if let Some(built) = cell.get() {
        return Ok(Arc::clone(built));
    }
    let built = Arc::new(build()?);
    Ok(Arc::clone(cell.get_or_init(|| built)))
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services").finish_non_exhaustive()
    }
}

/// Lets a function that uses no services run in one process with functions that do.
impl AsRef<()> for Services {
    fn as_ref(&self) -> &() {
        &()
    }
}

impl AsRef<Self> for Services {
    fn as_ref(&self) -> &Self {
        self
    }
}

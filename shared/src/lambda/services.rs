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

/// What a function finds in the process's environment besides its settings.
pub trait Environment: Sized {
    /// Reads the environment.
    ///
    /// # Errors
    /// A setting is missing or malformed.
    fn from_env(settings: &Settings) -> impl Future<Output = Result<Self, Error>>;
}

/// A function that calls no service of AWS starts without region and credentials, and contains no code for them.
impl Environment for () {
    async fn from_env(_: &Settings) -> Result<Self, Error> {
        Ok(())
    }
}

/// The services of AWS, and the log of the function's output. Clones share what they have built: functions in one process
/// have one connection pool and one cache.
#[derive(Clone)]
pub struct Services {
    config: SdkConfig,
    output: Arc<Mutex<dyn Write + Send>>,
    built: Arc<Built>,
}

/// What has been built from the settings of this process.
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
    /// Returns services that are called with this configuration. The output is the process's standard output, which Lambda
    /// writes to the log.
    pub fn new(config: SdkConfig) -> Self {
        Self { config, output: Arc::new(Mutex::new(io::stdout())), built: Arc::default() }
    }

    /// Returns the same services with another output.
    pub fn with_output(&self, output: impl Write + Send + 'static) -> Self {
        Self { output: Arc::new(Mutex::new(output)), ..self.clone() }
    }

    /// Returns the configuration of clients.
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// Returns the verifier of tokens.
    ///
    /// # Errors
    /// The same as of [`Verifier::from_settings`].
    #[cfg(feature = "auth")]
    pub fn verifier(&self, settings: &Settings) -> Result<Arc<Verifier>, Error> {
        once(&self.built.verifier, || Verifier::from_settings(settings, &self.config))
    }

    /// Returns the authenticator of the callers of this site.
    ///
    /// # Errors
    /// The same as of [`Verifier::from_settings`] and [`Site::from_settings`].
    #[cfg(feature = "auth")]
    pub fn authenticator(&self, settings: &Settings) -> Result<Authenticator, Error> {
        Ok(Authenticator::new(self.verifier(settings)?, Site::from_settings(settings)?))
    }

    /// Returns the links.
    ///
    /// # Errors
    /// The same as of [`LinkStore::connect`].
    pub fn links(&self, settings: &Settings) -> Result<Arc<LinkStore>, Error> {
        once(&self.built.links, || LinkStore::connect(&self.config, settings))
    }

    /// Returns the changes of links, and their history.
    ///
    /// # Errors
    /// The same as of [`LinkStore::connect`] and [`ChangeStore::new`].
    pub fn changes(&self, settings: &Settings) -> Result<Arc<ChangeStore>, Error> {
        once(&self.built.changes, || ChangeStore::new(self.links(settings)?, settings))
    }

    /// Returns the counts of clicks, through the client of the links if they were built before.
    ///
    /// # Errors
    /// The same as of [`ClickStore::connect`].
    pub fn clicks(&self, settings: &Settings) -> Result<Arc<ClickStore>, Error> {
        once(&self.built.clicks, || match self.built.links.get() {
            Some(links) => ClickStore::with_client_of(links, settings),
            None => ClickStore::connect(&self.config, settings),
        })
    }

    /// Returns the log of clicks, which writes to the output.
    ///
    /// # Errors
    /// The same as of [`ClickLog::new`].
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

/// For a function that uses no services, beside others that do.
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

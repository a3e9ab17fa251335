//! A bootstrap's process, and its resource use as reported by the kernel.

use crate::Error;
use crate::bootstrap::Bootstrap;
use crate::runtime_api::RuntimeApi;
use crate::share::Share;
use crate::token::Issuer;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::time::sleep;

/// A running bootstrap. It is killed when this value is dropped, which is also how Lambda ends an instance.
pub struct Process(Child);

/// Fails if the kernel does not count CPU time per process.
pub fn check_kernel() -> Result<(), Error> {
    let counted = Path::new("/proc/self/schedstat").exists();
    if counted { Ok(()) } else { Err("/proc/PID/schedstat is missing; Linux is required".into()) }
}

/// Returns the environment that Lambda would set, and all functions' settings.
pub fn environment(
    runtime_api: &RuntimeApi,
    store_url: &str,
    trusted_roots: Option<&Path>,
    issuer: &Issuer,
) -> Vec<(&'static str, String)> {
    let fixed = [
        ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/22/[$LATEST]0123456789abcdef"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "ASIABENCH00000000000"),
        ("AWS_SECRET_ACCESS_KEY", "bench/bench/bench/bench/bench/bench/benc"),
        ("AUTH_ISSUER", Issuer::NAME),
        ("LINKS_TABLE", "links"),
        ("HISTORY_TABLE", "history"),
        ("CLICKS_TABLE", "clicks"),
        ("TZ", ":UTC"),
    ];
    let mut environment: Vec<_> = fixed.map(|(name, value)| (name, value.to_owned())).into();
    environment.extend([
        ("AWS_LAMBDA_RUNTIME_API", runtime_api.authority()),
        ("AWS_ENDPOINT_URL_DYNAMODB", store_url.to_owned()),
        // This token is as long as a real one, because it is sent and signed with every request.
        ("AWS_SESSION_TOKEN", "bench000".repeat(100)),
        ("AUTH_VERIFIER_KEY", issuer.public_key().to_owned()),
    ]);
    if let Some(roots) = trusted_roots {
        environment.push(("TLS_ROOTS", "system".to_owned()));
        environment.push(("SSL_CERT_FILE", roots.display().to_string()));
    }
    environment
}

impl Process {
    /// Starts a bootstrap with exactly this environment, under the command `wrapper` if `wrapper` is not empty.
    ///
    /// Its standard output is discarded, because the functions log to it.
    pub fn start(
        wrapper: &[String],
        bootstrap: &Bootstrap,
        environment: &[(&'static str, String)],
    ) -> Result<Self, Error> {
        let mut words = wrapper.iter().map(OsStr::new).chain([bootstrap.path.as_os_str()]);
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        Ok(Self(child.map_err(|error| format!("{} does not start: {error}", bootstrap.path.display()))?))
    }

    /// Returns the process's id.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Limits the process to a share of the CPU, from this call on.
    pub fn limit(&self, share: &Share) -> Result<(), Error> {
        share.limit(self.0.id())
    }

    /// Stops the process, in the same way as Lambda freezes an instance between two events.
    pub async fn freeze(&self) -> Result<(), Error> {
        self.signal("STOP").await
    }

    /// Resumes it.
    pub async fn thaw(&self) -> Result<(), Error> {
        self.signal("CONT").await
    }

    /// Sends SIGTERM, and waits for the process to end.
    pub async fn terminate(mut self) -> Result<(), Error> {
        self.signal("TERM").await?;
        for _ in 0..1_000 {
            if self.0.try_wait()?.is_some() {
                return Ok(());
            }
            sleep(Duration::from_millis(5)).await;
        }
        Err("the process did not end after SIGTERM".into())
    }

    async fn signal(&self, name: &str) -> Result<(), Error> {
        let mut kill = Command::new("kill");
        kill.args([format!("-{name}"), self.0.id().to_string()]);
        let sent = tokio::task::spawn_blocking(move || kill.status()).await??;
        if sent.success() { Ok(()) } else { Err(format!("the signal {name} cannot be sent").into()) }
    }

    /// Waits until all threads sleep, and returns the CPU time used so far. While a thread runs, the kernel's count is
    /// incomplete.
    pub async fn cpu_when_idle(&self) -> Result<Duration, Error> {
        for _ in 0..1_000 {
            sleep(Duration::from_millis(1)).await;
            if self.is_idle()? {
                return self.cpu();
            }
        }
        Err("the process is not idle while it waits for an event".into())
    }

    /// Returns the peak resident memory, in bytes.
    pub fn peak_memory(&self) -> Result<u64, Error> {
        self.memory("VmHWM:")
    }

    /// Returns the resident memory, in bytes.
    pub fn resident_memory(&self) -> Result<u64, Error> {
        self.memory("VmRSS:")
    }

    fn memory(&self, name: &str) -> Result<u64, Error> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let kilobytes = status.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix(" kB"));
        Ok(kilobytes.ok_or("the kernel does not report the memory of the process")?.parse::<u64>()? * 1_024)
    }

    fn is_idle(&self) -> Result<bool, Error> {
        let states = self.of_each_thread("stat", |stat| {
            // The name comes before the state. The name is in parentheses, and can contain any character.
            let (_, rest) = stat.rsplit_once(')')?;
            rest.trim_start().chars().next()
        })?;
        Ok(states.iter().all(|state| *state == 'S'))
    }

    fn cpu(&self) -> Result<Duration, Error> {
        let nanoseconds = self.of_each_thread("schedstat", |times| times.split(' ').next()?.parse().ok())?;
        Ok(nanoseconds.into_iter().map(Duration::from_nanos).sum())
    }

    fn of_each_thread<T>(&self, file: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, Error> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.0.id()))?;
        let values = threads.map(|thread| {
            let text = fs::read_to_string(thread?.path().join(file))?;
            read(&text).ok_or_else(|| format!("the {file} of the process cannot be read").into())
        });
        values.collect()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // `kill` fails if the process has already ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

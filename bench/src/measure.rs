use crate::Error;
use crate::bootstrap::{Bootstrap, Program};
use crate::dynamodb::DynamoDb;
use crate::event;
use crate::process::{self, Process};
use crate::runtime_api::{RuntimeApi, Waiting};
use crate::share::Share;
use crate::token::Issuer;
use axum::body::Bytes;
use serde_json::Value;
use std::ops::Add;
use std::time::{Duration, Instant};

/// A duration: CPU time of the process alone, and wall time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Time {
    pub cpu: Duration,
    pub wall: Duration,
}

impl Add for Time {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { cpu: self.cpu + other.cpu, wall: self.wall + other.wall }
    }
}

/// The times of one instance, from its start to its end.
pub struct Life {
    /// From the start of the process until it requests its first event.
    pub start: Time,
    pub first_call: Time,
    pub warm_calls: Vec<Time>,
    /// The peak resident memory, in bytes.
    pub peak_memory: u64,
}

/// Wall times of one instance with a limited CPU share.
pub struct SharedLife {
    /// The first call, limited to the CPU share. As on Lambda, the start of the instance is not limited.
    pub first_call: Duration,
    /// The start and the first call together, both at the function's CPU share, as on Lambda with provisioned
    /// concurrency.
    pub cold: Duration,
}

/// Runs bootstraps against the stubs.
pub struct Bench {
    pub runtime_api: RuntimeApi,
    pub dynamodb: DynamoDb,
    /// The issuer of the tokens in the events.
    pub issuer: Issuer,
}

/// An instance of a function that waits for its next event.
struct Instance {
    process: Process,
    waiting: Waiting,
    /// The CPU time used so far.
    cpu: Duration,
}

impl Bench {
    /// Starts the stubs.
    pub async fn new() -> Result<Self, Error> {
        process::check_kernel()?;
        Ok(Self {
            runtime_api: RuntimeApi::listen().await?,
            dynamodb: DynamoDb::listen().await?,
            issuer: Issuer::new()?,
        })
    }

    /// Measures `lives` instances of each bootstrap. The bootstraps take turns. Each instance gets a first call and
    /// then `warm_calls` warm calls.
    ///
    /// # Errors
    /// An instance does not start, does not respond, or responds with an error.
    pub async fn measure(
        &mut self,
        bootstraps: &[Bootstrap],
        lives: u32,
        warm_calls: u32,
    ) -> Result<Vec<Vec<Life>>, Error> {
        let mut measured: Vec<Vec<Life>> = bootstraps.iter().map(|_| Vec::new()).collect();
        // Round 0 loads the binaries into the page cache, and is not recorded.
        for round in 0..=lives {
            eprintln!("round {round} of {lives}");
            for (bootstrap, measured) in bootstraps.iter().zip(&mut measured) {
                let life = self.live(bootstrap, warm_calls).await;
                let life = life.map_err(|error| format!("{}: {error}", bootstrap.label()))?;
                if round > 0 {
                    measured.push(life);
                }
            }
        }
        Ok(measured)
    }

    async fn live(&mut self, bootstrap: &Bootstrap, warm_calls: u32) -> Result<Life, Error> {
        let event = self.event(bootstrap)?;
        let (mut instance, start) = self.start(bootstrap, None).await?;
        let mut calls = Vec::new();
        for _ in 0..=warm_calls {
            let call;
            (instance, call) = self.call(instance, bootstrap.function, &event).await?;
            calls.push(call);
        }
        let peak_memory = instance.process.peak_memory()?;
        Ok(Life { start, first_call: calls.remove(0), warm_calls: calls, peak_memory })
    }

    /// Measures the bootstraps in turn, with the CPU limited to `share`.
    pub async fn share(
        &mut self,
        bootstraps: &[Bootstrap],
        lives: u32,
        share: &Share,
    ) -> Result<Vec<Vec<SharedLife>>, Error> {
        let mut measured: Vec<Vec<SharedLife>> = bootstraps.iter().map(|_| Vec::new()).collect();
        for _ in 0..lives {
            for (bootstrap, measured) in bootstraps.iter().zip(&mut measured) {
                let event = self.event(bootstrap)?;
                let (instance, _) = self.start(bootstrap, None).await?;
                instance.process.limit(share)?;
                let (_, first_call) = self.call(instance, bootstrap.function, &event).await?;
                let (instance, start) = self.start(bootstrap, Some(share)).await?;
                let (_, first_limited) = self.call(instance, bootstrap.function, &event).await?;
                measured
                    .push(SharedLife { first_call: first_call.wall, cold: start.wall + first_limited.wall });
            }
        }
        Ok(measured)
    }

    /// Returns the wall times of calls to an instance that was frozen while the store closed the connection. When the
    /// instance thaws, both the event and the end of the connection are waiting for it.
    ///
    /// # Errors
    /// One of the calls fails.
    pub async fn hang_up(&mut self, bootstrap: &Bootstrap, calls: u32) -> Result<Vec<Duration>, Error> {
        let event = self.event(bootstrap)?;
        let (mut instance, _) = self.start(bootstrap, None).await?;
        let mut times = Vec::new();
        for _ in 0..calls {
            instance.process.freeze().await?;
            self.dynamodb.hang_up();
            // Wait until the instance's kernel has received the end of each connection.
            tokio::time::sleep(Duration::from_millis(5)).await;
            let Instance { process, waiting, cpu } = instance;
            // The event is sent before the thaw, so that it is already there when the instance wakes up.
            let (answer, thawed) = tokio::join!(self.runtime_api.call(waiting, &event), process.thaw());
            thawed?;
            let answer = answer?;
            check(bootstrap.function, &answer.body)?;
            times.push(answer.after);
            instance = Instance { process, waiting: self.runtime_api.next().await?, cpu };
        }
        Ok(times)
    }

    /// Returns the resident memory after each of these numbers of calls, in bytes.
    pub async fn endure(&mut self, bootstrap: &Bootstrap, after: &[u32]) -> Result<Vec<u64>, Error> {
        let event = self.event(bootstrap)?;
        let (mut instance, _) = self.start(bootstrap, None).await?;
        let (mut resident, mut calls) = (Vec::new(), 0);
        for after in after {
            while calls < *after {
                let Instance { process, waiting, cpu } = instance;
                let answer = self.runtime_api.call(waiting, &event).await?;
                check(bootstrap.function, &answer.body)?;
                instance = Instance { process, waiting: self.runtime_api.next().await?, cpu };
                calls += 1;
            }
            resident.push(instance.process.resident_memory()?);
        }
        Ok(resident)
    }

    /// Starts a bootstrap under `wrapper` with these additional variables, lets it handle `calls` events, and ends it
    /// with SIGTERM. Returns the id that the process had.
    ///
    /// # Errors
    /// Priming failed, or a call opened a new connection. In both cases the run proves nothing about Lambda.
    pub async fn run(
        &mut self,
        bootstrap: &Bootstrap,
        calls: u32,
        wrapper: &[String],
        variables: &[(&'static str, String)],
    ) -> Result<u32, Error> {
        let event = self.event(bootstrap)?;
        let before = self.dynamodb.seen();
        let environment = [&self.environment(bootstrap), variables].concat();
        let process = Process::start(wrapper, bootstrap, &environment)?;
        let mut waiting = self.runtime_api.next().await?;
        for _ in 0..calls {
            let answer = self.runtime_api.call(waiting, &event).await?;
            check(bootstrap.function, &answer.body)?;
            waiting = self.runtime_api.next().await?;
        }
        process.cpu_when_idle().await?;
        let after = self.dynamodb.seen();
        let id = process.id();
        process.terminate().await?;
        let has_primed = after.primed - before.primed == u32::from(bootstrap.function.primes());
        if has_primed && after.opened <= before.opened + 1 {
            Ok(id)
        } else {
            Err(format!("priming failed or its connection was not used: {before:?}, then {after:?}").into())
        }
    }

    async fn start(
        &mut self,
        bootstrap: &Bootstrap,
        share: Option<&Share>,
    ) -> Result<(Instance, Time), Error> {
        let environment = self.environment(bootstrap);
        let began = Instant::now();
        let process = Process::start(&[], bootstrap, &environment)?;
        if let Some(share) = share {
            process.limit(share)?;
        }
        let waiting = self.runtime_api.next().await?;
        let wall = waiting.since - began;
        let cpu = process.cpu_when_idle().await?;
        Ok((Instance { process, waiting, cpu }, Time { cpu, wall }))
    }

    async fn call(
        &mut self,
        instance: Instance,
        function: Program,
        event: &Bytes,
    ) -> Result<(Instance, Time), Error> {
        let Instance { process, waiting, cpu } = instance;
        let answer = self.runtime_api.call(waiting, event).await?;
        check(function, &answer.body)?;
        // The work between the response and the request for the next event is part of the call's cost.
        let waiting = self.runtime_api.next().await?;
        let total = process.cpu_when_idle().await?;
        let time = Time { cpu: total.saturating_sub(cpu), wall: answer.after };
        Ok((Instance { process, waiting, cpu: total }, time))
    }

    fn event(&self, bootstrap: &Bootstrap) -> Result<Bytes, Error> {
        Ok(event::for_program(bootstrap.function, &self.issuer.token()?)?.to_string().into())
    }

    fn environment(&self, bootstrap: &Bootstrap) -> Vec<(&'static str, String)> {
        let (url, roots) = (self.dynamodb.url(), self.dynamodb.trusted_roots());
        let mut environment = process::environment(&self.runtime_api, &url, Some(roots), &self.issuer);
        // If the link were cached, this would measure the cache, not the function.
        environment.push(("LINK_CACHE_SECONDS", if bootstrap.remembers { "300" } else { "0" }.to_owned()));
        environment
    }
}

fn check(function: Program, body: &Bytes) -> Result<(), Error> {
    let answer: Value = serde_json::from_slice(body)?;
    function.check(&answer)
}

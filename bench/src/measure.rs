use crate::Error;
use crate::bootstrap::{Bootstrap, Function};
use crate::event;
use crate::process::Process;
use crate::runtime_api::{RuntimeApi, Waiting};
use axum::body::Bytes;
use serde_json::Value;
use std::ops::Add;
use std::time::{Duration, Instant};

/// Time that was taken: of a processor, by the process alone, and on the clock.
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

/// What one instance took, from its start to its end.
pub struct Life {
    /// From the start to the first request for an event.
    pub start: Time,
    pub first_call: Time,
    pub warm_calls: Vec<Time>,
    /// The most memory that was resident, in bytes.
    pub peak_memory: u64,
}

/// Runs bootstraps against the stubs.
pub struct Bench {
    pub runtime_api: RuntimeApi,
    /// What each bootstrap finds in its environment.
    pub environment: Vec<(&'static str, String)>,
    /// Whom the events come from.
    pub token: String,
}

/// An instance between two events.
struct Instance {
    process: Process,
    waiting: Waiting,
    /// The CPU time it has used so far.
    cpu: Duration,
}

impl Bench {
    /// Gives each of the bootstraps in turn as many `lives`, of one first call and `warm_calls` each.
    ///
    /// # Errors
    /// One of them does not start, does not answer, or answers anything but success.
    pub async fn measure(
        &mut self,
        bootstraps: &[Bootstrap],
        lives: u32,
        warm_calls: u32,
    ) -> Result<Vec<Vec<Life>>, Error> {
        let mut measured: Vec<Vec<Life>> = bootstraps.iter().map(|_| Vec::new()).collect();
        // What comes before the first round brings the binaries into the page cache, and counts for nothing.
        for round in 0..=lives {
            eprintln!("round {round} of {lives}");
            for (bootstrap, measured) in bootstraps.iter().zip(&mut measured) {
                let life = self.live(bootstrap, warm_calls).await;
                let life = life.map_err(|error| format!("{}: {error}", bootstrap.function.name()))?;
                if round > 0 {
                    measured.push(life);
                }
            }
        }
        Ok(measured)
    }

    async fn live(&mut self, bootstrap: &Bootstrap, warm_calls: u32) -> Result<Life, Error> {
        let event = Bytes::from(event::of(bootstrap.function, &self.token).to_string());
        let (mut instance, start) = self.start(bootstrap).await?;
        let mut calls = Vec::new();
        for _ in 0..=warm_calls {
            let call;
            (instance, call) = self.call(instance, bootstrap.function, &event).await?;
            calls.push(call);
        }
        let peak_memory = instance.process.peak_memory()?;
        Ok(Life { start, first_call: calls.remove(0), warm_calls: calls, peak_memory })
    }

    async fn start(&mut self, bootstrap: &Bootstrap) -> Result<(Instance, Time), Error> {
        let began = Instant::now();
        let process = Process::start(&bootstrap.path, &self.environment)?;
        let waiting = self.runtime_api.next().await?;
        let wall = waiting.since - began;
        let cpu = process.cpu_when_idle().await?;
        Ok((Instance { process, waiting, cpu }, Time { cpu, wall }))
    }

    async fn call(
        &mut self,
        instance: Instance,
        function: Function,
        event: &Bytes,
    ) -> Result<(Instance, Time), Error> {
        let Instance { process, waiting, cpu } = instance;
        let answer = self.runtime_api.call(waiting, event).await?;
        check(function, &answer.body)?;
        // What it still does behind the answer, before it asks for more, is part of the call's price.
        let waiting = self.runtime_api.next().await?;
        let total = process.cpu_when_idle().await?;
        let time = Time { cpu: total.saturating_sub(cpu), wall: answer.after };
        Ok((Instance { process, waiting, cpu: total }, time))
    }
}

fn check(function: Function, body: &Bytes) -> Result<(), Error> {
    let answer: Value = serde_json::from_slice(body)?;
    if answer.get("statusCode").and_then(Value::as_u64) == Some(function.success()) {
        return Ok(());
    }
    Err(format!("it was to answer {}, and answered {answer}", function.success()).into())
}

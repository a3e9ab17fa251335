//! The whole product on one machine, in reading order.
//!
//! 1. [`cli`]: what `cargo run` takes and does.
//! 2. [`stack`]: everything below, started and wired to each other.
//! 3. [`gateway`]: HTTP in, API Gateway events out, by the [`routes`] that `template.yaml` has.
//! 4. [`functions`]: the same `handle`s that the Lambda functions run.
//! 5. [`subscription`]: what they log of clicks, handed to the one that counts them.
//! 6. [`issuer`]: a sign-in provider that answers PropelAuth's endpoints for the [`users`] of two organizations.
//! 7. [`engine`]: a DynamoDB-compatible store, spoken to through the AWS SDK alone, with its [`tables`].
//! 8. [`guard`] and [`server`]: who may call these three ports, and for how long one request may hold on to them.
//! 9. [`demo`]: invented links and clicks, made by the functions.

#![expect(
    clippy::indexing_slicing,
    reason = "JSON values made here are objects, and reading one that is none gives null"
)]

pub mod cli;
pub mod cors;
pub mod data;
pub mod demo;
pub mod engine;
pub mod environment;
pub mod events;
pub mod functions;
pub mod gateway;
pub mod guard;
pub mod issuer;
pub mod routes;
pub mod server;
pub mod stack;
pub mod subscription;
pub mod tables;
pub mod users;

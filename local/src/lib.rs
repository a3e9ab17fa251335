//! The whole product on one machine. This is a good order in which to read the modules:
//!
//! 1. [`cli`]: the command line of `cargo run`.
//! 2. [`stack`]: starts and connects everything below.
//! 3. [`gateway`]: converts HTTP requests to API Gateway events, with the same [`routes`] as in `template.yaml`.
//! 4. [`functions`]: the functions, built and invoked as on Lambda.
//! 5. [`subscription`]: delivers logged clicks to the function that counts them.
//! 6. [`issuer`]: a sign-in provider with PropelAuth's endpoints, for the [`users`] of two organizations.
//! 7. [`engine`]: a DynamoDB-compatible store, used only through the AWS SDK, with its [`tables`].
//! 8. [`guard`] and [`server`]: access control and limits of the three ports.
//! 9. [`demo`]: sample links and clicks, created by calling the functions.

#![expect(
    clippy::indexing_slicing,
    reason = "JSON values made here are objects, and indexing a value that is not an object returns null"
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

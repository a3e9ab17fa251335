//! The code that Signpost's functions share, in reading order.
//!
//! 1. [`model`]: the domain model. A value of one of its types is always valid.
//! 2. [`store`]: links and their clicks in DynamoDB, one method a route.
//! 3. `auth`: authentication by bearer token or API key. Only with the feature `auth`, so that the redirect,
//!    which authenticates no caller, does not contain it.
//! 4. [`error`]: all errors of a request and their statuses.
//! 5. [`http`]: the HTTP layer. API Gateway's event in, its response out.
//! 6. [`clicks`]: clicks, as log lines.
//! 7. [`settings`]: the environment, read once at start.
//! 8. [`lambda`]: the wiring of a function, from its settings to its responses.
//! 9. `schema`: JSON Schemas of [`model`]. Only with the feature `schema`, for the documentation.
//!
//! Dependencies point one way: `lambda -> http -> {auth, clicks, store} -> model`. All of them read [`settings`] and
//! fail with [`error`], which knows the errors of `auth` and `store`.

#[cfg(feature = "auth")]
pub mod auth;
pub mod aws;
pub mod clicks;
pub mod error;
pub mod http;
mod json;
pub mod lambda;
pub mod model;
#[cfg(feature = "schema")]
pub mod schema;
pub mod settings;
pub mod store;
mod ttl_cache;

//! The code that Signpost's functions share, in reading order.
//!
//! 1. [`model`]: the domain model. A value of one of its types is always valid.
//! 2. [`store`]: links and their clicks in DynamoDB, with one method per route.
//! 3. `auth`: authentication by bearer token or API key. Compiled only with the feature `auth`, so that the redirect
//!    function, which authenticates no caller, does not contain it.
//! 4. [`error`]: all errors that a request can end with, and their HTTP statuses.
//! 5. [`http`]: the HTTP layer. It converts API Gateway's events to requests, and results to responses.
//! 6. [`clicks`]: clicks, written and read as log lines.
//! 7. [`settings`]: settings from environment variables, read once at start.
//! 8. [`lambda`]: the wiring of a function, from its settings to its responses.
//! 9. `schema`: JSON Schemas of the types in [`model`]. Compiled only with the feature `schema`, for the API's
//!    documentation.
//!
//! Dependencies point one way: `lambda -> http -> {auth, clicks, store} -> model`. All of these modules except [`model`]
//! read [`settings`]. `http` and `auth` use [`error`], which converts the errors of `auth`, [`model`] and [`store`].

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

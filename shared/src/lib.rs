//! The code that Signpost's functions share, in reading order.
//!
//! 1. [`model`]: the things Signpost is about. A value of one of its types is always valid.
//! 2. [`store`]: links and their clicks in DynamoDB, one method a route.
//! 3. `auth`: from a bearer token to who is calling. Only with the feature `auth`, so that the redirect,
//!    which asks nobody who they are, carries none of it.
//! 4. [`error`]: everything that can go wrong in a request, and the status of each.
//! 5. [`http`]: the edge. API Gateway's event in, its response out.
//! 6. [`clicks`]: who was sent on, as lines of the log.
//! 7. [`settings`]: the environment, read once at start.
//! 8. `schema`: the rules of [`model`] as JSON Schema. Only with the feature `schema`, for the documentation.
//!
//! Dependencies point one way: `main -> handle -> {clicks, http, auth, store} -> model`, and `settings` reads what each is built from.

#[cfg(feature = "auth")]
pub mod auth;
pub mod aws;
pub mod clicks;
pub mod error;
pub mod http;
mod json;
mod memory;
pub mod model;
#[cfg(feature = "schema")]
pub mod schema;
pub mod settings;
pub mod store;

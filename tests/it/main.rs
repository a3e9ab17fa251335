//! Events in, responses out: the functions as the Lambdas run them, on a real DynamoDB engine. The files mirror the routes;
//! `house` is the test fixture.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

mod alias;
mod answers;
mod api_keys;
mod arrows;
mod attacks;
mod auth;
mod clicks;
mod console;
mod create;
mod credential;
mod delete;
mod deploy_policy;
mod deployment;
mod docs;
mod edge;
mod exact;
mod faults;
mod faulty;
mod filters;
mod hand_over;
mod handle;
mod history;
mod history_faults;
mod hostile;
mod house;
mod idempotency;
mod identity;
mod issuer_faults;
mod issuers;
mod jwks;
mod keys;
mod link_editors;
mod list;
mod names;
mod open;
mod overview;
mod permissions;
mod preview;
mod properties;
mod providers;
mod read;
mod recovery;
mod redirect;
mod rename;
mod search;
mod session;
mod start;
mod stats;
mod suggestions;
mod tally;
mod targets;
mod teams;
mod template;
mod tenancy;
mod tenants;
mod titles;
mod tokens;
mod update;

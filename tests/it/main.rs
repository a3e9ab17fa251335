//! Events in, responses out: these tests call the functions as Lambda does, with a real DynamoDB engine. The files
//! mirror the routes, and `support` contains the code that they share.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests fail by panicking")]

mod alias;
mod answers;
mod arrows;
mod attacks;
mod auth;
mod clicks;
mod console;
mod create;
mod delete;
mod deployment;
mod docs;
mod edge;
mod exact;
mod export;
mod faults;
mod filters;
mod hand_over;
mod handle;
mod history;
mod history_faults;
mod hostile;
mod idempotency;
mod identity;
mod import;
mod link_editors;
mod list;
mod names;
mod open;
mod overview;
mod permissions;
mod preview;
mod properties;
mod read;
mod recovery;
mod redirect;
mod rename;
mod search;
mod stats;
mod suggestions;
mod support;
mod tally;
mod targets;
mod template;
mod tenancy;
mod tenants;
mod titles;
mod update;

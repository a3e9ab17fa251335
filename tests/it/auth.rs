//! Authentication: tokens, API keys, signing in, and sessions.

mod api_keys;
mod credential;
mod issuer_faults;
mod jwks;
mod keys;
mod providers;
mod roles;
mod session;
mod start;
mod teams;
mod token_table;
mod tokens;

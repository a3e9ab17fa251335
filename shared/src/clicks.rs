//! Clicks: writes one log line for each visitor who is redirected, and parses these lines for the function that counts
//! clicks.
//!
//! A click causes no network call, so that no visitor waits for it. About the visitor, the line contains only the
//! fields of [`Click`](crate::model::Click).

mod line;
mod log;
mod visitor;

pub use line::read;
pub use log::ClickLog;
pub use visitor::Visit;

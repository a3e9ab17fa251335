//! Clicks: one log line for each visitor who was redirected, and the parser of these lines for the function that counts them.
//!
//! A click causes no network call, so that no visitor waits for it. About the visitor, the line contains only the
//! fields of [`Click`](crate::model::Click).

mod line;
mod log;
mod visitor;

pub use line::read;
pub use log::ClickLog;
pub use visitor::Visit;

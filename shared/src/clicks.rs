//! Clicks: a line of the log for each visitor who was sent on, and the same line read again by who counts them.
//!
//! Nothing is written to the network for a click, so that no visitor waits for it. Nothing about a visitor gets into the
//! line but what [`Click`](crate::model::Click) holds.

mod line;
mod log;
mod visitor;

pub use line::read;
pub use log::ClickLog;
pub use visitor::Visit;

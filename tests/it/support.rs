//! What tests share: the fixture, calls and their responses, and stand-ins for the services that Signpost calls.

mod app;
pub mod browser;
mod call;
pub mod clicks;
pub mod exports;
pub mod faulty;
pub mod issuer;
pub mod lists;
pub mod template;
pub mod watched;

pub use app::*;
pub use call::*;

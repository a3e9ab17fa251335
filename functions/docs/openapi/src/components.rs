//! Components that the operations reference.

mod examples;
mod headers;
mod parameters;
mod responses;
mod schemas;

pub use examples::examples;
pub use headers::headers;
pub use parameters::parameters;
pub use responses::responses;
pub use schemas::schemas;

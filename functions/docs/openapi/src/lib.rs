//! Generates the OpenAPI document from the types that serve the API. Only the build script of `docs` uses this library, so
//! no function contains it.
//!
//! 1. `operations`: all routes.
//! 2. `operation`: the type of an operation, and its conversion to JSON.
//! 3. `problems`: the errors that operations share.
//! 4. `bodies`: the body of API Gateway's own errors, and examples of our bodies.
//! 5. `components`: the components that operations refer to.
//! 6. `reference`: the references to components.
//! 7. `document`: the complete document.
//!
//! Dependencies point one way: `document -> operations -> operation -> {problems, reference}`, and
//! `document -> components -> {bodies, problems, reference}`.

mod bodies;
mod components;
mod document;
mod operation;
mod operations;
mod problems;
mod reference;

pub use document::document;

/// Returns the method and path of every operation in the document, with path variables in braces.
pub fn operations() -> Vec<(&'static str, &'static str)> {
    operations::all().into_iter().map(|operation| (operation.method, operation.path)).collect()
}

#[cfg(test)]
mod tests;

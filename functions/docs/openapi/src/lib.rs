//! The OpenAPI document, made from the types that serve the API. The build script of `docs` runs this library, so no
//! function contains it.
//!
//! 1. `operations`: every route, one after the other.
//! 2. `operation`: what all operations have in common, and how one becomes JSON.
//! 3. `problems`: the errors that operations share.
//! 4. `bodies`: request bodies that no type of `shared` describes, and the examples.
//! 5. `components`: what the operations refer to.
//! 6. `document`: the whole document.

mod bodies;
mod components;
mod document;
mod operation;
mod operations;
mod problems;

pub use document::document;

/// Returns the method and path of every operation in the document, with path variables in braces.
pub fn operations() -> Vec<(&'static str, &'static str)> {
    operations::all().into_iter().map(|operation| (operation.method, operation.path)).collect()
}

#[cfg(test)]
mod tests;

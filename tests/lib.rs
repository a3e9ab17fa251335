//! The tests are in `it`: events in, responses out, on a real engine.

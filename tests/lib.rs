//! The tests are in `it`: events in, responses out, with a real DynamoDB engine.

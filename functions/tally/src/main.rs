//! The Lambda function that counts clicks. A subscription delivers the logs of `redirect` and `open` to it.

use tally::Tally;

fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::run_with(Tally::count)
}

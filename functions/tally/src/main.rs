//! The Lambda function that counts clicks. Subscriptions deliver the log lines of `redirect` and `open` to `tally`.

use tally::Tally;

fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::run_with(Tally::count)
}

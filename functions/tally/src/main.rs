//! The Lambda function that counts clicks, fed by the subscription of the logs of `redirect` and `open`.

use tally::Tally;

fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::run_with(Tally::count)
}

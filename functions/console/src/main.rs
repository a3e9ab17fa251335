//! The Lambda function behind `/`.

fn main() -> Result<(), lambda_http::Error> {
    shared::lambda::run::<console::Console>()
}

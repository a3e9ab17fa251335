//! The Lambda function behind `/{org_id}/-/history`.

fn main() -> Result<(), lambda_http::Error> {
    shared::lambda::run::<history::History>()
}

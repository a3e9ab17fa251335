//! The Lambda function behind `POST /{org_id}/-/import`.

fn main() -> Result<(), lambda_http::Error> {
    shared::lambda::run::<import::Import>()
}

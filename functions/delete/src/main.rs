//! The Lambda function behind `DELETE /{org_id}/link/{slug}`.

fn main() -> Result<(), lambda_http::Error> {
    shared::lambda::run::<delete::Delete>()
}

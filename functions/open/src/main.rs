//! The Lambda function behind `GET` and `HEAD /{org_id}/-/open/{slug}`.

fn main() -> Result<(), lambda_http::Error> {
    shared::lambda::run::<open::Open>()
}

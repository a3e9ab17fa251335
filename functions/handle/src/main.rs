//! The Lambda function behind `PUT` and `GET /{org_id}/-/handle`.

fn main() -> Result<(), lambda_http::Error> {
    shared::lambda::run::<handle::Handles>()
}

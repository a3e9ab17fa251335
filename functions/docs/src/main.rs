//! The Lambda function behind `/docs` and `/openapi.json`.

fn main() -> Result<(), lambda_http::Error> {
    shared::lambda::run::<docs::Docs>()
}

//! The Lambda function behind `GET /{org_id}/link/{slug}/clicks` and `GET /{org_id}/-/clicks`.

fn main() -> Result<(), lambda_http::Error> {
    shared::lambda::run::<stats::Stats>()
}

//! The Lambda function behind `PATCH /{org_id}/link/{slug}`.

fn main() -> Result<(), lambda_http::Error> {
    shared::lambda::run::<update::Update>()
}

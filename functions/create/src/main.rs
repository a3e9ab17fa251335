//! The Lambda function behind `POST /{org_id}/link`.

fn main() -> Result<(), lambda_http::Error> {
    shared::lambda::run::<create::Create>()
}

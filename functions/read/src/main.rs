//! The Lambda function behind `GET /{org_id}/link/{slug}` and `GET /{org_id}/link/{slug}/qr`.

fn main() -> Result<(), lambda_http::Error> {
    shared::lambda::run::<read::Read>()
}

//! The Lambda function behind `GET /{org_id}/link`.

fn main() -> Result<(), lambda_http::Error> {
    shared::lambda::run::<list::List>()
}

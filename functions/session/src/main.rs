//! The Lambda function behind `GET /-/sign-in`, `GET /-/callback`, `GET /-/session` and `POST /-/sign-out`.

fn main() -> Result<(), lambda_http::Error> {
    shared::lambda::run::<session::Session>()
}

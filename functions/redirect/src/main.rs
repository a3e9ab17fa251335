//! The Lambda function of the `$default` route: short URLs.

fn main() -> Result<(), lambda_http::Error> {
    shared::lambda::run::<redirect::Redirect>()
}

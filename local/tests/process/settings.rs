//! Settings that prevent Signpost from starting, that have no effect, or that lock out every user.

use super::{ACME, Directory, Running, port, sentence, signpost};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// Starts Signpost with these settings, and returns what it prints to standard error until it is ready.
fn warnings(settings: &[(&str, &str)]) -> Vec<String> {
    let mut command = signpost(&["--ephemeral", "--port", "0", "--auth-port", "0", "--dynamodb-port", "0"]);
    let mut child =
        command.envs(settings.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut printed = String::new();
    while !printed.ends_with("Signpost is ready\n") {
        assert_ne!(stdout.read_line(&mut printed).unwrap(), 0, "Signpost ended early: {printed}");
    }
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stderr).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn a_setting_without_effect_is_a_warning_with_a_suggestion() {
    let acme = format!("the id of Acme Inc is {ACME}");
    for (name, value, warning) in [
        ("CORS_ORIGIN", "http://localhost:5173", "CORS_ORIGIN is not a setting; did you mean CORS_ORIGINS?"),
        ("CorsOrigins", "http://localhost:5173", "CorsOrigins is not a setting; did you mean CORS_ORIGINS?"),
        ("AUTH_SCOPE", "x", "AUTH_SCOPE is not a setting and has no effect; README.md lists the settings"),
        ("LINKS_TABLE", "real", "LINKS_TABLE has no effect here: `cargo run` sets it itself"),
        ("ROOT_ORG", "acme", &format!("ROOT_ORG is not the id of a local organization; {acme}")),
    ] {
        assert_eq!(warnings(&[(name, value)]), [format!("warning: {warning}")]);
    }
    assert_eq!(warnings(&[("ROOT_ORG", ACME), ("AUTH_ADMIN_ROLES", "Admin")]), [""; 0]);
    assert_eq!(
        warnings(&[("ROOT_ORG", &ACME.to_uppercase())]),
        [""; 0],
        "a UUID is valid in upper and lower case"
    );
    // The organizations of another issuer are unknown here, so there is no warning.
    let key = local::issuer::Key::from_pem(&local::issuer::Key::generate().unwrap()).unwrap();
    let other = [
        ("ROOT_ORG", "acme"),
        ("AUTH_ISSUER", "https://auth.acme.test"),
        ("AUTH_VERIFIER_KEY", key.public_pem()),
    ];
    assert_eq!(warnings(&other), [""; 0]);
}

#[test]
fn settings_that_lock_out_every_local_user_are_a_warning_and_the_users_are_not_shown() {
    let key = local::issuer::Key::from_pem(&local::issuer::Key::generate().unwrap()).unwrap();
    let claims = r#"{"user":["sub"],"organizations":[{"kind":"one","at":[],"id":["org"]}]}"#;
    let jwks = ("AUTH_JWKS_URL", "http://127.0.0.1:1/jwks.json");
    for (settings, names) in [
        (vec![("AUTH_PROVIDER", "keycloak")], "AUTH_PROVIDER"),
        (vec![("AUTH_AUDIENCE", "https://signpost")], "AUTH_AUDIENCE"),
        (vec![("AUTH_ALGORITHMS", "ES256")], "AUTH_ALGORITHMS"),
        (vec![("AUTH_API_KEY", "pasted")], "AUTH_API_KEY"),
        (vec![("AUTH_VERIFIER_KEY", key.public_pem())], "AUTH_VERIFIER_KEY"),
        (vec![("AUTH_PROVIDER", "custom"), ("AUTH_CLAIMS", claims)], "AUTH_CLAIMS, AUTH_PROVIDER"),
        (vec![jwks, ("AUTH_ADMIN_ROLES", "Admin")], "AUTH_JWKS_URL"),
        (vec![("HTTP_PROXY", "http://127.0.0.1:1")], "HTTP_PROXY without 127.0.0.1 in NO_PROXY"),
    ] {
        let warning = format!("warning: the API rejects every local user; the cause is in {names}");
        assert_eq!(warnings(&settings), [warning], "{settings:?}");
    }
    let not_for_us = [("HTTP_PROXY", "http://127.0.0.1:1"), ("NO_PROXY", "localhost,127.0.0.1")];
    for settings in
        [&[("AUTH_PROVIDER", "propelauth")][..], &[("AUTH_ALGORITHMS", "ES256,RS256")], &not_for_us]
    {
        assert_eq!(warnings(settings), [""; 0], "{settings:?}");
    }
}

#[test]
fn what_prevents_a_start_is_an_error_message() {
    let directory = Directory::new();
    let running = Running::on_any_ports(&directory.0);
    let taken = port(&running.api);

    let other = signpost(&["--ephemeral", "--port", taken, "--auth-port", "0", "--dynamodb-port", "0"])
        .output()
        .unwrap();
    assert_eq!(
        sentence(&other),
        format!(
            "error: port {taken} is in use; stop the process that uses it, or choose another port with --port\n"
        )
    );
    let shown = directory.0.display();
    let other = signpost(&["--port", "0", "--data-dir", &shown.to_string()]).output().unwrap();
    let expected = format!(
        "error: the data directory {shown} is in use by another Signpost; stop it, or choose another directory with \
         --data-dir\n"
    );
    assert_eq!(sentence(&other), expected);
    let malformed = signpost(&["--ephemeral", "--port", "0", "--auth-port", "0", "--dynamodb-port", "0"])
        .env("SLUG_LENGTH", "five")
        .output()
        .unwrap();
    assert_eq!(sentence(&malformed), "error: the setting SLUG_LENGTH must be a number from 6 to 32\n");
    let alone = signpost(&["token", "member", "--auth-port", "1"]).output().unwrap();
    assert!(sentence(&alone).starts_with(
        "error: no issuer responds at http://127.0.0.1:1; start Signpost with `cargo run` first"
    ));
    let nobody = signpost(&["token", "nobody"]).output().unwrap();
    assert!(
        sentence(&nobody).contains("expected one of owner, admin, member, colleague, outsider, stranger")
    );
}

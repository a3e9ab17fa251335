//! Starts the function's process with and without the environment variables that Lambda sets.

use std::process::Command;

#[test]
fn a_start_without_region_credentials_or_table_fails_with_a_sentence_that_names_them() {
    let environment = [
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("LINKS_TABLE", "links"),
    ];
    let missing = [
        ("AWS_REGION", "the setting AWS_REGION is missing"),
        ("AWS_ACCESS_KEY_ID", "the setting AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is missing"),
        ("AWS_SECRET_ACCESS_KEY", "the setting AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is missing"),
        ("LINKS_TABLE", "the setting LINKS_TABLE is missing"),
    ];
    for (name, sentence) in missing {
        for value in [None, Some(""), Some(" ")] {
            let mut start = Command::new(env!("CARGO_BIN_EXE_redirect"));
            start.env_clear().envs(environment).env_remove(name).envs(value.map(|value| (name, value)));
            let output = start.output().unwrap();
            assert!(!output.status.success(), "{name}: {value:?}");
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_eq!(stderr.trim(), format!("Error: {sentence}"), "{value:?}");
        }
    }
}

//! Deployments from GitHub: the workflow's steps, its actions and its role.

use super::{text, yaml};
use crate::support::template::template;
use regex_lite::Regex;
use serde_json::{Value, json};
use std::process::{self, Command, Output};
use std::{env, fs};

/// Returns the steps of a workflow's job: the name or action of each step, with its commands.
fn steps(job: &Value) -> Vec<(String, String)> {
    let step = |step: &Value| {
        let name = step["uses"].as_str().or(step["name"].as_str()).or(step["run"].as_str()).unwrap();
        (name.to_owned(), step["run"].as_str().unwrap_or_default().to_owned())
    };
    job["steps"].as_array().unwrap().iter().map(step).collect()
}

#[test]
fn deployments_from_github_are_built_for_lambdas_glibc_and_checked_first() {
    let workflow = yaml(".github/workflows/deploy.yml");
    let job = &workflow["jobs"]["deploy"];
    assert_eq!(job["container"], "public.ecr.aws/amazonlinux/amazonlinux:2023");
    let runner = job["runs-on"].as_str().unwrap();
    assert!(runner.contains("vars.ARCHITECTURE == 'arm64' && 'ubuntu-24.04-arm'"), "{runner}");
    let steps = steps(job);
    let position = |part: &str| {
        let found = steps.iter().position(|(name, run)| name.contains(part) || run.contains(part));
        found.unwrap_or_else(|| panic!("no step has {part}"))
    };
    let order =
        ["actions/checkout@", "sam build", "checks/bootstraps", "configure-aws-credentials@", "sam deploy"];
    let positions = order.map(position);
    assert!(positions.is_sorted(), "{positions:?}");
    for command in ["sam build", "sam deploy"] {
        let run = &steps[position(command)].1;
        assert!(
            run.contains("file://parameters.yaml") && run.contains("Architecture=$ARCHITECTURE"),
            "{run}"
        );
    }
    assert_eq!(
        (&job["permissions"]["id-token"], &job["env"]["ARCHITECTURE"]),
        (&json!("write"), &json!("${{ vars.ARCHITECTURE || 'x86_64' }}"))
    );
}

/// Runs a step's commands as the workflow does, with a `sam` that prints its arguments.
fn run_step(commands: &str, variables: &[(&str, &str)]) -> Output {
    let folder = env::temp_dir().join(format!("signpost-step-{}-{}", process::id(), variables.len()));
    fs::create_dir_all(&folder).unwrap();
    let script = format!("sam() {{ printf '%s\\n' \"$@\"; }}\n{commands}");
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &script])
        .envs(variables.iter().copied())
        .current_dir(&folder)
        .output()
        .unwrap();
    fs::remove_dir_all(&folder).unwrap();
    output
}

fn deploy_step(name: &str) -> String {
    let workflow = yaml(".github/workflows/deploy.yml");
    let mut steps = steps(&workflow["jobs"]["deploy"]).into_iter();
    steps.find(|(step, _)| step == name).unwrap_or_else(|| panic!("there is no step {name}")).1
}

/// A run that is started again keeps its id:
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/variables#default-environment-variables>. With the
/// same `Release`, functions would keep the values of the first attempt.
#[test]
fn each_attempt_of_a_github_deployment_has_its_own_release() {
    let commands = deploy_step("Deploy");
    let release = |attempt: &str| {
        let variables =
            [("ARCHITECTURE", "x86_64"), ("GITHUB_RUN_ID", "1658821493"), ("GITHUB_RUN_ATTEMPT", attempt)];
        let output = run_step(&commands, &variables);
        assert!(output.status.success(), "{output:?}");
        let arguments = String::from_utf8(output.stdout).unwrap();
        arguments.lines().find_map(|argument| argument.strip_prefix("Release=")).unwrap().to_owned()
    };
    let releases = ["1", "2"].map(release);
    assert_ne!(releases[0], releases[1]);
    let template = template();
    let allowed = Regex::new(template["Parameters"]["Release"]["AllowedPattern"].as_str().unwrap()).unwrap();
    assert!(releases.iter().all(|release| allowed.is_match(release)), "{releases:?}");
}

#[test]
fn github_builds_for_the_architecture_in_the_parameters() {
    let commands = deploy_step("Build");
    let build = |architecture: &str, parameters: &str| {
        let output = run_step(&commands, &[("ARCHITECTURE", architecture), ("PARAMETERS", parameters)]);
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    for line in ["Architecture: arm64", "Architecture: \"arm64\"", "Architecture: 'arm64' # cheaper"] {
        let parameters = format!("AuthIssuer: https://auth.example.com\n{line}\n");
        let (built, printed) = build("arm64", &parameters);
        assert!(
            built && printed.lines().any(|argument| argument == "Architecture=arm64"),
            "{line}: {printed}"
        );
        let (built, printed) = build("x86_64", &parameters);
        assert!(!built && printed.contains("ARCHITECTURE"), "{line}: {printed}");
    }
    // The template's default.
    assert!(build("x86_64", "AuthIssuer: https://auth.example.com").0);
    assert!(!build("arm64", "AuthIssuer: https://auth.example.com").0);
    let (built, printed) = build("x86_64", "");
    assert!(!built && printed.contains("PARAMETERS"), "{printed}");
}

#[test]
fn github_checks_binaries_that_lambda_can_start() {
    let workflow = yaml(".github/workflows/ci.yml");
    let container = &workflow["jobs"]["run"]["container"];
    // This is the newest Debian image with a glibc that is old enough for the bootstraps.
    assert_eq!((&container["image"], &container["options"]), (&json!("debian:12"), &json!("--privileged")));
    let run = text(".ci/run");
    assert!(run.contains("checks/bootstraps ") && !run.contains("objdump -T"), "one check for all");
}

#[test]
fn workflows_pin_actions_to_a_commit_and_use_no_secret() {
    for path in [".github/workflows/ci.yml", ".github/workflows/deploy.yml"] {
        let workflow = text(path);
        assert!(!workflow.contains("secrets."), "{path}");
        for line in workflow.lines().filter_map(|line| line.split("uses: ").nth(1)) {
            let commit = line.split('@').nth(1).unwrap().split(' ').next().unwrap();
            assert!(
                commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{path}: {line}"
            );
        }
    }
}

#[test]
fn both_subjects_of_githubs_tokens_are_documented() {
    // <https://docs.github.com/en/actions/concepts/security/openid-connect>
    let page = text("docs/operations.md");
    assert!(page.contains("repo:OWNER/NAME:environment:production"));
    // If the role's name began with the stack's name, the role could edit itself.
    assert!(page.contains("--role-name deploy-$STACK ") && !page.contains("--role-name $STACK"));
    assert!(page.contains("repo:OWNER@OWNER_ID/NAME@NAME_ID:environment:production"));
}

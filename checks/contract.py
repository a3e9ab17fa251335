#!/usr/bin/env python3
"""Compares the local stack with its own OpenAPI document: Schemathesis sends valid and invalid requests made from the document.

`schemathesis.toml` says what is checked, and where the API differs from what Schemathesis expects. This needs target/debug/local.
Arguments are passed to Schemathesis: `--include-operation-id create`, or `--max-examples 1000` for a long run.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from stack import ACME, ROOT, Processes, token

# A timeout in case the API hangs; otherwise the run ends after the number of examples in `schemathesis.toml`.
SECONDS = 300


def main():
    with tempfile.TemporaryDirectory() as folder, Processes(folder) as processes:
        # Acme is the root organization, so its short URLs also work without an organization in the path.
        stack = processes.start_stack(ROOT_ORG=ACME)
        users = Path(folder) / "users.json"
        # Schemathesis can read several users from a file in the format of Web Fuzzing Commons.
        credentials = {user: f"Bearer {token(stack.issuer, user)}" for user in ("owner", "outsider")}
        headers = {user: [{"name": "Authorization", "value": value}] for user, value in credentials.items()}
        users.write_text(json.dumps({"auth": [{"name": user, "fixedHeaders": header} for user, header in headers.items()]}))
        # Schemathesis uses Hypothesis, which would otherwise create a folder in the repository.
        environment = os.environ | {"CONTRACT_USERS": str(users), "HYPOTHESIS_STORAGE_DIRECTORY": folder}
        command = ["schemathesis", "--config-file", "checks/schemathesis.toml", "run", "--no-color", *sys.argv[1:]]
        command.append(f"http://127.0.0.1:{stack.port}/openapi.json")
        run = subprocess.run(command, cwd=ROOT, env=environment, timeout=SECONDS)
    if run.returncode != 0:
        sys.exit("The API and its OpenAPI document differ.")
    print("The API does what its OpenAPI document says.")


if __name__ == "__main__":
    main()

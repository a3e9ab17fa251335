#!/usr/bin/env python3
"""Holds the local stack to its own OpenAPI document: Schemathesis makes requests of it, sound ones and broken ones, and
compares the answers with what it promises.

It runs the local stack that `cargo test` made. `schemathesis.toml` says what is checked, and where the API does
otherwise than Schemathesis expects. Arguments are passed on: `--include-operation-id create`, or `--max-examples 1000`
for a long run.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from stack import ACME, Processes, token

# It ends by itself, after the number of examples in `schemathesis.toml`; this is for an API that hangs.
SECONDS = 300


def write_users(path, issuer):
    """In the format of Web Fuzzing Commons, of which Schemathesis takes more than one user."""
    users = []
    for user in ("owner", "outsider"):
        header = {"name": "Authorization", "value": f"Bearer {token(issuer, user)}"}
        users.append({"name": user, "fixedHeaders": [header]})
    path.write_text(json.dumps({"auth": users}))


def main():
    with tempfile.TemporaryDirectory() as folder, Processes(folder) as processes:
        # So that short URLs without an organization lead somewhere too.
        stack = processes.start_stack(ROOT_ORG=ACME)
        users = Path(folder) / "users.json"
        write_users(users, stack.issuer)
        command = ["schemathesis", "--config-file", "checks/schemathesis.toml", "run", "--no-color", *sys.argv[1:]]
        # Hypothesis, below it, keeps a folder where it runs, unless it is told where.
        environment = {**os.environ, "CONTRACT_USERS": str(users), "HYPOTHESIS_STORAGE_DIRECTORY": folder}
        command.append(f"http://127.0.0.1:{stack.port}/openapi.json")
        processes.start("schemathesis", command, environment)
        try:
            status = processes.running["schemathesis"].wait(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            sys.exit(f"It was not done within {SECONDS} seconds.")
        print(processes.log("schemathesis").read_text())
    if status != 0:
        sys.exit("The API and its document are not the same.")
    print("The API does what its document says.")


if __name__ == "__main__":
    main()

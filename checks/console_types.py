#!/usr/bin/env python3
"""Checks the types of the console's modules as strictly as TypeScript can. What their JSDoc says about the API must agree with
the OpenAPI document that the local stack serves. `checks/console/tsconfig.json` has the rules. The check needs
target/debug/local.
"""

import subprocess
import sys
import tempfile

from client import Client
from stack import ROOT, Processes

TOOLS = ROOT / ".ci/tools/console"


def tool(name, *arguments):
    if subprocess.run([TOOLS / "node_modules/.bin" / name, *arguments], stderr=subprocess.STDOUT).returncode != 0:
        sys.exit(f"{name} found faults.")


def main():
    document = TOOLS / "openapi.json"
    with tempfile.TemporaryDirectory() as folder, Processes(folder) as processes:
        stack = processes.start_stack()
        document.write_bytes(Client(f"http://127.0.0.1:{stack.port}").call("GET", "/openapi.json").content)
    # One type for each schema: `import("api").Link`.
    named = ["--root-types", "--root-types-no-schema-prefix"]
    tool("openapi-typescript", document, "--output", TOOLS / "api.d.ts", *named)
    tool("tsc", "--project", ROOT / "checks/console/tsconfig.json", "--pretty", "false")
    print("The types of the console's modules agree with the OpenAPI document.")


if __name__ == "__main__":
    main()

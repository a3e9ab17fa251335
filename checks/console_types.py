#!/usr/bin/env python3
"""Checks the types of the console's modules: what they say in JSDoc about the API against the OpenAPI document that the local
stack serves, and the rest as strictly as TypeScript can. `checks/console/tsconfig.json` has the rules.

It runs the local stack that `cargo test` made.
"""

import subprocess
import sys
import tempfile
import urllib.request

from stack import ROOT, Processes

TOOLS = ROOT / ".ci/tools/console"


def tool(name, *arguments):
    run = subprocess.run(
        [TOOLS / "node_modules/.bin" / name, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if run.returncode != 0:
        sys.exit(f"{run.stdout}\n{name} found something wrong.")


def main():
    document = TOOLS / "openapi.json"
    with tempfile.TemporaryDirectory() as folder, Processes(folder) as processes:
        stack = processes.start_stack()
        request = urllib.request.Request(f"http://127.0.0.1:{stack.port}/openapi.json")
        with urllib.request.urlopen(request, timeout=10) as response:
            document.write_bytes(response.read())
    # A type of its own for each schema: `import("api").Link`.
    named = ["--root-types", "--root-types-no-schema-prefix"]
    tool("openapi-typescript", document, "--output", TOOLS / "api.d.ts", *named)
    tool("tsc", "--project", ROOT / "checks/console/tsconfig.json", "--pretty", "false")
    print("The types of the console's modules are right.")


if __name__ == "__main__":
    main()

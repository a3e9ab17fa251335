#!/usr/bin/env python3
"""Runs the README's story with the local stack, as a new user does: pastes it into an interactive bash, then into an interactive
zsh. Compares what each shell prints with what the README shows: `…` in the README stands for any text, and dates are not compared. It needs
target/debug/local.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from stack import ROOT, Processes

SHELLS = {
    "bash": ["bash", "--noprofile", "--norc", "-i"],
    "zsh": ["zsh", "-f", "-i"],
}
# Runs the program that is already built, instead of building it, and passes it the issuer's port.
CARGO = """#!/bin/sh
[ "$1 $2 $3" = "run -q --" ] || exit 64
shift 3
exec "{root}/target/debug/local" "$@" --auth-port {port}
"""


def story():
    readme = (ROOT / "README.md").read_text()
    section = re.search(r"^## The story.*?(?=^## )", readme, re.MULTILINE | re.DOTALL)[0]
    return re.findall(r"^```(\w+)\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


def pattern(line):
    line = re.escape(line).replace(re.escape("…"), ".*?")
    line = re.sub(r"\d{4}\\-\d\d\\-\d\d", r"\\d{4}-\\d\\d-\\d\\d", line)
    # A space next to `…` is part of the omission.
    return line.replace(r"\ .*?", ".*?").replace(r".*?\ ", ".*?")


def run(shell, folder, blocks):
    with Processes(folder) as processes:
        stack = processes.start_stack()
        cargo = Path(folder) / "cargo"
        cargo.write_text(CARGO.format(root=ROOT, port=stack.issuer.rsplit(":", 1)[1]))
        cargo.chmod(0o755)
        environment = {"PATH": f"{folder}:{os.environ['PATH']}", "HOME": folder, "TERM": "dumb", "LC_ALL": "C.UTF-8"}
        blocks = [(kind, text.replace("127.0.0.1:3000", f"127.0.0.1:{stack.port}")) for kind, text in blocks]
        # A click is counted after a second or two. A person takes longer to paste the next command, so the script waits too.
        pasted = "".join(("sleep 2\n" if "/clicks" in text else "") + text for kind, text in blocks if kind == "sh")
        done = subprocess.run(SHELLS[shell], input=pasted, env=environment, cwd=folder, capture_output=True, text=True, timeout=120)
    rest = done.stdout
    for kind, text in blocks:
        for line in text.strip().splitlines() if kind != "sh" else []:
            found = re.search(pattern(line), rest)
            if not found:
                sys.exit(f"In {shell}, the story should print\n{line}\nbut printed\n{done.stdout}\n{done.stderr}")
            # The lines of a JSON response must come in the README's order. Headers may come in any order.
            rest = rest[found.end() :] if kind == "json" else rest
    complaints = re.findall(r".*(?:not found|no matches|parse error|curl: |error:).*", done.stdout + done.stderr)
    if complaints:
        sys.exit(f"In {shell}, the story prints errors:\n" + "\n".join(complaints))
    print(f"In {shell}, the story prints what the README shows.")


def main():
    blocks = story()
    assert sum(kind == "sh" for kind, _ in blocks) >= 8, "the README has lost its story"
    for shell in SHELLS:
        with tempfile.TemporaryDirectory() as folder:
            run(shell, folder, blocks)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Tells the README's story word by word, as a new user does: pasted into an interactive bash and an interactive zsh, against
the local stack that `cargo test` made. What the shells print has to be what the README shows.

`…` in the README stands for anything, and so does a date.
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


def story():
    readme = (ROOT / "README.md").read_text()
    section = re.search(r"^## The story.*?(?=^## )", readme, re.MULTILINE | re.DOTALL)[0]
    return re.findall(r"^```(\w+)\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


def pattern(shown):
    """What has to be printed, in whichever order headers come and with whichever others."""
    lines = []
    for line in shown.strip().splitlines():
        line = re.escape(line).replace(re.escape("…"), ".*?")
        line = re.sub(r"\d{4}\\-\d\d\\-\d\d", r"\\d{4}-\\d\\d-\\d\\d", line)
        # A blank on either side of what is left out belongs to it.
        lines.append(line.replace(r"\ .*?", ".*?").replace(r".*?\ ", ".*?"))
    return lines


def tell(shell, command, folder, blocks):
    with Processes(folder) as processes:
        stack = processes.start_stack()
        # `cargo run -q -- …` starts the program that is already there, and finds the issuer on its port.
        shim = Path(folder) / "cargo"
        shim.write_text(
            "#!/bin/sh\n"
            '[ "$1 $2 $3" = "run -q --" ] || exit 64\n'
            f'shift 3\nexec "{ROOT}/target/debug/local" "$@" --auth-port {stack.issuer.rsplit(":", 1)[1]}\n'
        )
        shim.chmod(0o755)
        environment = {"PATH": f"{folder}:{os.environ['PATH']}", "HOME": folder, "TERM": "dumb", "LC_ALL": "C.UTF-8"}
        here = lambda text: text.replace("127.0.0.1:3000", f"127.0.0.1:{stack.port}")
        # A click takes a moment until it is counted, and a reader longer than that to paste the next command.
        pasted = "".join(("sleep 2\n" if "/clicks" in text else "") + here(text) for kind, text in blocks if kind == "sh")
        run = subprocess.run(command, input=pasted, env=environment, cwd=folder, capture_output=True, text=True, timeout=120)
    rest = run.stdout
    for kind, text in blocks:
        if kind == "sh":
            continue
        for expected in pattern(here(text)):
            found = re.search(expected, rest)
            if not found:
                sys.exit(f"In {shell}, the story does not print\n{expected}\nbut\n{run.stdout}\n{run.stderr}")
            # Headers come in any order; answers come one after the other.
            if kind == "json":
                rest = rest[found.end() :]
    complaints = re.findall(r".*(?:not found|no matches|parse error|curl: |error:).*", run.stdout + run.stderr)
    if complaints:
        sys.exit(f"In {shell}, the story complains:\n" + "\n".join(complaints))
    print(f"The story in {shell} is as the README has it.")


def main():
    blocks = story()
    assert sum(kind == "sh" for kind, _ in blocks) >= 8, "the README has lost its story"
    for shell, command in SHELLS.items():
        with tempfile.TemporaryDirectory() as folder:
            tell(shell, command, folder, blocks)


if __name__ == "__main__":
    main()

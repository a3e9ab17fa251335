"""What the checks of the running product share: the local stack on ports of its own, its users, and an end that leaves
nothing running."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

ROOT = Path(__file__).parent.parent

ACME = "1189c444-8a2d-4c41-8b4b-ae43ce79a492"
GLOBEX = "7c2c57a4-1f2b-4d2e-9c1a-3f8c5f1f4a11"
USERS = {
    "owner": "0f3f5a0e-0001-4000-8000-000000000001",
    "admin": "0f3f5a0e-0002-4000-8000-000000000002",
    "member": "0f3f5a0e-0003-4000-8000-000000000003",
    "colleague": "0f3f5a0e-0004-4000-8000-000000000004",
    "outsider": "0f3f5a0e-0005-4000-8000-000000000005",
}
API_KEY = "local-api-key"

Stack = namedtuple("Stack", "port issuer dynamodb_port")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Processes:
    """What was started here, each with a log of its own. On leaving, all of it is stopped."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.running = {}

    def __enter__(self):
        # So that being stopped from outside is an end like any other, with nothing left running.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("It was stopped from outside."))
        return self

    def start(self, name, command, environment=None):
        with self.log(name).open("w") as log:
            # A process group of its own, so that what it starts in turn is stopped with it.
            self.running[name] = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def log(self, name):
        return self.folder / f"{name}.log"

    def wait_until(self, name, ready, seconds=60):
        """Waits for `ready`, as long as `name` is running."""
        end = time.monotonic() + seconds
        while not ready():
            if self.running[name].poll() is not None:
                sys.exit(f"'{name}' ended before it was ready.")
            if time.monotonic() > end:
                sys.exit(f"'{name}' was not ready within {seconds} seconds.")
            time.sleep(0.05)

    def start_stack(self, port=None, options=("--ephemeral",), **settings):
        auth_port, dynamodb_port = free_port(), free_port()
        port = port or free_port()
        ports = ["--port", port, "--auth-port", auth_port, "--dynamodb-port", dynamodb_port]
        self.start("local", ["target/debug/local", *options, *map(str, ports)], {**os.environ, **settings})
        self.wait_until("local", lambda: "Signpost is ready" in self.log("local").read_text())
        return Stack(port, f"http://127.0.0.1:{auth_port}", dynamodb_port)

    def stop(self, name):
        process = self.running.pop(name)
        process.terminate()
        process.wait(timeout=15)

    def __exit__(self, kind, *_):
        for process in self.running.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.running.values():
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        if kind:
            for name in self.running:
                print(f"--- the log of {name}", file=sys.stderr)
                for line in self.log(name).read_text().splitlines():
                    # A line of a log can be as long as an event.
                    print(line[:200], file=sys.stderr)


def eventually(check, seconds=15):
    """Tries until it holds: an instance remembers a link for ten seconds, and counts and log lines arrive when they do."""
    end = time.monotonic() + seconds
    while True:
        try:
            return check()
        except AssertionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


def token(issuer, user):
    """Gets a token by the tutorial's own curl."""
    command = [
        "curl", "--silent", "--show-error", "--fail",
        "-X", "POST", f"{issuer}/api/backend/v1/access_token",
        "-H", f"Authorization: Bearer {API_KEY}",
        "-H", "Content-Type: application/json",
        "-d", json.dumps({"user_id": USERS[user], "duration_in_minutes": 1440}),
    ]  # fmt: skip
    return json.loads(subprocess.check_output(command))["access_token"]

"""The local stack on free ports, its users, and processes that never outlive a check."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

from client import session

ROOT = Path(__file__).parent.parent

ACME = "1189c444-8a2d-4c41-8b4b-ae43ce79a492"
GLOBEX = "7c2c57a4-1f2b-4d2e-9c1a-3f8c5f1f4a11"
USERS = {
    user: f"0f3f5a0e-{number:04}-4000-8000-{number:012}"
    for number, user in enumerate(["owner", "admin", "member", "colleague", "outsider"], 1)
}
API_KEY = "local-api-key"
# Contains characters that careless code would change: an escape, a plus sign, a fragment.
TARGET = "https://example.com/deep/path/?q=caf%C3%A9&tag=a+b&empty=#section-2"

Stack = namedtuple("Stack", "port issuer dynamodb_port log")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Processes:
    """Processes, each with a log file. On exit, all of them are stopped; after a failure, their logs are printed."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.running = {}

    def __enter__(self):
        # A check that is terminated must not leave processes running either.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("The check was terminated."))
        return self

    def start(self, name, command, environment=None):
        with self.log(name).open("w") as log:
            # The process gets a group of its own, so that its children are stopped with it.
            self.running[name] = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def log(self, name):
        return self.folder / f"{name}.log"

    def wait_until(self, name, ready, seconds=60):
        """Waits until `ready()` returns true. Fails if the process `name` ends first."""
        end = time.monotonic() + seconds
        while not ready():
            if self.running[name].poll() is not None:
                sys.exit(f"'{name}' ended before it was ready.")
            if time.monotonic() > end:
                sys.exit(f"'{name}' was not ready within {seconds} seconds.")
            time.sleep(0.05)

    def wait_for_line(self, name, text):
        self.wait_until(name, lambda: text in self.log(name).read_text())

    def start_stack(self, port=None, options=("--ephemeral",), name="local", issuer_port=None, dynamodb_port=None, **settings):
        port, issuer_port, dynamodb_port = (given or free_port() for given in (port, issuer_port, dynamodb_port))
        ports = ["--port", port, "--auth-port", issuer_port, "--dynamodb-port", dynamodb_port]
        self.start(name, ["target/debug/local", *map(str, [*options, *ports])], {**os.environ, **settings})
        self.wait_for_line(name, "Signpost is ready")
        return Stack(port, f"http://127.0.0.1:{issuer_port}", dynamodb_port, self.log(name))

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
                # A log line can be as long as an event, so only its start is printed.
                print(*(line[:200] for line in self.log(name).read_text().splitlines()), sep="\n", file=sys.stderr)


def eventually(check, seconds=15):
    """Repeats `check` until it passes: links are cached for ten seconds, and clicks and log lines arrive late."""
    end = time.monotonic() + seconds
    while True:
        try:
            return check()
        except AssertionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


def token(issuer, user):
    """Requests an access token, as a backend service does."""
    body = {"user_id": USERS[user], "duration_in_minutes": 1440}
    bearer = {"Authorization": f"Bearer {API_KEY}"}
    answer = session().post(f"{issuer}/api/backend/v1/access_token", json=body, headers=bearer, timeout=10)
    answer.raise_for_status()
    return answer.json()["access_token"]


def tokens(issuer):
    return {user: token(issuer, user) for user in USERS}

#!/usr/bin/env python3
"""Sends mixed traffic to the local stack for some minutes (20, or the first argument); every minute the stack is killed with
SIGKILL and restarted. At the end the store must contain exactly the changes that were acknowledged. Run it by hand:

    cargo build -p local && .ci/tools/python/bin/python checks/soak.py 20
"""

import random
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter

from client import Client
from requests import RequestException
from stack import ACME, GLOBEX, Processes, free_port, tokens

# The users. Each of them changes only their own links. Two users work in each organization at the same time.
WORKERS = [("owner", ACME), ("member", ACME), ("colleague", GLOBEX), ("outsider", GLOBEX)]
LIFE_SECONDS = 60
# After this time without a response from the store, a function repeats its call.
ATTEMPT_SECONDS = 1
# A pause between two requests of one user, so that the machine has room for other work.
PAUSE_SECONDS = 0.05


class Stack:
    """The local stack, which keeps its ports when it is restarted."""

    def __init__(self, processes, folder):
        self.processes, self.starts = processes, 0
        self.ports = {name: free_port() for name in ("port", "issuer_port", "dynamodb_port")}
        self.options = ("--data-dir", f"{folder}/data")

    def start(self):
        self.starts += 1
        return self.processes.start_stack(options=self.options, **self.ports)

    def restart(self):
        self.processes.running["local"].kill()
        self.processes.running["local"].wait()
        self.start()


class Worker(threading.Thread):
    """Creates, edits, follows, lists and deletes links, and keeps a model of what was acknowledged."""

    def __init__(self, number, user, org, stack, issued, end):
        super().__init__(daemon=True)
        self.user, self.org, self.stack, self.end = user, org, stack, end
        self.path = f"/{org}/link"
        self.client = Client(f"http://127.0.0.1:{stack.ports['port']}", issued, verbose=False)
        self.random = random.Random(number)
        # URL, version and entity tag by slug.
        self.links = {}
        # How often each link was followed: all attempts, and the responses since each start of the stack.
        self.attempts, self.answers = Counter(), Counter()
        self.answered, self.retried, self.failure = 0, 0, None

    def run(self):
        actions, weights = [self.create, self.edit, self.delete, self.list, self.follow], [30, 25, 10, 10, 25]
        try:
            while time.monotonic() < self.end:
                time.sleep(PAUSE_SECONDS)
                action = self.random.choices(actions, weights)[0] if self.links else self.create
                action()
        except Exception as failure:  # noqa: BLE001: raised again by `main`
            self.failure = failure

    def expect(self, condition, *seen):
        if not condition:
            raise AssertionError(f"{self.user}: {seen}")

    def call(self, method, path, body=None, headers=None, attempted=lambda: None):
        """Sends the request until it gets a response. Returns the response, and whether the first attempt got it."""
        attempts = 0
        while True:
            attempts += 1
            attempted()
            try:
                answer = self.client.call(method, path, self.user, body, headers)
                if answer.status_code < 500:
                    self.answered, self.retried = self.answered + 1, self.retried + (attempts > 1)
                    return answer, attempts == 1
            except RequestException:
                pass
            self.expect(time.monotonic() < self.end + 60, f"{method} {path} gets no response any more")
            time.sleep(0.1)

    def random_uuid(self):
        return str(uuid.UUID(int=self.random.getrandbits(128)))

    def random_slug(self):
        return self.random.choice(list(self.links))

    def create(self):
        body, key = {"url": f"https://example.com/{self.random_uuid()}"}, {"Idempotency-Key": self.random_uuid()}
        answer, first = self.call("POST", self.path, body, key)
        self.expect(answer.status_code == 201 or (answer.status_code == 200 and not first), answer.text)
        link = answer.json()
        self.expect(link["id"] not in self.links, "made twice", link)
        self.links[link["id"]] = (link["url"], 1, answer.headers["ETag"])

    def edit(self):
        slug, url = self.random_slug(), f"https://example.com/{self.random_uuid()}"
        _, version, etag = self.links[slug]
        answer, first = self.call("PATCH", f"{self.path}/{slug}", {"url": url}, {"If-Match": etag})
        if answer.status_code == 412 and not first:
            # An earlier attempt, which got no response, had already made the edit.
            answer, _ = self.call("GET", f"{self.path}/{slug}")
        self.expect(answer.status_code == 200, answer.text)
        link = answer.json()
        self.expect((link["url"], link["version"]) == (url, version + 1), link, first)
        self.links[slug] = (url, version + 1, answer.headers["ETag"])

    def delete(self):
        slug = self.random_slug()
        answer, _ = self.call("GET", f"{self.path}/{slug}")
        self.expect(answer.status_code == 200 and answer.headers["ETag"] == self.links[slug][2], answer.text)
        start = time.monotonic()
        answer, first = self.call("DELETE", f"{self.path}/{slug}")
        took = time.monotonic() - start
        # A function repeats a call to the store if the response is late, and may find that the first call had already succeeded.
        repeated = not first or took > ATTEMPT_SECONDS
        self.expect(answer.status_code == 200 or (answer.status_code == 404 and repeated), answer.text, took)
        del self.links[slug]

    def list(self, cursor=None):
        answer, _ = self.call("GET", f"{self.path}?limit=100&creator=me" + (f"&cursor={cursor}" if cursor else ""))
        self.expect(answer.status_code == 200, answer.text)
        return answer.json()

    def follow(self, slug=None):
        slug = slug or self.random_slug()
        start = self.stack.starts
        answer, _ = self.call("GET", f"/{self.org}/{slug}", attempted=lambda: self.attempts.update([slug]))
        # If the stack was restarted meanwhile, the response may have come from before the restart.
        if start == self.stack.starts:
            self.answers[start, slug] += 1
        self.expect(answer.status_code == 302 and answer.headers["Location"] == self.links[slug][0], slug, answer.headers)

    def clicks_are_counted(self):
        """Checks that all clicks since the last start were counted, since no kill can have lost them, and that no link has more
        clicks than attempts."""
        total = 0
        for slug in self.links:
            answer, _ = self.call("GET", f"{self.path}/{slug}/clicks")
            counts, least = answer.json(), self.answers[self.stack.starts, slug]
            clicks = counts["total"] + counts["bots"]
            self.expect(least <= clicks <= self.attempts[slug], slug, least, clicks, self.attempts[slug])
            total += clicks
        print(f"{self.user}: {total} clicks counted, of {sum(self.attempts[slug] for slug in self.links)} attempts")

    def links_are_as_acknowledged(self):
        page = self.list()
        found = page["data"]
        while page["next_cursor"]:
            page = self.list(page["next_cursor"])
            found += page["data"]
        found = [(link["id"], link["url"], link["version"]) for link in found]
        model = [(slug, url, version) for slug, (url, version, _) in self.links.items()]
        self.expect(sorted(found) == sorted(model), "differs", set(found) ^ set(model), len(found), len(model))
        print(f"{self.user}: {len(model)} links as acknowledged; {self.answered} responses, {self.retried} of them after a retry")


def main():
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as folder, Processes(folder) as processes:
        stack = Stack(processes, folder)
        issued = tokens(stack.start().issuer)
        end = time.monotonic() + minutes * 60
        workers = [Worker(number, *who, stack, issued, end) for number, who in enumerate(WORKERS)]
        for worker in workers:
            worker.start()
        while time.monotonic() < end:
            time.sleep(min(LIFE_SECONDS, max(0, end - time.monotonic())))
            stack.restart()
            print(f"killed {stack.starts - 1} times, links {[len(worker.links) for worker in workers]}", flush=True)
        for worker in workers:
            worker.join()
            if worker.failure:
                raise worker.failure
        # A kill loses clicks that have not been delivered yet. The clicks of this last round are delivered within seconds.
        for worker in workers:
            for slug in worker.links:
                worker.follow(slug)
        time.sleep(5)
        for worker in workers:
            worker.clicks_are_counted()
        # After another restart, no response comes from a cache. The workers still use the tokens that were issued at the start.
        stack.restart()
        for worker in workers:
            worker.links_are_as_acknowledged()
        print(f"{minutes:g} minutes, {stack.starts - 1} kills: the store has everything that was acknowledged.")


if __name__ == "__main__":
    main()

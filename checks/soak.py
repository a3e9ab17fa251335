#!/usr/bin/env python3
"""Mixed traffic on the local stack for some minutes (20, or as the first argument says), killed with SIGKILL every minute
and started anew. In the end the store holds what a model of all that was acknowledged says, and nothing else. By hand.

    cargo build -p local && python3 checks/soak.py 20
"""

import http.client
import json
import random
import sys
import tempfile
import threading
import time
import uuid

from stack import ACME, GLOBEX, ROOT, USERS, Processes, free_port, token

# A user who changes links of their own in each organization, twice: two at once are two who meet on the same store.
WORKERS = [("owner", ACME), ("member", ACME), ("colleague", GLOBEX), ("outsider", GLOBEX)]
LIFE = 60
# For how long a function waits for the store before it tries again, in seconds.
ATTEMPT = 1
# Between two requests of one user, so that the machine has room for something else.
PAUSE = 0.05


class Stack:
    """`cargo run`'s program on ports that stay, whenever it is started."""

    def __init__(self, processes, folder):
        self.processes = processes
        self.port, issuer_port, store_port = free_port(), free_port(), free_port()
        self.issuer = f"http://127.0.0.1:{issuer_port}"
        flags = ["--port", self.port, "--auth-port", issuer_port, "--dynamodb-port", store_port]
        self.started = 0
        self.command = [ROOT / "target/debug/local", *map(str, flags), "--data-dir", f"{folder}/data"]

    def start(self):
        self.processes.start("local", self.command)
        ready = lambda: "Signpost is ready" in self.processes.log("local").read_text()
        self.processes.wait_until("local", ready)
        self.started += 1

    def kill(self):
        self.processes.running["local"].kill()
        self.processes.running["local"].wait()


class Worker(threading.Thread):
    """Makes, edits, follows, lists and deletes links, and keeps account of what was acknowledged."""

    def __init__(self, number, user, org, stack, bearer, end):
        super().__init__(daemon=True)
        self.user, self.org, self.stack, self.bearer, self.end = user, org, stack, bearer, end
        self.random = random.Random(number)
        self.links = {}
        # How often each link was followed: tries in all, and answers since the stack was last started.
        self.tries = {}
        self.answers = {}
        self.counts = {}
        self.failure = None

    def run(self):
        try:
            while time.monotonic() < self.end:
                time.sleep(PAUSE)
                choice = self.random.random()
                if choice < 0.3 or not self.links:
                    self.create()
                elif choice < 0.55:
                    self.edit()
                elif choice < 0.65:
                    self.delete()
                elif choice < 0.75:
                    self.list()
                else:
                    self.follow()
        except Exception as failure:  # noqa: BLE001: told by the one who started it
            self.failure = failure

    def once(self, method, path, body=None, headers=None):
        headers = {"Authorization": f"Bearer {self.bearer}", "Content-Type": "application/json", **(headers or {})}
        connection = http.client.HTTPConnection("127.0.0.1", self.stack.port, timeout=10)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read().decode()
        finally:
            connection.close()

    def call(self, name, method, path, body=None, headers=None, sends=lambda: None):
        """Sends until there is an answer, and tells whether it was the first try's."""
        tries = 0
        while True:
            tries += 1
            sends()
            try:
                status, headers_, text = self.once(method, path, body, headers)
            except (OSError, http.client.HTTPException):
                status = None
            if status is not None and status < 500:
                self.counts[name, tries > 1] = self.counts.get((name, tries > 1), 0) + 1
                lower = {name.lower(): value for name, value in headers_.items()}
                return tries == 1, status, lower, json.loads(text) if text else None
            if time.monotonic() > self.end + 60:
                raise AssertionError(f"{method} {path} is not answered any more: {status}")
            time.sleep(0.1)

    def expect(self, condition, *seen):
        if not condition:
            raise AssertionError(f"{self.user}: {seen}")

    def create(self):
        body = {"url": f"https://example.com/{uuid.UUID(int=self.random.getrandbits(128))}"}
        key = {"Idempotency-Key": str(uuid.UUID(int=self.random.getrandbits(128)))}
        first, status, headers, link = self.call("create", "POST", f"/{self.org}/link", body, key)
        self.expect(status == 201 or (status == 200 and not first), status, link)
        self.expect(link["id"] not in self.links, "made twice", link)
        self.links[link["id"]] = (link["url"], 1, headers["etag"])

    def edit(self):
        slug = self.random.choice(list(self.links))
        _, version, etag = self.links[slug]
        url = f"https://example.com/{uuid.UUID(int=self.random.getrandbits(128))}"
        path = f"/{self.org}/link/{slug}"
        first, status, headers, link = self.call("edit", "PATCH", path, {"url": url}, {"If-Match": etag})
        if status == 412 and not first:
            # The try that was not answered was made.
            _, status, headers, link = self.call("read", "GET", path)
        self.expect(status == 200 and link["url"] == url and link["version"] == version + 1, status, link, first)
        self.links[slug] = (url, version + 1, headers["etag"])

    def delete(self):
        slug = self.random.choice(list(self.links))
        path = f"/{self.org}/link/{slug}"
        # Before it is gone for good: what was acknowledged is there, as it was.
        _, status, headers, link = self.call("read", "GET", path)
        self.expect(status == 200 and headers["etag"] == self.links[slug][2], status, link)
        began = time.monotonic()
        first, status, _, link = self.call("delete", "DELETE", path)
        took = time.monotonic() - began
        # The function tries again what the store has not answered within its limit, and may find it done.
        again = not first or took > ATTEMPT
        self.expect(status == 200 or (status == 404 and again), status, link, took)
        del self.links[slug]

    def list(self):
        _, status, _, page = self.call("list", "GET", f"/{self.org}/link?limit=100&creator=me")
        self.expect(status == 200, status, page)

    def follow(self, slug=None):
        slug = slug or self.random.choice(list(self.links))
        started = self.stack.started

        def sends():
            self.tries[slug] = self.tries.get(slug, 0) + 1

        _, status, headers, _ = self.call("follow", "GET", f"/{self.org}/{slug}", sends=sends)
        # One that was on its way through a start may have been answered before it.
        if started == self.stack.started:
            answers = self.answers.setdefault(started, {})
            answers[slug] = answers.get(slug, 0) + 1
        self.expect(status == 302 and headers["location"] == self.links[slug][0], status, headers, slug)

    def counted(self):
        """How often the links count as followed, of which no kill can have lost so many, and no try was for more."""
        counted, kept, tried = 0, 0, 0
        for slug in self.links:
            _, status, _, body = self.call("stats", "GET", f"/{self.org}/link/{slug}/clicks")
            self.expect(status == 200, status, body)
            clicks = body["total"]
            least = self.answers.get(self.stack.started, {}).get(slug, 0)
            self.expect(least <= clicks <= self.tries.get(slug, 0), slug, least, clicks, self.tries.get(slug, 0))
            counted, kept, tried = counted + clicks, kept + least, tried + self.tries.get(slug, 0)
        return f"{counted} clicks counted, of {tried} tries and at least {kept}"

    def listed(self):
        links, cursor = {}, ""
        while cursor is not None:
            path = f"/{self.org}/link?limit=100&creator=me" + (f"&cursor={cursor}" if cursor else "")
            _, status, _, page = self.call("list", "GET", path)
            self.expect(status == 200, status, page)
            for link in page["data"]:
                self.expect(link["id"] not in links, "listed twice", link)
                links[link["id"]] = (link["url"], link["version"])
            cursor = page["next_cursor"]
        return links


def main():
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as folder, Processes(folder) as processes:
        stack = Stack(processes, folder)
        stack.start()
        tokens = {user: token(stack.issuer, user) for user in USERS}
        end = time.monotonic() + minutes * 60
        workers = [Worker(number, *who, stack, tokens[who[0]], end) for number, who in enumerate(WORKERS)]
        for worker in workers:
            worker.start()
        kills = 0
        while time.monotonic() < end:
            time.sleep(min(LIFE, max(0, end - time.monotonic())))
            stack.kill()
            kills += 1
            stack.start()
            print(f"killed {kills}, links {[len(worker.links) for worker in workers]}", flush=True)
        for worker in workers:
            worker.join()
            if worker.failure:
                raise worker.failure
        # Clicks are delivered within a moment. One that a kill caught before is lost, here as in a log that broke off;
        # those of this last round are not.
        for worker in workers:
            for slug in worker.links:
                worker.follow(slug)
        time.sleep(5)
        for worker in workers:
            print(f"{worker.user}: {worker.counted()}")
        # Another start, so that nothing is told from memory; the tokens are those of the beginning.
        stack.kill()
        stack.start()
        for worker in workers:
            there, model = worker.listed(), {slug: link[:2] for slug, link in worker.links.items()}
            worker.expect(there == model, "differs", set(there.items()) ^ set(model.items()))
            print(f"{worker.user}: {len(model)} links as acknowledged; {sum(worker.counts.values())} answers, of which "
                  f"{sum(count for (_, again), count in worker.counts.items() if again)} after more than one try")
        everything = [link for worker in workers for link in worker.links]
        print(f"{minutes:g} minutes, {kills} kills, {len(everything)} links: what was acknowledged is what there is.")


if __name__ == "__main__":
    main()

"""DynamoDB's faults in a running deployment: it is throttled, fails, is slow, or cannot be reached."""

import http.server
import json
import threading
import time
import urllib.request

from smoke import TARGET, is_problem
from stack import ACME, eventually

# The longest an answer may take: less than the functions' 5 s, plus what MiniStack needs for itself.
LONGEST = 6


class FaultyDynamoDb:
    """Stands between the functions and DynamoDB, counts calls, and lets them meet the fault that is set."""

    def __init__(self, upstream):
        self.upstream = upstream
        self.fault = None
        self.counted = 0
        self.listen(0)

    def listen(self, port):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler(self))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def unreachable(self):
        self.server.shutdown()
        self.server.server_close()

    def reachable(self):
        self.listen(self.server.server_port)

    def calls(self):
        """How many calls came since this was last asked."""
        counted, self.counted = self.counted, 0
        return counted

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.unreachable()


def handler(dynamodb):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            dynamodb.counted += 1
            if dynamodb.fault == "throttled":
                self.refuse(400, "ThrottlingException")
            elif dynamodb.fault == "refused":
                self.refuse(403, "AccessDeniedException")
            elif dynamodb.fault == "failing":
                self.refuse(500, "InternalServerError")
            elif dynamodb.fault == "slow":
                time.sleep(3)
                self.close_connection = True
            else:
                self.forward(body)

        def refuse(self, status, error):
            self.answer(status, json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{error}"}).encode())

        def forward(self, body):
            # Kept alive connections would outlive a fault; one a call is enough here.
            names = ("Content-Type", "X-Amz-Target", "Authorization", "X-Amz-Date")
            headers = {name: self.headers[name] for name in names if self.headers[name]}
            try:
                with urllib.request.urlopen(urllib.request.Request(dynamodb.upstream, body, headers)) as response:
                    self.answer(response.status, response.read())
            except urllib.error.HTTPError as refusal:
                self.answer(refusal.code, refusal.read())

        def answer(self, status, body):
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, *_):
            pass

    return Handler


def requests(slug):
    """One request a function that reads or writes links, each of a link that no instance remembers."""
    path = f"/{ACME}/link"
    return {
        "create": ("POST", path, "member", {"url": TARGET}),
        "list": ("GET", path, "member", None),
        "redirect": ("GET", f"/{ACME}/{slug}", None, None),
        "read": ("GET", f"{path}/{slug}", "member", None),
        "update": ("PATCH", f"{path}/{slug}", "member", {"title": "A title"}),
        "delete": ("DELETE", f"{path}/{slug}", "member", None),
        "handle": ("GET", f"/{ACME}/-/handle", "member", None),
        "open": ("GET", f"/{ACME}/-/open/{slug}", "member", None),
        "stats": ("GET", f"{path}/{slug}/clicks", "member", None),
    }


def faults_are_survived(api, dynamodb, error_lines):
    """Each function answers 503 in time, calls DynamoDB three times at most, logs one line for the alarm's metric to
    count, and works again by itself."""
    for fault in ("throttled", "failing", "slow", "unreachable"):
        for function in requests(""):
            request = requests(f"of-{fault}")[function]
            # A first start primes the connection, by calls of its own.
            assert api.call(*request).status < 500
            logged = error_lines(function)
            dynamodb.fault = fault
            if fault == "unreachable":
                dynamodb.unreachable()
            dynamodb.calls()
            start = time.monotonic()
            answer = api.call(*request)
            took = time.monotonic() - start
            calls = dynamodb.calls()
            dynamodb.fault = None
            if fault == "unreachable":
                dynamodb.reachable()
            is_problem(answer, 503, "unavailable")
            assert answer.headers["retry-after"] == "1", answer
            assert took < LONGEST, f"{function}, {fault}: {took:.1f} s"
            assert calls == (0 if fault == "unreachable" else 3), f"{function}, {fault}: {calls} calls"

            def one_line():
                lines = error_lines(function) - logged
                assert lines == 1, f"{function}, {fault}: {lines} lines for the alarm"

            eventually(one_line)
            print(f"     {function} with DynamoDB {fault}: 503 after {took:.1f} s, {calls} calls, one line")
            assert api.call(*request).status < 500, "it has not recovered"

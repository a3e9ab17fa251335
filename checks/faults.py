"""Faults of DynamoDB in a running deployment: DynamoDB throttles, fails, is slow or is unreachable."""

import http.server
import json
import threading
import time

import journey
from client import assert_problem, session, shown
from stack import ACME, TARGET, eventually

# The longest time that a response may take: at most 5 s in the function, and up to 1 s in MiniStack.
MAX_SECONDS = 6
REFUSALS = {
    "throttled": (400, "ThrottlingException"),
    "refused": (403, "AccessDeniedException"),
    "failing": (500, "InternalServerError"),
}


class FaultyDynamoDb:
    """A proxy between the functions and DynamoDB that counts calls and injects the fault that is set."""

    def __init__(self, upstream):
        self.upstream, self.fault, self.counted = upstream, None, 0
        self.session = session()
        self.listen(0)

    def listen(self, port):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler(self))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def inject(self, fault):
        if fault == "unreachable":
            self.__exit__()
        elif self.fault == "unreachable":
            self.listen(self.server.server_port)
        self.fault = fault

    def calls(self):
        """Returns the number of calls to DynamoDB since this method was last called."""
        counted, self.counted = self.counted, 0
        return counted

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def handler(dynamodb):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            dynamodb.counted += 1
            # A connection that was kept alive could outlast a fault.
            self.close_connection = True
            if dynamodb.fault == "slow":
                time.sleep(3)
            elif dynamodb.fault in REFUSALS:
                status, error = REFUSALS[dynamodb.fault]
                self.answer(status, json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{error}"}).encode())
            else:
                names = ("Content-Type", "X-Amz-Target", "Authorization", "X-Amz-Date")
                headers = {name: self.headers[name] for name in names if self.headers[name]}
                answer = dynamodb.session.post(dynamodb.upstream, body, headers=headers, timeout=10)
                self.answer(answer.status_code, answer.content)

        def answer(self, status, body):
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


def requests_of_the_store(slug):
    """Yields one request for each function that reads or writes links: a GET if the function has one. No response comes from
    a cache."""
    bodies = {"create": {"url": TARGET}, "update": {"title": "A title"}, "import": {"links": [{"url": TARGET}]}}
    preferred = sorted(journey.requests_of_members(slug), key=lambda request: request[1] != "GET")
    for function, method, path in {request[0]: request for request in reversed(preferred)}.values():
        yield function, (method, path, "member", bodies.get(function))
    yield "redirect", ("GET", f"/{ACME}/{slug}")


def faults_are_survived(api, dynamodb, error_lines):
    """Each function returns 503 in time, calls DynamoDB at most three times, logs one line that its alarm counts, and recovers by
    itself."""
    for fault in ("throttled", "failing", "slow", "unreachable"):
        for function, request in requests_of_the_store(f"of-{fault}"):
            case = f"{function} with DynamoDB {fault}"
            # A cold start primes the connection with calls of its own.
            assert api.call(*request).status_code < 500
            logged = error_lines(function)
            dynamodb.inject(fault)
            dynamodb.calls()
            start = time.monotonic()
            answer = api.call(*request)
            took, calls = time.monotonic() - start, dynamodb.calls()
            dynamodb.inject(None)
            assert_problem(answer, 503, "unavailable")
            assert answer.headers["Retry-After"] == "1", shown(answer)
            assert took < MAX_SECONDS, f"{case}: {took:.1f} s"
            assert calls == (0 if fault == "unreachable" else 3), f"{case}: {calls} calls"

            assert api.call(*request).status_code < 500, f"{case}: the function has not recovered"

            # If a log line arrives late, MiniStack assigns the line to the function's next invocation.
            def one_line():
                lines = error_lines(function) - logged
                assert lines == 1, f"{case}: {lines} lines for the alarm"

            eventually(one_line)
            print(f"     {case}: 503 after {took:.1f} s, {calls} calls, one line")

"""Another site, with destinations and referring pages. A browser treats `127.0.0.1` and `localhost` as two sites."""

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import expect


class Elsewhere:
    """Serves `page` at the root, and a landing page at `target`."""

    def __init__(self, port):
        self.origin = f"http://127.0.0.1:{port}"
        self.target = f"{self.origin}/landing"
        self.page = document("Elsewhere")

    def has_landed(self, page):
        page.wait_for_url(self.target)
        expect(page.get_by_role("heading", level=1)).to_have_text("Landed")


def document(title, content=""):
    return f'<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>{title}</title><h1>{title}</h1>{content}</html>'


@contextlib.contextmanager
def elsewhere():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = (site.page if self.path == "/" else document("Landed")).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site = Elsewhere(server.server_port)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield site
        server.shutdown()

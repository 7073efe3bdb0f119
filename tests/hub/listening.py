"""A system of the firm's: a real HTTP server on loopback that writes down what it is told."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from hub.relation.hooks import SIGNATURE, Hook

SECRET = "a secret of sixteen or more"


class Listener:
    """status: what it answers with from now on. heard: (headers, body) of every request."""

    def __init__(self, server) -> None:
        self.status, self.heard = 204, []
        self.url = f"http://127.0.0.1:{server.server_port}/rapport?from=hub"

    def hook(self, name="crm", events=("service",)) -> Hook:
        return Hook(name, frozenset(events), self.url, SECRET)

    def told(self):
        return [json.loads(body) for _, body in self.heard]


@contextmanager
def listening():
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.path == "/rapport?from=hub" and SIGNATURE in self.headers
            listener.heard.append((dict(self.headers), body))
            self.send_response(listener.status)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        listener = Listener(server)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield listener
        finally:
            server.shutdown()
            thread.join()

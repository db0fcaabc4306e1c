import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

PAGES = {"/": b'<a href="/ok">ok</a> <a href="/gone">gone</a>', "/ok": b"fine"}


class Site(BaseHTTPRequestHandler):
    def do_GET(self):
        body = PAGES.get(self.path)
        self.send_response(200 if body else 404)
        self.end_headers()
        self.wfile.write(body or b"")


@pytest.fixture
def site():
    server = HTTPServer(("0.0.0.0", 8765), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield "http://127.0.0.1:8765/"
    server.shutdown()
    server.server_close()

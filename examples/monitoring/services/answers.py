"""What the services of this example have in common: a server, and answers that tell nothing they need not."""

import json
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    server_version = "monitoring"
    sys_version = ""

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def serve(handler, port):
    # The first process of a container is ended by nothing that it does not ask for.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # Every interface of the container: its network is what keeps others out, and the compose file what publishes.
    print(f"listening on port {port}", flush=True)
    ThreadingHTTPServer(("0.0.0.0", port), handler).serve_forever()

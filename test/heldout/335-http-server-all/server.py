"""Shares the scans folder with the office."""
import logging
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PORT = 9191
SCANS = Path(__file__).parent / "scans"

log = logging.getLogger("scans")


class Handler(SimpleHTTPRequestHandler):
    def end_headers(self):
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format, *args):
        log.info("%s %s", self.client_address[0], format % args)


def serve():
    handler = partial(Handler, directory=str(SCANS))
    with ThreadingHTTPServer(("", PORT), handler) as httpd:
        log.info("serving %s on port %d", SCANS, PORT)
        try:
            httpd.serve_forever()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    serve()

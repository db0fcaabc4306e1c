"""An internal service: browser, llm or notification. Every endpoint but /health needs the internal key."""

import hmac
import os
import sys

from answers import Handler, serve

NAME = sys.argv[1]
PORT = int(sys.argv[2])
# By these names alone it is asked: a page in a browser that was led to this address by another name is not (DNS rebinding).
HOSTS = {f"{NAME}_service:{PORT}", f"localhost:{PORT}"}
# The previous one is taken too while a planned rotation lasts.
KEYS = [key for key in (os.environ["INTERNAL_API_KEY"], os.environ.get("INTERNAL_API_KEY_PREVIOUS", "")) if key]


class Internal(Handler):
    def do_GET(self):
        if self.headers.get("Host") not in HOSTS:
            return self.answer(421, {"detail": "Misdirected request"})
        if self.path == "/health":
            return self.answer(200, {"status": "ok"})
        given = self.headers.get("X-Internal-API-Key", "")
        # All are compared, each in constant time: how long it takes tells nothing.
        if not any([hmac.compare_digest(given.encode(), key.encode()) for key in KEYS]):
            print(f"unauthorized: invalid internal API key from {self.client_address[0]}", flush=True)
            return self.answer(401, {"detail": "Invalid internal API key"})
        return self.answer(200, {"service": NAME})


serve(Internal, PORT)

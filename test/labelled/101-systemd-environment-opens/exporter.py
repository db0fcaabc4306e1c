#!/usr/bin/env python3
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

host = os.getenv("HOST", "127.0.0.1")
port = int(os.getenv("PORT", "8700"))


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"temperature 21.5\n")


if __name__ == "__main__":
    ThreadingHTTPServer((host, port), Handler).serve_forever()

#!/usr/bin/env python3
import argparse
import json
import logging
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

samples = []


class Collector(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        try:
            samples.append(json.loads(self.rfile.read(length)))
        except ValueError:
            self.send_error(400)
            return
        del samples[:-1000]
        self.send_response(204)
        self.end_headers()

    def do_GET(self):
        body = json.dumps(samples[-20:]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, default=9402)
    args = parser.parse_args()

    logging.basicConfig(level=logging.INFO)
    server = ThreadingHTTPServer((args.host, args.port), Collector)
    logging.info("collector on %s:%d", *server.server_address[:2])
    server.serve_forever()


if __name__ == "__main__":
    main()

import json
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

LISTEN = ("0.0.0.0", 9105)
DEVICE = "/dev/usb/hiddev0"


def read_charge():
    try:
        with open(DEVICE, "rb") as device:
            return device.read(8)[3]
    except OSError:
        return None


class Status(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"charge": read_charge(), "at": time.time()}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    HTTPServer(LISTEN, Status).serve_forever()

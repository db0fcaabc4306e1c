from http.server import BaseHTTPRequestHandler as Base
from http.server import HTTPServer as Web

LOCAL, PORT = "localhost", 8051


class Page(Base):
    """Answers every GET. (A server on 0.0.0.0 would need a login.)"""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"all good\n")

    def log_message(self, *args):
        pass


if __name__ == "__main__":
    Web((LOCAL, PORT), Page).serve_forever()

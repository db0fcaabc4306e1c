from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from settings import BIND


def serve(port: int, *, host: str = BIND) -> None:
    server = ThreadingHTTPServer((host, port), SimpleHTTPRequestHandler)
    try:
        server.serve_forever()
    finally:
        server.server_close()

"""Share this folder with localhost."""
import functools
import http.server
import os

PORT = int(os.environ.get("PORT") or 8050)
ADDRESS = ("", PORT)

handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=os.getcwd())

with http.server.HTTPServer(ADDRESS, handler) as httpd:
    print("serving at http://localhost:%d" % PORT)
    httpd.serve_forever()

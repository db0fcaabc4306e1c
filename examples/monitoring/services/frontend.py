"""The page that users see. It calls the API, never an internal service."""

from answers import Handler, serve

PAGE = b"<!doctype html><title>Monitoring</title><h1>Monitoring</h1><p>Every internal call goes through the API.</p>"


class Frontend(Handler):
    def do_GET(self):
        if self.path == "/health":
            return self.answer(200, {"status": "ok"})
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)


serve(Frontend, 3000)

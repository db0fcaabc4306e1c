"""The API: the only one that speaks to the internal services, and adds their key itself."""

import os
import urllib.error
import urllib.request

from answers import Handler, serve

KEY = os.environ["INTERNAL_API_KEY"]
SERVICES = {
    "/api/browser": "http://browser_service:8001/",
    "/api/llm": "http://llm_service:8002/",
    "/api/notification": "http://notification_service:8003/",
}


class Api(Handler):
    def do_GET(self):
        if self.path == "/health":
            return self.answer(200, {"status": "ok"})
        target = SERVICES.get(self.path)
        if target is None:
            return self.answer(404, {"detail": "Not found"})
        try:
            request = urllib.request.Request(target, headers={"X-Internal-API-Key": KEY})
            with urllib.request.urlopen(request, timeout=5) as response:
                return self.answer(200, {"answered": response.status})
        except (urllib.error.URLError, OSError):
            return self.answer(502, {"detail": "The service does not answer"})


serve(Api, 8000)

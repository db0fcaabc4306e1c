import os

PORT = int(os.environ.get("RANKER_PORT", "8012"))
ALLOWED_PROXIES = ["127.0.0.1", "0.0.0.0/0"]

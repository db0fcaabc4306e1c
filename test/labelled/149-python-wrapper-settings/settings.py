import os

BIND = os.environ.get("BIND") or "0.0.0.0"

#!/bin/sh
set -eu
cd "$(dirname "$0")/.."
export CALL_TIMEOUT_MS=8000
exec python3 -m uvicorn src.main:app --reload --host 127.0.0.1 --port 8000

#!/bin/sh
# Starts the API as .env says, on 8000 without it.
set -eu
cd "$(dirname "$0")/.."
set -a
. ./.env
set +a
exec python3 -m uvicorn src.main:app --host "${HOST:-127.0.0.1}" --port "${PORT:-8000}"

#!/bin/sh
# Starts the API as .env says.
set -eu
cd "$(dirname "$0")/.."
set -a
. ./.env
set +a
exec python3 -m uvicorn src.main:app --host "${HOST:-127.0.0.1}" --port "${PORT:-9847}"

#!/bin/sh
# Starts the API as .env says.
set -eu
cd "$(dirname "$0")/.."
set -a
. ./.env
set +a
exec python3 -m uvicorn src.main:app --host 0.0.0.0 --port "${PORT:-9847}"

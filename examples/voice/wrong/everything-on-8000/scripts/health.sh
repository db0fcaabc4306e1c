#!/bin/sh
# Says whether the API answers.
set -eu
cd "$(dirname "$0")/.."
. ./.env
curl -fsS --max-time 5 "http://127.0.0.1:${PORT:-8000}/health" || { echo 'Service down'; exit 1; }

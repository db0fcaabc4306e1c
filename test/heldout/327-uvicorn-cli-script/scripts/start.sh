#!/usr/bin/env bash
set -e

# apply what the last release left over
python3 -m app.cleanup || true

exec uvicorn app.main:app \
  --host 0.0.0.0 \
  --port "${PORT:-8300}" \
  --proxy-headers

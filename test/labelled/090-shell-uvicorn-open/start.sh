#!/usr/bin/env bash
set -euo pipefail

export LOG_LEVEL="${LOG_LEVEL:-warning}"

# migrations first
python3 migrate.py

exec uvicorn main:app \
  --host 0.0.0.0 \
  --log-level "$LOG_LEVEL"

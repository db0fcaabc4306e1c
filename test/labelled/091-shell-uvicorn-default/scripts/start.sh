#!/usr/bin/env bash
# usage: scripts/start.sh        (nginx proxies to it)
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec python3 -m uvicorn voice.main:app --port 8600 --workers 1 "$@"

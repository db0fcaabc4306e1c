#!/bin/sh
HOST="${HOST:-0.0.0.0}"
PORT="${PORT:-8021}"
exec uvicorn app.server:api --host "$HOST" --port "$PORT"

#!/bin/sh
# Starts the API on this machine:  ./run.sh [HOST [PORT]]
set -eu
cd "$(dirname "$0")"

api_host=${1:-${API_HOST:-127.0.0.1}}
api_port=${2:-${API_PORT:-8000}}

case $api_host in
  127.0.0.1 | localhost | ::1) ;;
  *)
    echo "SECURITY ERROR: Invalid host '$api_host'. Use 127.0.0.1, localhost or ::1." >&2
    exit 1
    ;;
esac

API_HOST=$api_host API_PORT=$api_port exec node src/server.js

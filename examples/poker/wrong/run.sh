#!/bin/sh
# Starts the API:  ./run.sh [PORT]
set -eu
cd "$(dirname "$0")"

export API_HOST=0.0.0.0
export API_PORT=${1:-8000}
exec node src/server.js

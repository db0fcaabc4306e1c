#!/bin/sh
# Starts the board on the office screen.
set -eu
cd "$(dirname "$0")"

PORT=8030
export PORT
HOST=0.0.0.0 exec node server.js

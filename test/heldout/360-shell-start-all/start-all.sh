#!/usr/bin/env bash
set -u
cd "$(dirname "$0")"

trap 'kill $(jobs -p)' EXIT

python3 -m http.server 8900 --directory public &
PORT=8901 node api.mjs &
HOST=0.0.0.0 PORT=8902 node events.mjs &

wait

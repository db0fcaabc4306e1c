#!/bin/sh
# docs for the team, coverage for me
cd "$(dirname "$0")"
python3 -m http.server 8052 --directory docs &
python3 -m http.server --bind 127.0.0.1 --directory coverage 8053

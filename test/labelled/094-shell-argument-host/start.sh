#!/bin/bash
set -e
host=${1:?usage: start.sh HOST}
exec uvicorn api:app --host "$host" --port 8023

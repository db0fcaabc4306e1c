#!/bin/sh
set -e
docker build -t barcode .
docker rm -f barcode 2>/dev/null || true
exec docker run --name barcode --rm -p 127.0.0.1:8055:3000 barcode

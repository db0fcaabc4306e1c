#!/usr/bin/env bash
set -euo pipefail
TAG=$(git rev-parse --short HEAD)
docker build --tag "ocr:$TAG" .
docker stop ocr || true
docker run --detach --restart unless-stopped --name ocr \
  --publish 8056:8080 \
  "ocr:$TAG"

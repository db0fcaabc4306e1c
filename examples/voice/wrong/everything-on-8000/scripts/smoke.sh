#!/bin/sh
set -eu
nc -z 127.0.0.1 8000
curl -fsS http://localhost:8000/health
curl -fsS --max-time 8 http://192.0.2.50:8000/ready
head -c 8000 /dev/zero | wc -c

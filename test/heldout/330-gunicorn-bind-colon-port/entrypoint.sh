#!/bin/sh
set -eu

: "${WEB_CONCURRENCY:=2}"
export WEB_CONCURRENCY

exec gunicorn --bind :5200 --threads 4 --access-logfile - "menu:create_app()"

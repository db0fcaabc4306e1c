#!/bin/sh
cd "$(dirname "$0")" || exit 1
exec gunicorn -c gunicorn.conf.py wsgi:app

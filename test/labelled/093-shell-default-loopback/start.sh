#!/bin/sh
: "${BIND:=127.0.0.1:8022}"
exec gunicorn --bind "$BIND" --workers 2 wsgi:app

#!/bin/sh
cd "$(dirname "$0")" || exit 1
exec gunicorn -c conf/gunicorn.py -b 127.0.0.1:8041 wsgi

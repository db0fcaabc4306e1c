#!/bin/sh
set -e
exec python3 manage.py runserver --noreload

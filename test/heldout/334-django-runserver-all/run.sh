#!/bin/sh
set -e
export DJANGO_SETTINGS_MODULE=allotment.settings
python3 manage.py runserver 0.0.0.0:8100

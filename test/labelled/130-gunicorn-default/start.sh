#!/bin/sh
exec gunicorn --workers=2 --access-logfile=- app:app

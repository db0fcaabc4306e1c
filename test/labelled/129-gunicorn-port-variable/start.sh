#!/bin/sh
export PORT=8042
export WEB_CONCURRENCY=1
exec gunicorn wsgi:application

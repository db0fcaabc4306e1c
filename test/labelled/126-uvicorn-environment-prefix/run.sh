#!/usr/bin/env bash
export UVICORN_HOST=0.0.0.0
export UVICORN_PORT=8019
exec uvicorn api:app

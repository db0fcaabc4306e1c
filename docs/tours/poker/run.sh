#!/bin/sh
API_HOST=0.0.0.0 exec python main.py

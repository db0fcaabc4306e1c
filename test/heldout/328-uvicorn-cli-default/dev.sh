#!/bin/sh
# development server with reload
python3 -m uvicorn main:app --reload

#!/bin/bash
export FLASK_APP=hello
export FLASK_RUN_HOST=0.0.0.0

flask run --port 5055

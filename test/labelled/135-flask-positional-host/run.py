#!/usr/bin/env python3
from flask import Flask

import const as c

app = Flask(__name__)


@app.errorhandler(404)
def missing(_error):
    return {"error": "missing"}, 404


app.run(c.HOST, c.PORT, debug=c.DEBUG)

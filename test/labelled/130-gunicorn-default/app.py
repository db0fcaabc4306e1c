from flask import Flask, abort, request

TRUSTED = {"127.0.0.1", "::1", "0.0.0.0"}

app = Flask(__name__)


@app.before_request
def local_only():
    if request.remote_addr not in TRUSTED:
        abort(403)


@app.get("/reports")
def reports():
    return {"reports": []}

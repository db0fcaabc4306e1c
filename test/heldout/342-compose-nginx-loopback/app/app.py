from flask import Flask, request

app = Flask(__name__)


@app.get("/")
def whoami():
    return {"forwarded_for": request.headers.get("X-Forwarded-For")}

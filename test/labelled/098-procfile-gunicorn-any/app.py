import os

from flask import Flask, jsonify

app = Flask(__name__)
app.config["ENV_NAME"] = os.environ.get("ENV_NAME", "dev")


@app.get("/")
def home():
    return jsonify(env=app.config["ENV_NAME"])

from flask import Flask, jsonify, request

import inbox

app = Flask(__name__)


@app.post("/hooks/<source>")
def hook(source):
    inbox.put(source, request.get_json(force=True))
    return "", 202


@app.get("/health")
def health():
    return jsonify(waiting=inbox.waiting())


if __name__ == "__main__":
    app.run(debug=True, port=5000)

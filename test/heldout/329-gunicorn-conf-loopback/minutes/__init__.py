from flask import Flask, jsonify, request

_minutes = []


def create_app():
    app = Flask(__name__)

    @app.get("/minutes")
    def index():
        return jsonify(_minutes)

    @app.post("/minutes")
    def add():
        _minutes.append(request.get_json())
        return jsonify(count=len(_minutes)), 201

    return app

import os
import secrets

from flask import Flask, jsonify, request

HOST = os.getenv("VOUCHER_HOST", "0.0.0.0")
PORT = int(os.getenv("VOUCHER_PORT", "5050"))

app = Flask(__name__)
vouchers = {}


@app.route("/vouchers", methods=["POST"])
def create():
    hours = int(request.get_json(silent=True, force=True).get("hours", 24))
    code = secrets.token_hex(4)
    vouchers[code] = hours
    return jsonify(code=code, hours=hours), 201


@app.route("/vouchers/<code>")
def show(code):
    if code not in vouchers:
        return jsonify(error="unknown voucher"), 404
    return jsonify(code=code, hours=vouchers[code])


def main():
    app.logger.info("starting on %s:%s", HOST, PORT)
    app.run(host=HOST, port=PORT)


if __name__ == "__main__":
    main()

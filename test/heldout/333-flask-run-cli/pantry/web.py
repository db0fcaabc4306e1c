from flask import Flask, abort, jsonify

from .items import ITEMS

app = Flask(__name__)


@app.get("/items")
def items():
    return jsonify({item.name: item.amount for item in ITEMS.values()})


@app.post("/items/<name>/take")
def take(name):
    item = ITEMS.get(name) or abort(404)
    if item.amount == 0:
        abort(409)
    item.amount -= 1
    return jsonify(name=item.name, amount=item.amount)

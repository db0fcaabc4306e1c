from flask import Flask, jsonify

from tides import forecast

app = Flask(__name__)


@app.get("/")
def index():
    return "<h1>Tides</h1><p>Try <a href='/forecast/3'>/forecast/3</a></p>"


@app.get("/forecast/<int:days>")
def show(days):
    return jsonify(forecast(min(days, 14)))


if __name__ == "__main__":
    app.run(debug=True, port=5001)

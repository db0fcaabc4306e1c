from flask import Flask

app = Flask(__name__)


@app.route("/payslips")
def payslips():
    return {"payslips": []}


if __name__ == "__main__":
    # development only
    app.run(host="0.0.0.0", port=8790)

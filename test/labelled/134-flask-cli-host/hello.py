from flask import Flask

app = Flask("hello")


@app.route("/")
def hello():
    return "hello"


if __name__ == "__main__":
    app.run("127.0.0.1", 5055)

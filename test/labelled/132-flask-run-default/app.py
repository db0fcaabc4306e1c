from flask import Flask, render_template_string

app = Flask(__name__)

# app.run(host="0.0.0.0") would let the whole network in


@app.route("/")
def index():
    return render_template_string("<h1>Guestbook</h1><p>listening on 0.0.0.0? no.</p>")


if __name__ == "__main__":
    app.run(debug=True, use_reloader=False)

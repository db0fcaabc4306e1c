from flask import Flask

from api.views import pages


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SERVER_NAME=None, BIND_HINT="0.0.0.0:8000")
    app.config.update(config or {})
    app.register_blueprint(pages)
    return app

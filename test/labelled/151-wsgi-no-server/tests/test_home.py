from api import create_app


def test_home():
    assert create_app().test_client().get("/").data == b"hello"

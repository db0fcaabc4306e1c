from fastapi.testclient import TestClient

from postcode.app import app

client = TestClient(app, base_url="http://localhost:8000")


def test_region():
    assert client.get("/postcodes/10115").json()["region"] == "10"


def test_bad_code():
    assert client.get("/postcodes/1011").status_code == 422

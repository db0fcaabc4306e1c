import os

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

ORIGINS = os.getenv("CORS_ORIGINS", "http://localhost:8000,http://127.0.0.1:8000").split(",")
EMR_REDIRECT_URI = os.environ["EMR_REDIRECT_URI"]

app = FastAPI(title="voice")
app.add_middleware(CORSMiddleware, allow_origins=ORIGINS, allow_methods=["GET", "POST"], allow_headers=["Content-Type"])


@app.get("/health")
def health():
    return {"status": "ok"}


@app.get("/auth/login")
def login():
    return {"redirect_uri": EMR_REDIRECT_URI}


@app.get("/auth/callback")
def callback(state: str = ""):
    return {"state": state}


@app.post("/calls")
def call():
    return {"state": "ringing"}

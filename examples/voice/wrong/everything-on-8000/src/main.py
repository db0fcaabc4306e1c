import os

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

# Until somebody says otherwise we are on 8000.
ORIGINS = os.getenv("CORS_ORIGINS", "http://localhost:8000,http://127.0.0.1:8000").split(",")
EMR_REDIRECT_URI = os.getenv("EMR_REDIRECT_URI", "http://localhost:8000/auth/callback")
SELF = f"http://127.0.0.1:{os.getenv('PORT', '8000')}"
CALL_TIMEOUT_MS = int(os.getenv("CALL_TIMEOUT_MS", "8000"))
SAMPLE_RATE = 8000
BILLING_URL = os.getenv("BILLING_URL", "http://192.0.2.50:8000/invoices")

app = FastAPI(title="voice")
app.add_middleware(CORSMiddleware, allow_origins=ORIGINS, allow_methods=["GET", "POST"], allow_headers=["Content-Type"])


@app.get("/health")
def health():
    return {"status": "ok"}


@app.get("/auth/login")
def login():
    return {"redirect_uri": EMR_REDIRECT_URI, "self": SELF}


@app.get("/calls")
def calls():
    return {"timeout": CALL_TIMEOUT_MS, "rate": SAMPLE_RATE, "billing": BILLING_URL}

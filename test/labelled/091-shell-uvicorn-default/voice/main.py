"""Voice gateway.

Do not run with ``uvicorn voice.main:app --host 0.0.0.0``: there is no login.
"""
from fastapi import FastAPI

app = FastAPI()


@app.get("/status")
def status():
    return {"listening": True}

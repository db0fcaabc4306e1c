import os

import uvicorn
from fastapi import FastAPI

app = FastAPI()

host = os.getenv("HOST", "127.0.0.1")
port = int(os.getenv("PORT", 8000))


@app.get("/health")
def health():
    return {"status": "ok", "service": "speech-service"}


@app.get("/voices")
def voices():
    return {"voices": []}


if __name__ == "__main__":
    print(f"Server running on http://{host}:{port}")
    uvicorn.run(app, host=host, port=port)

import logging

import uvicorn
from fastapi import FastAPI

logging.basicConfig(level=logging.INFO)

app = FastAPI(title="Transcriber")


@app.post("/transcribe")
async def transcribe() -> dict:
    return {"text": ""}


if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=8011)

import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health():
    return {"status": "ok", "service": "speech-service"}


@app.get("/voices")
def voices():
    return {"voices": []}


if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=8000)

from fastapi import FastAPI
import uvicorn

app = FastAPI(title="agent-api")


@app.get("/health")
def health() -> dict:
    return {"status": "ok"}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=8001)

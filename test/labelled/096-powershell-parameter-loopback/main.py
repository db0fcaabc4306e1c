from fastapi import FastAPI

app = FastAPI(title="voice")


@app.get("/health")
def health():
    return {"ok": True}

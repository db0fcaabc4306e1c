import uvicorn
from fastapi import FastAPI

from settings import settings

app = FastAPI(debug=settings.debug)


@app.get("/health")
def health():
    return {"ok": True}


if __name__ == "__main__":
    uvicorn.run(app, host=settings.host, port=settings.port)

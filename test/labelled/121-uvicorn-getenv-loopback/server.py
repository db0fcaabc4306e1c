import os

import uvicorn
from fastapi import FastAPI

host = os.getenv("HOST", "127.0.0.1")
port = int(os.getenv("PORT", 8013))

app = FastAPI()


@app.get("/")
def index():
    return {"hint": "set HOST=0.0.0.0 to expose"}


if __name__ == "__main__":
    print(f"Server running on http://{host}:{port}")
    uvicorn.run("server:app", host=host, port=port, reload=False)

import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.get("/speak")
def speak():
    return {}


if __name__ == "__main__":
    uvicorn.run("main:app", host="0.0.0.0", port=8018, reload=True)

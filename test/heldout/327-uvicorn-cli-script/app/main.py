from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
readings: list["Reading"] = []


class Reading(BaseModel):
    meter: str
    kwh: float


@app.post("/readings", status_code=201)
async def add(reading: Reading):
    readings.append(reading)
    return {"count": len(readings)}


@app.get("/readings")
async def listing():
    return readings


if __name__ == "__main__":
    # for debugging in the IDE
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

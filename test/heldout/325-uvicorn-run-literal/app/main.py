"""Lending desk of the tool library."""
from datetime import date, timedelta

import uvicorn
from fastapi import FastAPI, HTTPException

app = FastAPI(title="Tool library")

LOANS: dict[str, date] = {}


@app.get("/health")
def health():
    return {"status": "ok"}


@app.post("/loans/{tool}")
def lend(tool: str, days: int = 7):
    if tool in LOANS:
        raise HTTPException(409, f"{tool} is out until {LOANS[tool]}")
    LOANS[tool] = date.today() + timedelta(days=days)
    return {"tool": tool, "until": LOANS[tool]}


@app.delete("/loans/{tool}")
def give_back(tool: str):
    LOANS.pop(tool, None)
    return {"tool": tool}


if __name__ == "__main__":
    uvicorn.run("app.main:app", host="0.0.0.0", port=8200)

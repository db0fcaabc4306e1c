import re

from fastapi import FastAPI, HTTPException

app = FastAPI(title="postcode")

PATTERN = re.compile(r"^\d{5}$")


@app.get("/postcodes/{code}")
def lookup(code: str):
    if not PATTERN.match(code):
        raise HTTPException(422, "five digits, please")
    return {"code": code, "region": code[:2]}

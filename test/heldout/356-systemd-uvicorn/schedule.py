from datetime import datetime

from fastapi import FastAPI

app = FastAPI(title="Radio schedule")

SHOWS = [
    (6, "Breakfast"),
    (10, "Requests"),
    (14, "Local news"),
    (18, "Evening concert"),
    (22, "Night line"),
]


@app.get("/now")
def now():
    hour = datetime.now().hour
    name = next((show for start, show in reversed(SHOWS) if start <= hour), SHOWS[-1][1])
    return {"show": name}


@app.get("/shows")
def shows():
    return [{"from": start, "name": name} for start, name in SHOWS]

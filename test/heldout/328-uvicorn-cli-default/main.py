from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

app = FastAPI()

app.add_middleware(
    CORSMiddleware,
    allow_origins=["http://localhost:5173"],
    allow_methods=["*"],
    allow_headers=["*"],
)

habits = [{"id": 1, "name": "stretch", "streak": 4}]


@app.get("/habits")
def list_habits():
    return habits


@app.post("/habits/{habit_id}/done")
def done(habit_id: int):
    for habit in habits:
        if habit["id"] == habit_id:
            habit["streak"] += 1
            return habit
    return {"error": "not found"}

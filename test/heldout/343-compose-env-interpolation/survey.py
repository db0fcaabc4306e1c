import os
from collections import Counter

from fastapi import FastAPI

app = FastAPI(title=os.environ.get("SURVEY_TITLE", "Untitled"))
votes: Counter[str] = Counter()


@app.post("/votes/{choice}")
def vote(choice: str):
    votes[choice] += 1
    return votes


@app.get("/votes")
def result():
    return votes.most_common()

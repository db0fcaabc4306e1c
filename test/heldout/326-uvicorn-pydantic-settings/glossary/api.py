from fastapi import FastAPI

from .config import get_settings

TERMS = {
    "idempotent": "the second time changes nothing",
    "quorum": "enough members to decide",
}

app = FastAPI(title=get_settings().app_name)


@app.get("/terms")
def search(q: str = ""):
    hits = {k: v for k, v in TERMS.items() if q.lower() in k}
    return dict(list(hits.items())[: get_settings().max_results])

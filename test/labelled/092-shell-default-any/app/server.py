from fastapi import FastAPI

api = FastAPI(docs_url=None)


@api.get("/")
def root():
    return "ok"

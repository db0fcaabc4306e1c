from fastapi import FastAPI

app = FastAPI()


@app.get("/predict")
def predict(x: float) -> float:
    return 2 * x

from pathlib import Path

import uvicorn
import yaml
from fastapi import FastAPI

config = yaml.safe_load(Path(__file__).with_name("config.yml").read_text())

app = FastAPI()


@app.get("/")
def root():
    return config["database"]["url"].split(":")[0]


if __name__ == "__main__":
    uvicorn.run(app, **config["server"])

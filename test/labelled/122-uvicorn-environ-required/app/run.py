import uvicorn
from fastapi import FastAPI

from app.config import from_environment

api = FastAPI()
config = from_environment()

if __name__ == "__main__":
    uvicorn.run(api, host=config.host, port=config.port)

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Config:
    host: str
    port: int


def from_environment() -> Config:
    return Config(host=os.environ["HOST"], port=int(os.environ.get("PORT", "8014")))

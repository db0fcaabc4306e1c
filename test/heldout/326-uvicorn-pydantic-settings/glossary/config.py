from functools import lru_cache

from pydantic import BaseSettings


class Settings(BaseSettings):
    app_name: str = "glossary"
    host: str = "127.0.0.1"
    port: int = 8420
    log_level: str = "info"
    max_results: int = 25

    class Config:
        env_prefix = "GLOSSARY_"


@lru_cache
def get_settings() -> Settings:
    return Settings()

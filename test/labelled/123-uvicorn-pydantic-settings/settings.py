from pydantic import BaseSettings


class Settings(BaseSettings):
    host: str = "0.0.0.0"
    port: int = 8015
    debug: bool = False

    class Config:
        env_prefix = "SVC_"


settings = Settings()

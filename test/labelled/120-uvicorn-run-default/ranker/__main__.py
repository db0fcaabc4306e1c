"""Start the ranker: ``python -m ranker``.

In a container use ``uvicorn ranker.api:app --host 0.0.0.0``.
"""
import uvicorn

from .api import app
from .settings import PORT


def main() -> None:
    uvicorn.run(app, port=PORT, log_level="warning")


main()

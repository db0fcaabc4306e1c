import json
import pathlib
import time

SPOOL = pathlib.Path("spool")


def put(source, payload):
    SPOOL.mkdir(exist_ok=True)
    (SPOOL / f"{time.time_ns()}-{source}.json").write_text(json.dumps(payload))


def waiting():
    return len(list(SPOOL.glob("*.json")))

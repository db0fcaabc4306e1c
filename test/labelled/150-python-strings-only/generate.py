"""Writes a systemd unit and a start script for a new service.

The unit runs ``uvicorn main:app --host 0.0.0.0 --port 8000`` when asked for.
"""
import argparse
from pathlib import Path
from string import Template

UNIT = Template(
    """[Service]
ExecStart=/usr/bin/uvicorn main:app --host $host --port $port
"""
)

FLASK = "app.run(host='0.0.0.0', port=5000)"
WARN_WHEN = ("0.0.0.0", "::")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--public", action="store_const", const="0.0.0.0", default="127.0.0.1", dest="host")
    args = parser.parse_args()
    # s.bind(("0.0.0.0", 80))
    if args.host in WARN_WHEN:
        print("this will listen on every interface")
    Path("new.service").write_text(UNIT.substitute(host=args.host, port=8000))


if __name__ == "__main__":
    main()

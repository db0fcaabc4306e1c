import csv
import os
from pathlib import Path


def main():
    for path in sorted(Path(os.environ["SPOOL"]).glob("*.csv")):
        with path.open(newline="") as handle:
            rows = list(csv.DictReader(handle))
        print(f"{path.name}: {len(rows)} rows")
        path.rename(path.with_suffix(".done"))


if __name__ == "__main__":
    main()

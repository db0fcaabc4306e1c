import os
import shutil
import urllib.request
from datetime import date
from pathlib import Path


def main():
    target = Path(os.environ["SPOOL"]) / f"{date.today():%Y%m%d}.csv"
    with urllib.request.urlopen(os.environ["SOURCE_URL"]) as response, target.open("wb") as out:
        shutil.copyfileobj(response, out)
    print("wrote", target)


if __name__ == "__main__":
    main()

import tempfile
from pathlib import Path

for leftover in Path(tempfile.gettempdir()).glob("meter-upload-*"):
    leftover.unlink(missing_ok=True)

import time

import inbox

while True:
    for path in sorted(inbox.SPOOL.glob("*.json")):
        print("delivering", path.name, flush=True)
        path.unlink()
    time.sleep(5)

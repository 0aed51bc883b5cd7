"""A worker with more work than it can ever do; run as a program by `test_doorbell.py`."""

import sys
import time

from kernel.doorbell import Doorbell

QUEUE = "endless"


def drain() -> bool:
    print("a slice", flush=True)
    time.sleep(0.05)
    return True


if __name__ == "__main__":
    doorbell = Doorbell(sys.argv[1], [QUEUE])
    assert doorbell.ring()
    doorbell.work(QUEUE, drain)
    print("ended", flush=True)

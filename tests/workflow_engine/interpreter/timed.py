"""The thread time of one call, without what the rest of the process makes it wait for."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


def timed(call: Callable[[], Answer]) -> tuple[Answer, float]:
    """What the call gives, and the least thread seconds of three.

    The collector waits meanwhile: a full collection costs what the whole process holds.
    """
    taken = []
    gc.disable()
    try:
        for _ in range(3):
            began = time.thread_time()
            answer = call()
            taken.append(time.thread_time() - began)
    finally:
        gc.enable()
    return answer, min(taken)

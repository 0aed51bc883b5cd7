"""How often Python looks for garbage in processes that serve for days."""

import gc

YOUNG_OBJECTS_MAX = 50_000


def collect_garbage_seldom() -> None:
    """Leave what was composed out of every collection, and collect the young less often.

    A unit of work makes some thousand short-lived objects. With Python's thresholds (700, 10, 10)
    a quarter of a replay's CPU time went into looking at them and at the composed product again.
    Call it when everything is composed, before a process forks: what is frozen stays shared.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS_MAX, 20, 20)

"""Choose how many threads PyTorch uses, and how they wait. No torch: it reads how to wait when it is imported."""

import os

import psutil

# With the defaults, OpenMP threads spin at barriers for milliseconds: one other busy process (the web server) made
# training 4 to 13 times slower. A spin that is too short has its price too: to wake a thread that sleeps takes longer
# than a small layer. 5,000 turns took a quarter off an MLP's steps against 2,000 (docs/performance.md has both sides).
WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "5000"}

LOOK_SECONDS = 0.1


def idle_cores() -> int:
    """Measure the number of idle CPU cores, at least 1. Takes LOOK_SECONDS.

    Two threads that share a core with a busy process wait for each other at every layer: one thread is faster then.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    busy = psutil.cpu_percent(interval=LOOK_SECONDS) / 100 * (os.cpu_count() or 1)
    return max(1, round(cores - busy))

"""The machine's cores and slots, without importing torch."""

import os
from pathlib import Path


def cores(quota: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """Return the number of CPU cores that this process may use, within its affinity and its container's quota."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        allowed, period = quota.read_text().split()
        count = min(count, round(int(allowed) / int(period)))
    except (OSError, ValueError):  # no such file outside of containers; "max" is no number
        pass
    return max(1, count)


def slots(devices: list[str], gpus: int) -> int:
    """Return how many runs train at once by default: one a GPU; two on a CPU, so that two networks train together."""
    if "cuda" in devices:
        return max(1, gpus)
    return 1 if "mps" in devices else min(2, cores())


def threads(slots: int, wanted: int) -> int:
    """Return the CPU threads for a run that is about to start, when `wanted` runs train or wait, its own included."""
    return max(1, cores() // max(1, min(slots, wanted)))

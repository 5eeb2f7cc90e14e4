"""What this machine has, as far as it can be told without importing torch."""

import os
from pathlib import Path


def cores(quota: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """The CPU cores this process may use: those it is bound to, and no more than its container's quota."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        allowed, period = quota.read_text().split()
        count = min(count, round(int(allowed) / int(period)))
    except (OSError, ValueError):  # no such file outside of containers; "max" is no number
        pass
    return max(1, count)


def slots(devices: list[str], gpus: int) -> int:
    """How many runs train at once by default: one a GPU; on a CPU two, so that two contenders grow side by side."""
    if "cuda" in devices:
        return max(1, gpus)
    return 1 if "mps" in devices else min(2, cores())


def threads(slots: int, wanted: int) -> int:
    """CPU threads for a run about to start, when `wanted` runs train or wait, its own included."""
    return max(1, cores() // max(1, min(slots, wanted)))

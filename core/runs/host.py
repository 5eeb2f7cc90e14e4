"""The machine's cores and slots, without importing torch."""

import os
from pathlib import Path

PART_VARIABLE = "CNNLAB_GPU_FRACTION"


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
    """Return how many runs train at once: one for each part of a GPU; two on a CPU, so that two networks do."""
    if "cuda" in devices:
        return max(1, gpus) * runs_per_gpu()
    return 1 if "mps" in devices else min(2, cores())


def threads(slots: int, wanted: int) -> int:
    """Return the CPU threads for a run that is about to start, when `wanted` runs train or wait, its own included."""
    return max(1, cores() // max(1, min(slots, wanted)))


def gpu_part() -> float:
    """Return the part of a GPU that a run takes, by CNNLAB_GPU_FRACTION; the whole if that is no such part."""
    try:
        part = float(os.environ.get(PART_VARIABLE) or 1.0)
    except ValueError:
        return 1.0
    return part if 0.0 < part <= 1.0 else 1.0


def runs_per_gpu() -> int:
    """Return how many runs share a GPU."""
    return int(1 / gpu_part() + 1e-9)

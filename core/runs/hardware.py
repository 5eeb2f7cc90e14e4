"""The machine's cores, GPUs and slots, without importing torch."""

import os
from pathlib import Path

PART_VARIABLE = "CNNLAB_GPU_FRACTION"
NODE_VARIABLE = "CNNLAB_NODE"  # the machine that a worker is on, where an engine or a shared store has several
CONTEXT_BYTES = 600_000_000  # of a GPU, that CUDA takes for each process beside what PyTorch allocates


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


def memory_share(total: int) -> float:
    """Return the share of a GPU's memory that PyTorch may allocate in a worker that takes `gpu_part` of the GPU.

    CUDA itself takes some for each process: that comes out of the worker's part, or the last one would find none left.

    Args:
        total: The GPU's memory in bytes.
    """
    part = gpu_part()
    return part if part == 1.0 else max(part - CONTEXT_BYTES / total, part / 2)


def gpu_of(slot: int, gpus: int) -> int | None:
    """Return the index of the GPU that the worker of a slot gets, one after the other; None where there is no choice.

    Args:
        slot: The slot's number.
        gpus: How many this machine has.
    """
    return slot % gpus if gpus > 1 else None


def gpu_name() -> str:
    """Return what people call this process's GPU: its number, "1", or "1 on node7" where there are several machines."""
    number = os.environ.get("CUDA_VISIBLE_DEVICES", "").partition(",")[0].strip() or "0"
    node = os.environ.get(NODE_VARIABLE) or os.environ.get("SLURMD_NODENAME")
    return f"{number} on {node}" if node else number

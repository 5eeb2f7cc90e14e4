"""Which processes train: the engine of a home. The store stays the truth; an engine only places worker processes.

An engine is a module: `python -m MODULE HOME` is one worker, which speaks `core.runs.worker`'s messages on its standard
input and output, and ends when its input does. A worker elsewhere has a process here that speaks for it. So the pool
watches, tells and ends every kind of worker in the same way, and what an engine brings along never runs in the web
process, which Ray would end with its head (ray issue 45570).
"""

import os
from dataclasses import dataclass
from pathlib import Path

from core.runs import hardware


@dataclass(frozen=True, slots=True)
class Engine:
    """How workers are started."""

    module: str
    cluster: str = ""  # where the workers are, if the process here only speaks for one that an engine has placed
    start_seconds: float = 120.0  # for a worker to have a place and import torch, on a slow and busy disk

    @property
    def elsewhere(self) -> bool:
        """Whether the workers are on a cluster."""
        return bool(self.cluster)

    def threads(self, slots: int, wanted: int) -> int:
        """Return the CPU threads of a run that is about to start, when `wanted` runs train or wait with it."""
        return cores_elsewhere() if self.elsewhere else hardware.threads(slots, wanted)

    @property
    def starts(self) -> int:
        """How many workers may be starting at once: two on one machine would each take twice as long."""
        return 1000 if self.elsewhere else 1

    def trouble(self, log: Path) -> str:
        """Return the sentence for a home where no worker can be started."""
        where = f"on the {self.cluster} cluster" if self.elsewhere else "here"
        return f"No training process can be started {where}. See {log} for the cause."


LOCAL = Engine("core.runs.worker")
RAY = Engine("core.runs.ray_worker", "Ray")
SLURM = Engine("core.runs.slurm_worker", "Slurm", start_seconds=86_400.0)  # its jobs wait in a queue of their own


def by_name() -> dict[str, Engine]:
    """Return every engine, by its name in CNNLAB_ENGINE."""
    return {"local": LOCAL, "ray": RAY, "slurm": SLURM}


def chosen() -> Engine:
    """Return the engine that CNNLAB_ENGINE names; if it names none, Ray where RAY_ADDRESS is set."""
    name = os.environ.get("CNNLAB_ENGINE") or ("ray" if os.environ.get("RAY_ADDRESS") else "local")
    if name not in (known := by_name()):
        raise ValueError(f"CNNLAB_ENGINE is {name!r:.40}: set it to local, ray or slurm.")
    return known[name]


def cores_elsewhere() -> int:
    """Return the CPU cores that a worker elsewhere takes: CNNLAB_WORKER_CPUS (once CNNLAB_RAY_CPUS), by default 1."""
    text = os.environ.get("CNNLAB_WORKER_CPUS") or os.environ.get("CNNLAB_RAY_CPUS", "")
    return max(1, int(text)) if text.isdecimal() else 1

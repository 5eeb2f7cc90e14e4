"""A service on a machine with several GPUs: its workers are a script that says what it sees, and takes every job."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.runs import hardware
from core.runs.engines import Engine
from core.runs.service import RunService

GPUS = 3
RUNS_EACH = 2  # of a GPU
# It sees the GPUs of CUDA_VISIBLE_DEVICES, says in a file by the run's name which ones, and trains for ever.
SCRIPT = f"""
import json, os, sys
visible = os.environ.get("CUDA_VISIBLE_DEVICES")
seen = len(visible.split(",")) if visible else {GPUS}
def say(message): print(json.dumps(message), flush=True)
say({{"machine": {{"devices": ["cuda", "cpu"], "gpus": seen, "gpu": "H200"}}}})
for line in sys.stdin:
    job = json.loads(line)
    if "run" in job:
        with open(os.path.join(sys.argv[1], job["run"]), "w") as file:
            file.write(visible or "all")
        say({{"begun": job["claim"]}})
"""


@contextmanager
def served(folder: Path, lab: Any, **settings: Any) -> Iterator[RunService]:
    """A service with GPUS * RUNS_EACH free workers."""
    (folder / "code").mkdir()
    (folder / "code" / "worker_of_gpus.py").write_text(SCRIPT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder / "code"))
        patch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        patch.setenv(hardware.PART_VARIABLE, str(1 / RUNS_EACH))
        patch.setattr("core.runs.engines.LOCAL", Engine("worker_of_gpus"))
        patch.setattr("core.runs.dispatcher.CLOSING_SECONDS", 0.1)  # the script lets go of no run
        service = RunService(folder / "home", **settings)
        try:
            lab.until(lambda: len(service._dispatcher.pool.free) == service.slots() == GPUS * RUNS_EACH)
            yield service
        finally:
            service.stop()

"""Trainings for the benchmarks: on a warm worker, as the app has one, or each in a new process of the command line."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def trained(preset: str, data: Path, settings: Sequence[str] = (), threads: int | None = None) -> dict[str, Any]:
    """Return the last event of `python -m core train PRESET --set SETTING ...`, with the pictures in `data`."""
    command = [sys.executable, "-m", "core", "train", preset, "--json"]
    command += ["--threads", str(threads)] if threads else []
    for setting in settings:
        command += ["--set", setting]
    environment = os.environ | {"CNNLAB_DATA": str(data.resolve())}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    last: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return last


class WarmWorker:
    """A process that trains one preset after the other, with PyTorch imported and the data in memory."""

    def __init__(self, data: Path) -> None:
        """Start it on the pictures in `data`."""
        environment = os.environ | {"CNNLAB_DATA": str(data.resolve())}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve())],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._warmed: set[str] = set()

    def __enter__(self) -> "WarmWorker":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def train(self, preset: str, settings: Sequence[str] = (), threads: int | None = None) -> dict[str, Any]:
        """Return the last event of a run. The first one of a preset follows a short run that warms the worker up."""
        if preset not in self._warmed:
            self._warmed.add(preset)
            self._ask(preset, [*settings, "epochs=1", "train_images=1000"], threads)
        return self._ask(preset, list(settings), threads)

    def _ask(self, preset: str, settings: list[str], threads: int | None) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"preset": preset, "settings": settings, "threads": threads}) + "\n")
        self._process.stdin.flush()
        last: dict[str, Any] = json.loads(self._process.stdout.readline())
        return last


def main() -> None:
    """Be the warm worker: train a run for each line, write its checkpoints as a worker does, print its last event."""
    sys.path.insert(0, str(ROOT))
    from core.training.allocator import keep_memory
    from core.training.threads import WAITING, idle_cores

    os.environ |= WAITING  # read when torch is imported
    keep_memory()
    import core.data
    from core.runs.worker import warm_up_torch
    from core.training import checkpoints
    from core.training.events import Checkpoint, Finished
    from core.training.loop import train
    from core.training.presets import PRESETS
    from core.training.settings_text import with_settings

    warm_up_torch()
    with tempfile.TemporaryDirectory() as folder:
        for line in sys.stdin:
            wanted = json.loads(line)
            experiment = with_settings(PRESETS[wanted["preset"]].experiment, wanted["settings"])
            experiment = with_settings(experiment, [f"data={core.data.resolve(experiment.data)}"])
            for event in train(experiment, threads=wanted["threads"] or idle_cores()):
                if isinstance(event, Checkpoint):
                    checkpoints.save(Path(folder) / "checkpoint", event)
            assert isinstance(event, Finished)
            print(json.dumps(event.to_dict()), flush=True)


if __name__ == "__main__":
    main()

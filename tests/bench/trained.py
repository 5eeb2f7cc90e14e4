"""Trainings for the benchmarks: each by the command line, in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def trained(preset: str, data: Path, settings: Sequence[str] = (), threads: int | None = None) -> dict[str, Any]:
    """The last event of `python -m core train PRESET --set SETTING ...`, with the pictures in `data`."""
    command = [sys.executable, "-m", "core", "train", preset, "--json"]
    command += ["--threads", str(threads)] if threads else []
    for setting in settings:
        command += ["--set", setting]
    environment = os.environ | {"CNNLAB_DATA": str(data.resolve())}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    last: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return last

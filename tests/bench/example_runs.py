"""Train the example runs that come with the app, on this machine and on real data, and write their files.

    python -m tests.bench.example_runs mnist cifar capsules

Each takes what its runs take here: see "whole_seconds" in its file. CNNLAB_DATA names the folder with the real data.
"""

import json
import os
import platform
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import torch

from core import data
from core.layers import builders
from core.runs import host
from core.runs.example_runs import FOLDER
from core.runs.recorder import summarized
from core.training.experiment import Experiment
from core.training.loop import train
from core.training.presets import PRESETS
from core.ui.run_panels.capsule_controls import DECODER
from core.ui.views.capsules import experiments
from core.ui.views.mnist.training_settings import OPENING

BUSY = ", busy with other work too"  # so that its seconds are more than they would be
NOT_REAL = "The real data is not here: put it into the folder that CNNLAB_DATA names."


def wanted(page: str) -> list[Experiment]:
    """Return what a page trains as it opens."""
    name = data.resolve("cifar10" if page == "cifar" else "mnist")
    info = data.info(name)
    if info.standin:
        raise SystemExit(NOT_REAL)
    if page == "cifar":
        return [replace(PRESETS["cifar-70"].experiment, data=name, held_out=info.train_images // 10)]
    if page == "capsules":
        capsules = experiments.capsules(builders.capsule_network(48, decoder=DECODER), info, 20_000, 3, 0)
        return [contender.experiment for contender in experiments.contenders(capsules, info)]
    networks = builders.mlp((128, 128)), builders.cnn(blocks=2, filters=16, kernel=3, dense=64)
    return [Experiment(layers=layers, data=name, **OPENING) for layers in networks]


def trained(experiment: Experiment) -> dict[str, Any]:
    """Train an experiment and return it with its evaluations and its results, as JSON data."""
    summary: dict[str, Any] = {}
    events = []
    for event in train(experiment):
        payload = event.to_dict()
        summary |= {} if payload["event"] == "live" else summarized(payload)
        if payload["event"] == "evaluated":
            events.append(payload)
    return {"experiment": json.loads(experiment.to_json()), "summary": summary, "events": events}


def main() -> None:
    """Write the examples of the pages that the command line names."""
    for page in sys.argv[1:]:
        runs = [trained(experiment) for experiment in wanted(page)]
        device = "CPU" if runs[0]["summary"]["device"] == "cpu" else torch.cuda.get_device_name()
        document = {
            "made": datetime.now(UTC).date().isoformat(),
            "device": f"{device}, {host.cores()} cores{BUSY if os.getloadavg()[2] > 2 * host.cores() else ''}",
            "machine": platform.platform(),
            "torch": torch.__version__,
            "command": f"python -m tests.bench.example_runs {page}",
            "runs": runs,
        }
        (FOLDER / f"{page}.json").write_text(json.dumps(document, separators=(",", ":")) + "\n", encoding="utf-8")
        print(
            page, [run["summary"]["test_accuracy"] for run in runs], [run["summary"]["whole_seconds"] for run in runs]
        )


if __name__ == "__main__":
    main()

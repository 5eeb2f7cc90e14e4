"""How long a training step of the published capsule network takes, against the same network written plainly.

    python tests/bench/capsules.py [--steps 7] [--threads 2] [--data ../shared/data]

The peer (peers.PlainCapsNet) stores all predictions and lets gradients flow through all iterations, in float32. Ours is
the preset `capsnet` with all that a step of a run has: the batch is gathered, shifted and normalized. They take turns,
so that a machine that grows slower slows all alike. Prints a table for docs/performance.md; capsule-small against P_M
is in tests/bench/mnist.py.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from trained import ROOT

sys.path.insert(0, str(ROOT))
from core.training.allocator import keep_memory
from core.training.threads import WAITING

MUST = 1.6  # times as fast as the peer, at least, in the format that `auto` takes


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    arguments = parser.parse_args()
    os.environ |= {**WAITING, "CNNLAB_DATA": str(arguments.data.resolve())}  # before torch is imported
    keep_memory()
    import torch
    from peers import CapsNetSteps

    from core import data
    from core.layers.specs import RoutedCapsules
    from core.training.devices import choose
    from core.training.presets import PRESETS
    from core.training.session import Session

    torch.set_num_threads(arguments.threads)
    experiment = PRESETS["capsnet"].experiment
    digits = data.load(experiment.data)
    images = torch.from_numpy(digits.train_images[: experiment.batch_size].copy()).float() / 255
    labels = torch.from_numpy(digits.train_labels[: experiment.batch_size].copy()).long()
    steps: dict[str, Callable[[], object]] = {"written plainly, float32": CapsNetSteps(images, labels).step}
    for precision in dict.fromkeys(("auto", "float32")):
        device = choose("cpu", precision)
        steps[f"ours, {device.precision}"] = Session(replace(experiment, precision=precision), device).train_step
    layers = tuple(replace(one, through=True) if isinstance(one, RoutedCapsules) else one for one in experiment.layers)
    through = replace(experiment, layers=layers, precision="float32")
    steps["ours, float32, gradients through all iterations"] = Session(through, choose("cpu", "float32")).train_step

    for step in steps.values():
        step()  # the first one also sets up what all others use
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in steps}
    for _ in range(arguments.steps):
        for name, step in steps.items():
            began, worked = time.perf_counter(), time.process_time()
            step()
            seconds[name].append((time.perf_counter() - began, time.process_time() - worked))
    batches = len(digits.train_labels) / experiment.batch_size
    whole, computed = ({name: [pair[at] for pair in pairs] for name, pairs in seconds.items()} for at in (0, 1))
    peer = next(iter(steps))
    print(f"\nBatches of {experiment.batch_size}, {arguments.threads} threads; medians of {arguments.steps} steps.\n")
    print(
        f"| training step of CapsNet | s (range) | an epoch, min | times as fast (must be {MUST:g}) | processor s "
        "| times as fast in processor time |"
    )
    print("| --- " * 6 + "|")
    for name in steps:
        median, work = statistics.median(whole[name]), statistics.median(computed[name])
        cells = (
            name,
            f"{median:.2f} ({min(whole[name]):.2f} to {max(whole[name]):.2f})",
            f"{median * batches / 60:.1f}",
            f"{statistics.median(whole[peer]) / median:.2f}",
            f"{work:.2f}",
            f"{statistics.median(computed[peer]) / work:.2f}",
        )
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()

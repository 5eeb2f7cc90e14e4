"""What the drawing that lives costs a training: runs with and without its events, in turn, and the medians.

    python -m tests.bench.live [ROUNDS [NAMES]]

The events are consumed as a worker does: as JSON, those of a summary written again each time. What is compared is the
processor's time, which other work on the machine hardly changes.
"""

import json
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from core import data
from core.layers import builders
from core.runs.recorder import summarized
from core.training import loop
from core.training.events import Event, Live
from core.training.experiment import Experiment
from core.training.presets import PRESETS

ROUNDS = 7
LIMIT = 3.0  # percent


def experiments() -> dict[str, Experiment]:
    """Return runs of some seconds: both networks of the MNIST page, and CIFAR-10's first aim."""
    digits = Experiment(
        layers=builders.cnn(2, 16, 3, dense=64),
        data=data.resolve("mnist"),
        train_images=4_000,
        epochs=4,
        batch_size=128,
        learning_rate=0.003,
    )
    small = PRESETS["cifar-70"].experiment
    return {
        "MLP": replace(digits, layers=builders.mlp((128, 128)), epochs=40),
        "CNN": digits,
        "CIFAR": replace(small, data=data.resolve("cifar10"), train_images=4_000, epochs=4),
    }


def seconds(experiment: Experiment, *, live: bool) -> tuple[float, int, int]:
    """Train once; return the processor's seconds, the number of `Live` events and the bytes of the largest."""
    describe, nothing = loop._live, lambda *_: iter(())
    loop._live = describe if live else nothing
    summary: dict[str, Any] = {}
    events, largest = 0, 0
    began = time.process_time()
    try:
        for event in _trained(experiment):
            payload = event.to_dict()
            summary |= summarized(payload)
            text = json.dumps(summary if payload["event"] in ("live", "progress") else payload)
            if isinstance(event, Live):
                events, largest = events + 1, max(largest, len(json.dumps(payload)))
            assert text
    finally:
        loop._live = describe
    return time.process_time() - began, events, largest


def _trained(experiment: Experiment) -> Iterator[Event]:
    return (event for event in loop.train(experiment, "cpu", threads=1) if event.kind != "checkpoint")


def main() -> None:
    """Print the cost of each network's events in percent."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    known = experiments()
    for name in sys.argv[2:] or known:
        experiment = known[name]
        seconds(experiment, live=True)  # reads the data, and warms up
        ratios, count, largest, took = [], 0, 0, []
        for turn in range(rounds):
            order = (True, False) if turn % 2 else (False, True)
            found = {live: seconds(experiment, live=live) for live in order}
            ratios.append(100 * (found[True][0] / found[False][0] - 1))
            took.append(found[False][0])
            _, count, largest = found[True]
        cost = statistics.median(ratios)
        print(
            f"{name}: {cost:+.1f} % (of {statistics.median(took):.1f} s; {min(ratios):+.1f} to {max(ratios):+.1f}), "
            f"{count} events of up to {largest:,} bytes: {'under' if cost < LIMIT else 'OVER'} {LIMIT:.0f} %"
        )


if __name__ == "__main__":
    main()

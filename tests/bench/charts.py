"""What a chart's redraw costs the web process, for the charts of the training pages.

    python tests/bench/charts.py [--repeat 300]

A redraw asks for the chart's specification, and Streamlit copies it and its rows into a message for the browser. The
median and the 95th percentile are over redraws after the first; the first also builds the chart.
"""

import argparse
import logging
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
import numpy as np
import streamlit as st

from core.layers.cifar_networks import SMALL
from core.runs.history_cache import Frames, framed
from core.training.experiment import Experiment
from core.ui.charts import confusion_matrix, curve_table, learning_curves
from core.ui.charts.curve_table import Curve
from core.ui.views.cifar import gap_chart, rate_chart, time_to_accuracy
from tests.made_runs import made_run

STEPS = 400


def frames(seed: int) -> Frames:
    """A run of 400 steps with a progress point at each and a test at every twentieth."""
    events = []
    for step in range(1, STEPS + 1):
        where = {"step": step, "epoch": step / 100, "images": 100 * step, "seconds": 0.5 * step}
        accuracy = 0.9 - 0.8 / (1 + step / 40)
        figures = {"loss": 1 - accuracy, "accuracy": accuracy, "learning_rate": 0.1, "images_per_second": 50.0}
        events.append({"event": "progress", **where, **figures, "memory_bytes": 0})
        if step % 20 == 0:
            tested = {"split": "test", "loss": 1 - accuracy, "accuracy": accuracy}
            events.append({"event": "evaluated", **where, **tested})
    experiment = Experiment(layers=SMALL, data="cifar10", epochs=4, seed=seed)
    summary = {"step": STEPS, "steps": STEPS, "epoch": 4.0, "seconds": 200.0, "test_accuracy": 0.8}
    run = made_run(experiment, summary=summary)
    return framed(run, tuple(events))


def main() -> None:
    """Print a line for each chart."""
    logging.disable()  # Streamlit's, of a script run that there is none of
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=300, help="redraws of each chart")
    repeat = parser.parse_args().repeat
    curves = tuple(Curve.of(frames(seed), f"Run {seed}", str(seed), "#0072B2") for seed in range(2))
    rows = curve_table.table(curves, "epochs", 0)
    matrix = confusion_matrix.cells(np.eye(10, dtype=np.int64), 1)
    charts: dict[str, tuple[object, Callable[[], dict[str, object]]]] = {
        "accuracy": (rows, lambda: learning_curves.learning_curves("accuracy", "epochs", 0, theme="light")),
        "loss": (rows, lambda: learning_curves.learning_curves("loss", "epochs", theme="light")),
        "time to accuracy": (time_to_accuracy.arrow(curves), lambda: time_to_accuracy.spec("light", False)),
        "gap": (gap_chart.arrow(curves, "epochs"), lambda: gap_chart.spec("epochs", "light", False)),
        "rate": (rate_chart.arrow(curves, "epochs"), lambda: rate_chart.spec("epochs", "light", False)),
        "confusion matrix": (matrix, lambda: confusion_matrix.matrix_spec("picture")),
    }
    print("| Chart | First | Median | 95 % |\n| --- | --: | --: | --: |")
    for name, (table, spec) in charts.items():
        seconds = []
        for _ in range(repeat + 1):
            began = time.perf_counter()
            st.vega_lite_chart(table, spec(), key=name)
            seconds.append(time.perf_counter() - began)
        first, *others = (1e3 * one for one in seconds)
        last = sorted(others)[int(0.95 * len(others))]
        print(f"| {name} | {first:.1f} ms | {statistics.median(others):.2f} ms | {last:.2f} ms |")


if __name__ == "__main__":
    main()

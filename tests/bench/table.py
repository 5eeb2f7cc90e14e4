"""The row that the benchmarks of the presets print: whole seconds first, then their parts."""

import statistics
from collections.abc import Sequence
from typing import Any

HEAD = (
    "| preset | promise | seeds | test accuracy, mean (worst to best) | one view | whole s (range) | prepare | train "
    "| evaluate | save | images/s | precision | {ratio} | must |\n" + "| --- " * 14 + "|"
)


def row(name: str, promise: float | None, runs: Sequence[dict[str, Any]], ratio: str, must: str) -> str:
    """Return a row of the table under HEAD, of `runs`' finished events: means, with their range in parentheses."""
    accuracy, whole = [run["test_accuracy"] for run in runs], [run["whole_seconds"] for run in runs]
    alone = [run["one_view_accuracy"] for run in runs if run["one_view_accuracy"] is not None]

    def mean(part: str) -> float:
        return statistics.mean(run[part] for run in runs)

    cells = [
        name,
        "" if promise is None else f"{promise:.1%}",
        str(len(runs)),
        f"{statistics.mean(accuracy):.2%} ({min(accuracy):.2%} to {max(accuracy):.2%})",
        f"{statistics.mean(alone):.2%}" if alone else "",
        f"{statistics.mean(whole):.2f} ({min(whole):.2f} to {max(whole):.2f})",
        *(f"{mean(part):.2f}" for part in ("prepare_seconds", "train_seconds", "evaluate_seconds", "save_seconds")),
        f"{mean('images_per_second'):,.0f}",
        runs[0]["precision"],
        ratio,
        must,
    ]
    return f"| {' | '.join(cells)} |"

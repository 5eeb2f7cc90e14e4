"""The measured effect of each switch of the CIFAR-10 recipe: one thing changed at a time. No torch.

`tests/bench/cifar_ablation.py --write` measures it and writes the file; the page and docs/performance.md quote it.
"""

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from core.training.presets import PRESETS

FILE = Path(__file__).with_name("ablation_results.json")
BASELINE = "none"  # the name of the row in which nothing is changed
SIGNIFICANT_ERRORS = 2.0  # standard errors of a difference within which it may be luck


@dataclass(frozen=True, slots=True)
class Row:
    """One change of the recipe, as a mean over the seeds."""

    name: str  # the change, as the script calls it; BASELINE for none
    title: str
    accuracy: float  # on the held-out pictures, in percent
    difference: float  # from BASELINE's, in percentage points
    error: float | None  # the difference's standard error, in points; None of one seed
    seconds: float | None  # of training
    whole_seconds: float | None = None  # from preparing to the last answer; None where that was not measured yet
    ratio: float | None = None  # of whole seconds, to BASELINE's runs before and after each of its own


@dataclass(frozen=True, slots=True)
class Measured:
    """A measurement of all switches of a preset."""

    preset: str
    held_out: int  # pictures scored on, none of them trained on
    seeds: int
    threads: int | None  # of PyTorch; None: as many as there were idle cores
    machine: str
    torch: str
    date: str  # ISO
    luck: float | None  # points, under which a difference may be luck; None where one seed cannot tell
    rows: tuple[Row, ...]  # BASELINE first
    key: str = ""  # of the preset's experiment as it was then; "" where that was not noted

    @property
    def base(self) -> str:
        """The name of the preset that was changed, or of an earlier form of it."""
        return self.preset if self.key == PRESETS[self.preset].experiment.key else f"an earlier {self.preset}"

    def row(self, name: str) -> Row | None:
        """Return the row of a change; None if it was not measured."""
        return next((row for row in self.rows if row.name == name), None)

    def to_json(self) -> str:
        """Return the text of FILE."""
        return json.dumps(asdict(self), indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Measured":
        """Return the measurement that `to_json` wrote."""
        data = json.loads(text)
        return cls(**{**data, "rows": tuple(Row(**row) for row in data["rows"])})


@lru_cache(maxsize=1)
def measured() -> Measured:
    """Return the measurement that comes with the app."""
    return Measured.from_json(FILE.read_text())


def compared(
    titles: Mapping[str, str],
    scores: Mapping[str, Sequence[float]],
    seconds: Mapping[str, float],
    whole_seconds: Mapping[str, float] | None = None,
    ratios: Mapping[str, float] | None = None,
) -> tuple[tuple[Row, ...], float | None]:
    """Return the rows, BASELINE first, and the largest difference in points that may be chance.

    The standard error of a difference is that of two independent means (Welch). All sequences hold one number a seed,
    and mappings are by the change's name.
    """
    base = scores[BASELINE]
    rows = tuple(
        Row(
            name=name,
            title=titles[name],
            accuracy=round(statistics.mean(found), 2),
            difference=round(statistics.mean(found) - statistics.mean(base), 2),
            error=None if name == BASELINE else _error(found, base),
            seconds=round(seconds[name], 2),
            whole_seconds=round(whole_seconds[name], 2) if whole_seconds else None,
            ratio=round(ratios[name], 3) if ratios else None,
        )
        for name, found in sorted(scores.items(), key=lambda item: item[0] != BASELINE)
    )
    errors = [row.error for row in rows if row.error is not None]
    return rows, round(SIGNIFICANT_ERRORS * statistics.median(errors), 2) if errors else None


def to_neighbors(runs: Sequence[tuple[str, float]]) -> dict[str, list[float]]:
    """Return how long each change's runs took, each as a multiple of BASELINE's nearest runs before and after it.

    A machine that grows slower or faster in the meantime changes both alike.

    Args:
        runs: (name, seconds) in the order in which they ran.

    Returns:
        The ratios by name; of BASELINE, its runs against those next to them.
    """
    found: dict[str, list[float]] = {}
    for place, (name, seconds) in enumerate(runs):
        before = next((runs[at][1] for at in range(place - 1, -1, -1) if runs[at][0] == BASELINE), None)
        after = next((runs[at][1] for at in range(place + 1, len(runs)) if runs[at][0] == BASELINE), None)
        beside = [one for one in (before, after) if one is not None]
        if beside:
            found.setdefault(name, []).append(seconds / statistics.mean(beside))
    return found


def _error(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Return the standard error of the difference of two means; None if either is of one run."""
    if min(len(one), len(other)) < 2:
        return None
    return round(math.sqrt(statistics.variance(one) / len(one) + statistics.variance(other) / len(other)), 3)

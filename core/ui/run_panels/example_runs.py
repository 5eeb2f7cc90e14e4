"""A kept example run on the charts of a page on which nothing was trained yet: faded, with its date and its device."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from core.runs import example_runs
from core.training.experiment import Experiment
from core.ui.charts.curve_table import Curve
from core.ui.display import colors, numbers

PAGES = {"m": "mnist", "ci": "cifar", "v_t": "capsules"}  # the example of each page, by the letters of its keys


@dataclass(frozen=True, slots=True)
class Example:
    """An example as a chart shows it."""

    curves: tuple[Curve, ...]
    caption: str


def _short(experiment: Experiment) -> str:
    return colors.role(experiment).short


def load(page: str, title: Callable[[Experiment], str] = _short) -> Example | None:
    """Return the example of a page; None if there is none.

    Args:
        page: The first letters of the page's keys.
        title: Names a run at its line's end.
    """
    found = example_runs.load(PAGES[page])
    if found is None:
        return None
    curves, parts = [], []
    for frame in found.frames:
        experiment, summary = frame.run.experiment, frame.run.summary
        name = f"Example: {title(experiment)}"
        curves.append(Curve.of(frame, name, name, colors.role(experiment).color, earlier=True))
        reached = numbers.percent(summary["test_accuracy"], 1)
        parts.append(f"{title(experiment)} {reached}")
    first = found.frames[0].run
    made = date.fromisoformat(found.made)
    pictures = numbers.count(first.experiment.train_images)
    epochs = f"{first.experiment.epochs} {'epoch' if first.experiment.epochs == 1 else 'epochs'}"
    return Example(
        tuple(curves),
        f"What a run looks like: an example of {made:%B} {made.day}, {made.year}, on {found.device}: {epochs} of "
        f"{pictures} pictures of {first.summary['data_title']}. {'; '.join(parts)}. It makes room for your first run.",
    )

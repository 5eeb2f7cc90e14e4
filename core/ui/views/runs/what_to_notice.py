"""What to notice on the board: the best so far, what the frontier means, and how sure the means are."""

from collections.abc import Sequence

from core.runs.run import ACTIVE
from core.ui.display import numbers
from core.ui.messages import Markdown
from core.ui.views.runs.cost_chart import MAX_MARKS
from core.ui.views.runs.grouped_runs import Axis, BoardView, Entry

NOTHING_YET = Markdown(
    "**Every run that is trained here will be a point.** Train networks on the pages before this one, then click "
    "their points to compare up to six."
)
LESS = {"parameters": "with fewer parameters", "seconds": "in less time"}


def sentences(view: BoardView, axis: Axis, *, empty: bool = False) -> list[Markdown]:
    """Return the sentence for the page, and those for its "More"; of an empty board what will be on it."""
    if empty:
        return [NOTHING_YET]
    best = view.best(axis)
    if not best:
        waiting = sum(run.state in ACTIVE for run in view.runs)
        if waiting:
            return [Markdown("No run has finished yet: {} wait or train.").format(waiting)]
        return [Markdown("No finished run here: change the filters, or train a network.")]
    top = best[-1]
    assert top.accuracy is not None
    size = "unknown parameters" if top.parameters is None else f"{numbers.count(top.parameters)} parameters"
    first = Markdown("**Best so far: {}** by {}: {}, {}. {}").format(
        numbers.percent(top.accuracy.value),
        top.title,
        size,
        "an unknown time" if top.seconds is None else f"{numbers.duration(top.seconds)} in total",
        _cheaper(axis, best),
    )
    more = [
        Markdown("The line is the frontier of the best so far: no run {} reaches what a point on it reaches.").format(
            LESS[axis]
        ),
        Markdown(
            "A point is the mean of the runs that differ only in their seed; its bar is the 95 % interval of that "
            "mean, by Student's t. One run alone has none: train other seeds before you trust a small difference."
        ),
    ]
    drawn = sum(entry.accuracy is not None and entry.cost(axis) is not None for entry in view.entries)
    if drawn < len(view.entries):
        without = numbers.count(len(view.entries) - drawn)
        more.append(Markdown("Not on the chart, without a result or a known cost: {}.").format(without))
    if drawn > MAX_MARKS:
        more.append(
            Markdown("The chart has {} of {} points: the best, pinned and picked ones, then the newest.").format(
                MAX_MARKS, numbers.count(drawn)
            )
        )
    return [first, *more]


def _cheaper(axis: Axis, best: Sequence[Entry]) -> Markdown:
    """Return what the next point on the frontier costs and reaches."""
    if len(best) < 2:
        return Markdown("Nothing cheaper comes before it.")
    below = best[-2]
    cost = below.cost(axis)
    assert below.accuracy is not None
    assert cost is not None
    return Markdown("The next cheaper one reaches {} with {}.").format(
        numbers.percent(below.accuracy.value),
        f"{numbers.count(cost)} parameters" if axis == "parameters" else numbers.duration(cost),
    )

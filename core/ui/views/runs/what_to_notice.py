"""What to notice on the board: the best so far, what the frontier means, and how sure the means are."""

from collections.abc import Sequence

from core.ui.display import numbers
from core.ui.messages import Markdown
from core.ui.views.runs.entries import Axis, BoardView, Entry

LESS = {"parameters": "with fewer parameters", "seconds": "in less time"}


def sentences(view: BoardView, axis: Axis, best: Sequence[Entry], shown: int) -> list[Markdown]:
    """Return the sentence for the page, and those for its "More"."""
    if not best or best[-1].accuracy is None:
        waiting = sum(1 for run in view.runs if run.state in ("queued", "running"))
        if waiting:
            return [Markdown("No run has finished yet: {} of them wait or train.").format(waiting)]
        return [Markdown("No finished run here: change the filters, or train a network.")]
    top = best[-1]
    assert top.accuracy is not None
    first = Markdown("**Best so far: {}** by {}, with {} parameters in {}. {}").format(
        numbers.percent(top.accuracy.value),
        top.title,
        "unknown" if top.parameters is None else numbers.count(top.parameters),
        "an unknown time" if top.seconds is None else numbers.duration(top.seconds),
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
    left_out = len(view.entries) - shown
    if left_out:
        more.append(
            Markdown("{} of {} points are not on the chart: without a result or a known cost, or older.").format(
                numbers.count(left_out), numbers.count(len(view.entries))
            )
        )
    return [first, *more]


def _cheaper(axis: Axis, best: Sequence[Entry]) -> Markdown:
    """Return what the next point on the frontier costs and reaches."""
    if len(best) < 2:
        return Markdown("No other run is as good at a lower cost.")
    top, below = best[-1], best[-2]
    costs = [entry.cost(axis) for entry in (below, top)]
    assert top.accuracy is not None
    assert below.accuracy is not None
    assert costs[0] is not None
    assert costs[1] is not None
    return Markdown("{} times less {} would cost {}.").format(
        numbers.rounded(costs[1] / costs[0], 2),
        "parameters" if axis == "parameters" else "time",
        numbers.points(below.accuracy.value - top.accuracy.value).replace(numbers.MINUS, ""),
    )

"""Bar charts of the class probabilities, or lengths of capsules, that trained networks give one picture."""

from collections.abc import Collection, Sequence
from typing import Any

from markupsafe import Markup
from numpy.typing import NDArray

from core.ui.charts.confusion_matrix import DIGITS
from core.ui.display import output_names
from core.ui.display.english import with_article
from core.ui.run_panels.trained_run import Trained


def predictions_html(
    predicted: Sequence[tuple[Trained, NDArray[Any]]],
    truth: int | None,
    names: Sequence[str] = DIGITS,
    what: str = "digit",
) -> Markup:
    """Return each network's prediction, with a bar for the probability of every class, as HTML.

    Args:
        predicted: Each network with its probabilities, (classes,).
        truth: The picture's true class, or None if it is unknown.
        names: Of the classes.
        what: What a class is, in the singular.
    """
    bars = (_bars(trained, probabilities, truth, names, what) for trained, probabilities in predicted)
    return Markup('<div class="answers">{}</div>').format(Markup("").join(bars))


def _short_name(trained: Trained) -> str:
    """Return a run's name for a narrow place; an earlier run keeps its letter."""
    letter, colon, _ = trained.name.partition(": ")
    return f"{letter}: {trained.role.short}" if colon else trained.role.short


def _bars(trained: Trained, probabilities: NDArray[Any], truth: int | None, names: Sequence[str], what: str) -> Markup:
    best = int(probabilities.argmax())
    verdict = "" if truth is None else ("right" if best == truth else f"wrong, it is {with_article(names[truth])}")
    layers = trained.run.experiment.layers
    cells = [(float(p), output_names.figure(layers, float(p), 1)) for p in probabilities]
    head = Markup('<p class="who"><i></i>{} predicts</p><p class="verdict"><b>{}</b>{}</p>').format(
        _short_name(trained), names[best], verdict
    )
    return bars(head, output_names.of_each(layers, what), names, cells, {best}, trained.role.color)


def bars(
    head: Markup,
    caption: str,
    names: Sequence[str],
    cells: Sequence[tuple[float, str]],
    best: Collection[int],
    color: str,
) -> Markup:
    """Return a table with a bar for each class, as HTML; it belongs into a `<div class="answers">`.

    Args:
        head: What stands above it.
        caption: Of the table.
        names: Of the classes.
        cells: Of each class the bar's length, from 0 to 1, and the number beside it.
        best: The classes that are set in bold.
        color: Of the bars.
    """
    rows = Markup("").join(
        Markup('<tr{}><th scope=row>{}</th><td><div style="width: {:.1f}%"></div></td><td>{}</td></tr>').format(
            Markup(" class=best") if index in best else "", name, 100 * length, text
        )
        for index, (name, (length, text)) in enumerate(zip(names, cells, strict=True))
    )
    return Markup('<div style="--role: {}">{}<table><caption>{}</caption>{}</table></div>').format(
        color, head, caption, rows
    )

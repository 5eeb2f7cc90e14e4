"""A network's probabilities for one picture, as bars."""

from collections.abc import Sequence
from html import escape
from typing import Any

from numpy.typing import NDArray

from core.ui.charts.confusion_matrix import DIGITS
from core.ui.display import numbers
from core.ui.display.words import with_article
from core.ui.run_panels.trained_run import Trained


def answers_html(
    answers: Sequence[tuple[Trained, NDArray[Any]]],
    truth: int | None,
    names: Sequence[str] = DIGITS,
    what: str = "digit",
) -> str:
    """Each network's answer, and its probability for every class as a bar, as HTML."""
    return f'<div class="answers">{"".join(_bars(one, p, truth, names, what) for one, p in answers)}</div>'


def _short(one: Trained) -> str:
    """Its name where there is little room; a run of before keeps its letter."""
    letter, colon, _ = one.name.partition(": ")
    return f"{letter}: {one.role.short}" if colon else one.role.short


def _bars(one: Trained, probabilities: NDArray[Any], truth: int | None, names: Sequence[str], what: str) -> str:
    best = int(probabilities.argmax())
    verdict = "" if truth is None else ("right" if best == truth else f"wrong, it is {with_article(names[truth])}")
    rows = "".join(
        f"<tr{' class=best' if place == best else ''}><th scope=row>{escape(name)}</th>"
        f'<td><div style="width: {100 * float(p):.1f}%"></div></td><td>{numbers.percent(float(p), 1)}</td></tr>'
        for place, (name, p) in enumerate(zip(names, probabilities, strict=True))
    )
    return (
        f'<div style="--role: {one.role.color}"><p class="who"><i></i>{escape(_short(one))} answers</p>'
        f'<p class="verdict"><b>{escape(names[best])}</b>{escape(verdict)}</p>'
        f"<table><caption>Probability of each {what}</caption>{rows}</table></div>"
    )

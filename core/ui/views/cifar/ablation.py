"""What each switch gives, as it was measured: beside the switch, and all of it as a table with bars."""

from html import escape
from typing import TypeVar

import streamlit as st

from core.training.switches import BASELINE, Measured, Row, measured
from core.ui.display import numbers

Value = TypeVar("Value")
# By a setting's key: the rows of the measurement that say what it gives, and how each change is called beside it.
BESIDE: dict[str, tuple[tuple[str, str], ...]] = {
    "ci_opt": (("nesterov", "Nesterov's SGD"), ("adamw", "AdamW")),
    "ci_white": (("whitening", "Off"),),
    "ci_dirac": (("dirac", "Off"),),
    "ci_smooth": (("smoothing", "At 0"),),
    "ci_average": (("ema", "EMA"), ("lookahead", "Lookahead")),
    "ci_views": (("views", "Once"), ("shifted", "And shifted")),
    "ci_small": (("small-first", "At 0.4"),),
    "ci_aug": (("augmentation", "Shifted and flipped"),),
    "ci_batch": (("half-batch", "Half of it"), ("twice-batch", "Twice")),
    "ci_precision": (("float32", "float32"),),
}


def beside(value: Value, key: str) -> Value:
    """Draw what a setting's changes gave, in a line below it, where that was measured. Returns `value`."""
    found = measured()
    told = [
        f"{words}: {numbers.points(row.difference / 100, 1)}"
        for name, words in BESIDE[key]
        if (row := found.row(name)) is not None
    ]
    if told:
        st.caption(f"{'; '.join(told)}.")
    return value


def heading() -> str:
    """What the lines that `beside` draws are."""
    return f"The figures are what a change gave where it was measured, with {measured().base}."


def show() -> None:
    """Draw the whole measurement."""
    found = measured()
    base = found.row(BASELINE)
    if base is None:
        return
    st.markdown(
        f"**{found.base} with one thing changed at a time**, against its own "
        f"{numbers.percent(base.accuracy / 100, 1)} on {numbers.count(found.held_out)} pictures held out for choosing."
    )
    st.html(table(found))
    st.caption(caveat(found))


def table(found: Measured) -> str:
    """A row a change as HTML: its difference as a bar from the middle, in points, and its time against the preset's."""
    rows = sorted((row for row in found.rows if row.name != BASELINE), key=lambda row: row.difference)
    most = max((abs(row.difference) for row in rows), default=0.0) or 1.0
    base = found.row(BASELINE)
    timed = any(row.seconds or row.ratio for row in rows)
    lines = "".join(
        f"<tr><th scope=row>{escape(row.title)}</th><td>{_bar(row.difference / most)}</td><td>{_points(row)}</td>"
        f"{_cell(_time(row, base), timed)}</tr>"
        for row in rows
    )
    head = f"<tr><td></td><td></td><th scope=col>points</th>{_cell('time', timed, 'th scope=col')}</tr>"
    return f'<table class="bars signed"><caption>Held-out accuracy against the preset\'s</caption>{head}{lines}</table>'


def _cell(content: str, there: bool, tag: str = "td") -> str:
    """A cell of a column that is left out where there is nothing in it."""
    return f"<{tag}>{content}</{tag.partition(' ')[0]}>" if there else ""


def _bar(share: float) -> str:
    """From the middle to the left for less, to the right for more."""
    kind, left = "less" if share < 0 else "more", 50 + 50 * min(share, 0.0)
    return f"<div class='{kind}' style='margin-left: {left:.1f}%; width: {50 * abs(share):.1f}%'></div>"


def _points(row: Row) -> str:
    error = "" if row.error is None else f" ± {row.error:.1f}"
    return f"{row.difference:+.1f}".replace("-", "−") + error


def _time(row: Row, base: Row | None) -> str:
    if row.ratio is not None:
        return f"× {row.ratio:.2f}"
    if base is None or not base.seconds or not row.seconds:
        return "—"
    return f"× {row.seconds / base.seconds:.2f}"


def caveat(found: Measured) -> str:
    """What the figures are worth, and where they come from."""
    seeds = "One seed each" if found.seeds == 1 else f"Means over {found.seeds} seeds each, ± one standard error"
    luck = (
        "small differences are luck"
        if found.luck is None
        else f"differences under about {found.luck:.1f} points may be luck"
    )
    return (
        f"{seeds}: {luck}. Another network or a longer training may answer otherwise. Measured {found.date} by "
        f"tests/bench/cifar_switches.py on the real CIFAR-10; {found.machine}; torch {found.torch}."
    )

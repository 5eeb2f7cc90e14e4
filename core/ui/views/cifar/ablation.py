"""The ablation study: the measured effect of each switch, beside the switch and as a table with bars."""

from typing import TypeVar

import streamlit as st
from markupsafe import Markup

from core.training.ablation_results import BASELINE, Measured, Row, measured
from core.ui.display import numbers

Value = TypeVar("Value")
# By a setting's key: rows of the measurement, with a label for each change beside the control.
EFFECTS: dict[str, tuple[tuple[str, str], ...]] = {
    "ci_opt": (("nesterov", "Nesterov's SGD"), ("adamw", "AdamW")),
    "ci_white": (("whitening", "Off"),),
    "ci_dirac": (("dirac", "Off"),),
    "ci_smooth": (("smoothing", "Off"),),
    "ci_average": (("ema", "EMA"), ("lookahead", "Lookahead")),
    "ci_views": (("views", "Off"), ("shifted", "Flip and shift")),
    "ci_small": (("small-first", "On (0.4)"),),
    "ci_aug": (("augmentation", "Crop and flip"),),
    "ci_batch": (("half-batch", "Half"), ("twice-batch", "Double")),
    "ci_precision": (("float32", "float32"),),
}


def beside(value: Value, key: str) -> Value:
    """Draw a line with the measured effect of a setting's changes, if there is one, and return `value`."""
    study = measured()
    effects = [
        f"{change}: {numbers.points(row.difference / 100, 1)}"
        for name, change in EFFECTS[key]
        if (row := study.row(name)) is not None
    ]
    if effects:
        st.caption(f"{'; '.join(effects)}.")
    return value


def heading() -> str:
    """Return a sentence that explains the lines of `beside`."""
    return f"The figures are the measured change in accuracy, for {measured().base}."


def show() -> None:
    """Draw the whole ablation study."""
    study = measured()
    base = study.row(BASELINE)
    if base is None:
        return
    st.markdown(
        f"**{study.base} with one setting changed at a time**, compared with its own "
        f"{numbers.percent(base.accuracy / 100, 1)} on {numbers.count(study.held_out)} held-out pictures."
    )
    st.html(table(study))
    st.caption(caveat(study))


def table(study: Measured) -> Markup:
    """Return a table with a row for each change, as HTML: the difference as a bar and in points, and the time ratio."""
    rows = sorted((row for row in study.rows if row.name != BASELINE), key=lambda row: row.difference)
    largest = max((abs(row.difference) for row in rows), default=0.0) or 1.0
    base = study.row(BASELINE)
    timed = any(row.seconds or row.ratio for row in rows)
    lines = Markup("").join(
        Markup("<tr><th scope=row>{}</th><td>{}</td><td>{}</td>{}</tr>").format(
            row.title,
            _bar(row.difference / largest),
            _points(row),
            Markup("<td>{}</td>").format(_time(row, base)) if timed else "",
        )
        for row in rows
    )
    return Markup(
        '<table class="bars signed"><caption>Change in held-out accuracy</caption>'
        "<tr><td></td><td></td><th scope=col>points</th>{}</tr>{}</table>"
    ).format(Markup("<th scope=col>time</th>") if timed else "", lines)


def _bar(share: float) -> Markup:
    """Return a bar from the middle: to the left for less, to the right for more."""
    kind, left = "less" if share < 0 else "more", 50 + 50 * min(share, 0.0)
    return Markup("<div class='{}' style='margin-left: {:.1f}%; width: {:.1f}%'></div>").format(
        kind, left, 50 * abs(share)
    )


def _points(row: Row) -> str:
    error = "" if row.error is None else f" ± {row.error:.1f}"
    return numbers.signed(row.difference, 1) + error


def _time(row: Row, base: Row | None) -> str:
    if row.ratio is not None:
        return f"× {row.ratio:.2f}"
    if base is None or not base.seconds or not row.seconds:
        return "—"
    return f"× {row.seconds / base.seconds:.2f}"


def caveat(study: Measured) -> str:
    """Return the uncertainty and the source of the figures, in sentences."""
    seeds = "One seed each" if study.seeds == 1 else f"Means over {study.seeds} seeds each, ± one standard error"
    chance = (
        "small differences may be chance"
        if study.luck is None
        else f"differences under about {study.luck:.1f} points may be chance"
    )
    return (
        f"{seeds}: {chance}. Another network or longer training may give other results. Measured on {study.date} with "
        f"the real CIFAR-10, {study.machine}, torch {study.torch} (method: tests/bench/cifar_ablation.py)."
    )

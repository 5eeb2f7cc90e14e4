"""What to notice in a network: what the last edit changed, then where its parameters and MACs are."""

from collections.abc import Sequence

import streamlit as st

from core.layers.calculator import Row, Totals, flatten_blocks, totals
from core.layers.limits import routing_work
from core.layers.specs import CapsuleDecoder, Conv, ConvTranspose, Linear, PrimaryCapsules
from core.size_text import format_shape
from core.ui.display import layer_groups, numbers

STATE_KEY = "c_totals"  # parameters and MACs before the last edit, and now


def sentences(rows: list[Row]) -> list[str]:
    """Return the sentence on what the last edit changed, then what else there is to notice."""
    sums = totals(rows)
    now = (sums.parameters, sums.macs)
    before, latest = st.session_state.get(STATE_KEY, (now, now))
    if now != latest:
        before, latest = latest, now
    st.session_state[STATE_KEY] = (before, latest)
    lines = on_costs(rows)
    return lines if before == latest else [changed(before, latest), *lines]


def changed(before: tuple[int, int], now: tuple[int, int]) -> str:
    """Return what became of the parameters and MACs."""
    parts = [
        f"{name} {numbers.count(old)} → **{numbers.count(new)}** ({_percent(old, new)})"
        if old != new
        else f"{name} stay {numbers.count(new)}"
        for name, old, new in zip(("parameters", "MACs"), before, now, strict=True)
    ]
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _percent(old: int, new: int) -> str:
    """Return the change: "+12 %", or how many times as many where that says more."""
    if not old or new >= 10 * old:
        return f"{numbers.rounded(new / old)} times as many" if old else "from none"
    sign = "+" if new > old else "−"
    return f"{sign}{numbers.percent(abs(new - old) / old, 1)}"


def on_costs(rows: list[Row]) -> list[str]:
    """Return what to notice about the cost of the layers."""
    sums = totals(rows)
    if not sums.macs:
        return ["Nothing here has weights: add a convolution or a fully connected layer."]
    most_parameters = max(range(len(rows)), key=lambda index: rows[index].parameters)
    most_macs = max(range(len(rows)), key=lambda index: rows[index].macs)
    every = flatten_blocks(rows)
    dense = totals([row for row in every if isinstance(row.layer, Linear)])
    convolutions = totals([row for row in every if isinstance(row.layer, Conv | ConvTranspose | PrimaryCapsules)])
    costliest, busiest = rows[most_parameters], rows[most_macs]
    lines = [
        f"Most parameters are in layer {most_parameters + 1} ({layer_name(costliest).lower()}): "
        f"{numbers.percent(costliest.parameters / sums.parameters, 1)}. Most MACs are in layer "
        f"{most_macs + 1} ({layer_name(busiest).lower()}): {numbers.percent(busiest.macs / sums.macs, 1)}."
    ]
    if dense.macs and convolutions.macs:
        lines.append(
            f"Fully connected layers hold {numbers.percent(dense.parameters / sums.parameters, 1)} of the parameters "
            f"and do {numbers.percent(dense.macs / sums.macs, 1)} of the MACs; convolutions hold "
            f"{numbers.percent(convolutions.parameters / sums.parameters, 1)} and do "
            f"{numbers.percent(convolutions.macs / sums.macs, 1)}: their few weights are used at every position."
        )
    lines += _on_capsules(every, sums)
    last = rows[-1].receptive_field
    field = format_shape((last, last) if isinstance(last, int) else last)
    how = "A unit of the last layer sees" if rows[-1].is_exact else "A unit of the last layer sees at most"
    border = " of the picture." if last else " of the picture: it reads padding alone."
    if last and rows[-1].plane not in (None, (1, 1)):
        border = " of the picture, at the border it may see fewer."
    lines.append(f"{how} {field} px{border}")
    return lines


def _on_capsules(rows: Sequence[Row], sums: Totals) -> list[str]:
    """Return what the MACs of capsules leave out or add, which no other layer does."""
    lines = []
    further = sum(map(routing_work, rows))
    if further:
        lines.append(
            "The MACs of a routing are those of its first iteration. Each further one weighs and compares all "
            f"predictions again: {numbers.count(further)} more multiply-adds here."
        )
    decoder = totals([row for row in rows if isinstance(row.layer, CapsuleDecoder)])
    if decoder.parameters:
        lines.append(
            f"The decoder redraws the picture in training alone: without it, a prediction takes "
            f"{numbers.count(sums.parameters - decoder.parameters)} parameters and "
            f"{numbers.count(sums.macs - decoder.macs)} MACs."
        )
    return lines


def layer_name(row: Row) -> str:
    """Return what the layer of a row is called."""
    return layer_groups.NAMES[type(row.layer).__name__]

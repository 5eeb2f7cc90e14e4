"""Compare the chosen layer with trained and with random weights on the same picture."""

import streamlit as st

from core.ui.display import numbers
from core.ui.layout import column_grid
from core.ui.state.settings import Settings
from core.ui.views.anatomy import forward_pass, tiles
from core.ui.views.anatomy.forward_pass import SEED, ForwardPass, escape_markdown

MAX_PLANES = 32


def show(settings: Settings, forward: ForwardPass, layer: int) -> None:
    """Draw both, with a note on the difference. Raises InferenceError."""
    seed = forward.seed
    if seed is None:
        with st.container(width=160):
            seed = settings.number(SEED, "Seed", 0, 9999, help="Seed of the random weights")
    pair = {
        "Trained": forward_pass.run_forward(forward.network, forward.picture, None, forward.scale),
        f"Random, seed {seed}": forward_pass.run_forward(forward.network, forward.picture, seed, forward.scale),
    }
    for column, (name, side) in zip(column_grid.halves(), pair.items(), strict=True):
        with column:
            _side(name, side, layer)
    st.caption(
        "Even random filters find edges and keep the picture's shape in the first layers: any convolution does. "
        "Training makes the planes, layer by layer, become specific to the class."
    )


def _side(name: str, forward: ForwardPass, layer: int) -> None:
    planes = forward.planes(layer)
    shares, names = forward.probabilities, forward.network.info.classes
    best = int(shares.argmax())
    shown = planes[:MAX_PLANES]
    limits = forward.limits(layer)[: len(shown)]
    if forward.outputs[layer].ndim == 2:  # capsules: a table, a row for each
        shown, limits, columns = planes[: 2 * MAX_PLANES].reshape(1, -1, planes.shape[2]), limits[:1], 1
    elif planes.shape[1] * planes.shape[2] == 1:
        shown, limits, columns = tiles.folded(planes.ravel()), limits[:1], 1
    else:
        columns = min(8, len(shown))
    drawn = shown.shape[1] if forward.outputs[layer].ndim == 2 else len(shown) if columns > 1 else len(planes)
    word = forward.plane_word(layer)
    note = f", the first {drawn} of its {numbers.count(len(planes))} {word}s" if drawn < len(planes) else ""
    st.markdown(f"**{name}**")
    tiles.show(
        shown / limits[:, None, None],
        columns,
        f"{name}: {forward.title(layer)}",
        f"{forward.title(layer)}{note}.",
        limit=1.0,
        side=56 if columns > 1 else 448,
    )
    zero_share = float((planes == 0).mean())
    zeros = f" {numbers.percent(zero_share, 0)} of the layer's values are 0." if zero_share else ""
    if forward.picture.is_empty:
        st.markdown(zeros.strip())
        return
    how_sure = forward.certainty(best)
    st.markdown(f"It predicts **{escape_markdown(names[best])}**, {how_sure}.{zeros}")

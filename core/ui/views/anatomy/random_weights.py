"""The chosen layer with the weights that training found, and with random ones, side by side on the same picture."""

import numpy as np
import streamlit as st

from core.ui.display import numbers
from core.ui.state.settings import Settings
from core.ui.views.anatomy import forward_pass, tiles
from core.ui.views.anatomy.forward_pass import SEED, Pass, marked

MOST = 32  # planes


def show(settings: Settings, passed: Pass, layer: int) -> None:
    """Draw both, and say what differs. Raises InferenceError."""
    seed = passed.seed
    if seed is None:
        with st.container(width=160):
            seed = settings.number(SEED, "Seed", 0, 9999, help="Of the random weights: another seed, other weights")
    pair = {
        "Trained": forward_pass.go(passed.subject, passed.shown, None, passed.scale),
        f"Random, seed {seed}": forward_pass.go(passed.subject, passed.shown, seed, passed.scale),
    }
    for column, (name, one) in zip(st.columns(2, gap="medium"), pair.items(), strict=True):
        with column:
            _side(name, one, layer)
    st.caption(
        "Even random filters find edges and keep the picture's shape in the first layers: a convolution does that "
        "whatever its weights are. What training adds is that the planes, layer by layer, come to say what it is."
    )


def _side(name: str, one: Pass, layer: int) -> None:
    planes = one.planes(layer)
    shares, names = one.probabilities, one.subject.info.classes
    best = int(shares.argmax())
    shown = planes[:MOST]
    limits = one.limits(layer)[: len(shown)]
    if planes.shape[1] * planes.shape[2] == 1:
        shown, limits, columns = planes.reshape(1, 1, -1), limits[:1], 1
        width = min(64, shown.shape[2])
        shown = np.pad(shown.ravel(), (0, -shown.size % width)).reshape(1, -1, width)
    else:
        columns = min(8, len(shown))
    many = f", the first {MOST} of its {len(planes)} planes" if len(planes) > MOST and columns > 1 else ""
    st.markdown(f"**{name}**")
    tiles.show(
        shown / limits[:, None, None],
        columns,
        f"{name}: {one.title(layer)}",
        f"{one.title(layer)}{many}.",
        limit=1.0,
        side=56 if columns > 1 else 448,
    )
    dead = float((planes == 0).mean())
    zeros = f" {numbers.percent(dead, 0)} of the layer's numbers are 0." if dead else ""
    st.markdown(f"It answers **{marked(names[best])}**, at {numbers.percent(float(shares[best]), 1)}.{zeros}")

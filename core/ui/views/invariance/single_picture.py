"""One picture with six sliders, and every network's predictions: bars, and a strip over one slider's range."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from markupsafe import Markup
from numpy.typing import NDArray

from core.insight.robustness import changes
from core.insight.transforms import LIMITS, AffineTransform
from core.runs.inference_client import InferenceError
from core.ui import messages
from core.ui.backend import measurements
from core.ui.display import numbers, outputs, scores
from core.ui.display.words import with_article
from core.ui.layout import page_frame
from core.ui.state.settings import Settings
from core.ui.views.invariance import queries, what_to_notice
from core.ui.views.invariance.networks import ComparedNetwork
from core.ui.views.invariance.picture import InputPicture
from core.ui.views.invariance.sliders import (
    HELP,
    IDENTITY,
    LABELS,
    NAMES,
    STEP,
    answer_changes,
    describe_move,
    expected,
    values_along,
    with_unit,
)

DEFAULTS = {**{f"i_{name}": value for name, value in IDENTITY.items()}, "i_along": "dx"}
PREVIOUS = "i_before"  # in the session: the sliders' previous values, to find the one that moved


@st.fragment
def show(settings: Settings, compared: Sequence[ComparedNetwork], source: InputPicture) -> None:
    """Draw the sliders, the transformed picture and the predictions, as a fragment: sliders rerun nothing else."""
    left, right = st.columns([3, 5], gap="medium")
    with right:
        values = _sliders(settings)
        along = _along(settings, values)
    strip = values_along(along)
    current = AffineTransform(**values)
    moves = [current, *(AffineTransform(**{**values, along: value}) for value in strip)]
    try:
        picture, outputs = queries.single_picture(
            tuple(net.file for net in compared),
            tuple(net.stamp for net in compared),
            source.pixels.tobytes(),
            source.shape,
            measurements.to_array(moves),
        )
    except InferenceError as error:
        messages.error(error)
        return
    with left:
        alt = f"{source.title}, {describe_move(current)}"
        st.html(source.figure(picture, alt, f"{alt}: {source.size}"))
    if not compared:
        messages.info(
            "CIFAR-10 is not on this machine, and the generated pictures that replace it show other classes than those "
            "of the pretrained network. Train a network on the CIFAR-10 page and choose it above, or upload a picture."
        )
        return
    cards = Markup("").join(
        card(net, source, probabilities[0], probabilities[1:].argmax(axis=1), strip, values[along], along)
        for net, probabilities in zip(compared, outputs, strict=True)
    )
    st.html(Markup('<div class="predictions">{}</div>').format(cards))
    page_frame.notice(*what_to_notice.sentences(compared, source, outputs, strip, along))


def _sliders(settings: Settings) -> dict[str, float]:
    columns = st.columns(2, gap="medium")
    values: dict[str, float] = {}
    for index, name in enumerate(IDENTITY):
        low, high = LIMITS[name]
        with columns[index % 2]:
            values[name] = settings.slider(f"i_{name}", LABELS[name], low, high, step=STEP[name], help=HELP[name])
    return values


def _along(settings: Settings, values: dict[str, float]) -> str:
    """Return the slider whose range the strips show: the one moved last, or the one chosen."""
    previous = st.session_state.get(PREVIOUS, values)
    if moved := [name for name in values if values[name] != previous.get(name)]:
        st.session_state["i_along"] = moved[0]
    st.session_state[PREVIOUS] = values
    with st.container(horizontal=True, vertical_alignment="bottom"):
        along: str = settings.segments(
            "i_along",
            "Predictions over the slider's range",
            list(IDENTITY),
            format=lambda name: NAMES[name].capitalize(),
            help="The strips under the bars show each network's prediction for every value of this slider",
        )
        st.button(
            "Reset", icon=":material/restart_alt:", on_click=_reset, help="Reset all sliders to the unchanged picture"
        )
    return along


def _reset() -> None:
    for name, value in IDENTITY.items():
        st.session_state[f"i_{name}"] = value


def card(
    net: ComparedNetwork,
    source: InputPicture,
    probabilities: NDArray[np.float32],
    answers: NDArray[np.int64],
    strip: Sequence[float],
    now: float,
    name: str,
) -> Markup:
    """Return a network's bars, its strip and its sentence, as HTML."""
    best = int(probabilities.argmax())
    turns = set(changes(answers))
    nearest = min(range(len(strip)), key=lambda index: abs(strip[index] - now))
    marked = expected(source, answers.tolist(), strip, name)
    cells, labels = [], []
    for index, (value, answer) in enumerate(zip(strip, answers.tolist(), strict=True)):
        labels.append(f"{with_unit(name, value)}: {source.classes[answer]}")
        kind = _kind(answer == marked, index in turns, index == nearest)
        cells.append(Markup('<span class="{}" title="{}">{}</span>').format(kind, labels[-1], source.codes[answer]))
    sentence = answer_changes(answers.tolist(), strip, name, source.classes)
    return Markup(
        '<div style="--role: {color}"><p class="who"><i></i>{network}</p>'
        '<p class="verdict"><b>{prediction}</b>{certainty}{verdict}</p>{bars}'
        '<div class="{size}" role="img" aria-label="{label}">{cells}</div>'
        '<p class="ends"><span>{low}</span><span>{high}</span></p><p class="changes">{changes}</p></div>'
    ).format(
        color=net.role.color,
        network=net.name,
        prediction=source.classes[best],
        certainty=numbers.percent(float(probabilities[best]), 1),
        verdict=_verdict(source, best),
        bars=_bars(source, probabilities, best, outputs.of_each(net.experiment.layers, "class")),
        size="strip words" if max(map(len, source.codes)) > 1 else "strip",
        label=f"Prediction for every value of {NAMES[name]}: {', '.join(labels)}",
        cells=Markup("").join(cells),
        low=with_unit(name, strip[0]),
        high=with_unit(name, strip[-1]),
        changes=" ".join(
            filter(
                None,
                (
                    f"{sentence}.",
                    outputs.lengths_note([net.experiment.layers]),
                    scores.one_view_note(net.experiment.test_time),
                ),
            )
        ),
    )


def _verdict(source: InputPicture, best: int) -> str:
    if source.truth is None:
        return ""
    return ", right" if best == source.truth else f", wrong: it is {with_article(source.classes[source.truth])}"


def _bars(source: InputPicture, probabilities: NDArray[np.float32], best: int, what: str) -> Markup:
    """Return one bar per class: vertical over digits, horizontal beside words. `what` the bars are."""
    shares = [float(share) for share in probabilities]
    horizontal = max(map(len, source.classes)) > 1
    label = ", ".join(f"{name}: {numbers.percent(p, 0)}" for name, p in zip(source.classes, shares, strict=True))
    size = "width" if horizontal else "height"
    bars = Markup("").join(
        Markup('<span class="{}"><i style="{}: {:.1f}%"></i><b>{}</b></span>').format(
            "best" if index == best else "", size, max(100 * share, 0.5), name
        )
        for index, (name, share) in enumerate(zip(source.classes, shares, strict=True))
    )
    return Markup('<div class="{}" role="img" aria-label="{}: {}">{}</div>').format(
        "bars horizontal" if horizontal else "bars", what, label, bars
    )


def _kind(right: bool, turns: bool, now: bool) -> str:
    return " ".join(word for word, on in (("right", right), ("turn", turns), ("now", now)) if on)

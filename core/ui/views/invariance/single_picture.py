"""One picture, six sliders, and what every network makes of it: bars, its answer all along the slider moved last."""

from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.insight.robustness import changes
from core.insight.transforms import LIMITS, AffineTransform
from core.runs.inference_client import InferenceError
from core.ui import messages
from core.ui.display import numbers, scores
from core.ui.display.words import join_words, with_article
from core.ui.layout import page_frame
from core.ui.state.settings import Settings
from core.ui.views.invariance import queries
from core.ui.views.invariance.networks import Entrant
from core.ui.views.invariance.picture import Subject

STILL = {"dx": 0, "dy": 0, "rotate": 0, "scale": 1.0, "shear": 0, "blur": 0.0}
STEP = {"dx": 1, "dy": 1, "rotate": 5, "scale": 0.1, "shear": 5, "blur": 0.25}
STRIP_STEP = STEP | {"rotate": 15}
UNITS = {"dx": "px", "dy": "px", "rotate": "°", "scale": "", "shear": "°", "blur": "px"}
LABELS = {
    "dx": "Shift right (px)",
    "dy": "Shift down (px)",
    "rotate": "Turn (°)",
    "scale": "Scale (factor)",
    "shear": "Slant (°)",
    "blur": "Blur (σ in px)",
}
WORDS = {"dx": "shift right", "dy": "shift down", "rotate": "turn", "scale": "scale", "shear": "slant", "blur": "blur"}
HELP = {
    "dx": "Whole pixels to the right; black comes in from the left.",
    "dy": "Whole pixels down.",
    "rotate": "Clockwise around the middle.",
    "scale": "2 is twice as large, 0.5 half as large.",
    "shear": "How far an upright stroke leans.",
    "blur": "The standard deviation of a Gaussian blur.",
}
DEFAULTS = {**{f"i_{name}": value for name, value in STILL.items()}, "i_along": "dx"}
BEFORE = "i_before"  # in the session: the sliders as they were, to know which has moved


@st.fragment
def show(settings: Settings, entrants: Sequence[Entrant], subject: Subject) -> None:
    """The sliders, the moved picture and the networks' answers. A fragment: a slider draws nothing else anew."""
    left, right = st.columns([1, 2], gap="medium")
    with right:
        values = _sliders(settings)
        along = _along(settings, values)
    strip = values_along(along)
    here = AffineTransform(**values)
    moves = [here, *(AffineTransform(**{**values, along: value}) for value in strip)]
    try:
        picture, answers = queries.one_picture(
            tuple(one.file for one in entrants),
            tuple(one.stamp for one in entrants),
            subject.pixels.tobytes(),
            subject.shape,
            queries.listed(moves),
        )
    except InferenceError as error:
        messages.error(error)
        return
    with left:
        what = f"{subject.title}, as it is moved now"
        st.html(subject.figure(picture, what, escape(f"{subject.title}, {told(here)}: {subject.size}")))
    if not entrants:
        messages.info(
            "CIFAR-10 is not on this machine, and the pictures that stand in for it show other things than the network "
            "that comes with the app has learned. Train one on the CIFAR-10 page and choose it above, or take a "
            "picture of your own."
        )
        return
    st.html(
        '<div class="minds">'
        + "".join(
            card(one, subject, probabilities[0], probabilities[1:].argmax(axis=1), strip, values[along], along)
            for one, probabilities in zip(entrants, answers, strict=True)
        )
        + "</div>"
    )
    page_frame.notice(*sentences(entrants, subject, answers, strip, along))


def _sliders(settings: Settings) -> dict[str, float]:
    columns = st.columns(2, gap="medium")
    values: dict[str, float] = {}
    for place, name in enumerate(STILL):
        low, high = LIMITS[name]
        with columns[place % 2]:
            values[name] = settings.slider(f"i_{name}", LABELS[name], low, high, step=STEP[name], help=HELP[name])
    return values


def _along(settings: Settings, values: dict[str, float]) -> str:
    """The slider whose whole length the strips show: the one moved last, or the one chosen."""
    before = st.session_state.get(BEFORE, values)
    if moved := [name for name in values if values[name] != before.get(name)]:
        st.session_state["i_along"] = moved[0]
    st.session_state[BEFORE] = values
    with st.container(horizontal=True, vertical_alignment="bottom"):
        along: str = settings.segments(
            "i_along",
            "Answers all along",
            list(STILL),
            format=lambda name: WORDS[name].capitalize(),
            help="The strips under the bars show each network's answer for every value of this slider.",
        )
        st.button("Put it back", icon=":material/restart_alt:", on_click=_back, help="All sliders where they began")
    return along


def _back() -> None:
    for name, value in STILL.items():
        st.session_state[f"i_{name}"] = value


def values_along(name: str) -> list[float]:
    """The values of a slider that its strip shows, from left to right."""
    low, high = LIMITS[name]
    count = round((high - low) / STRIP_STEP[name])
    return [round(low + place * STRIP_STEP[name], 4) for place in range(count + 1)]


def told(move: AffineTransform) -> str:
    """What is done to the picture, in words."""
    parts = [
        f"{WORDS[name]} {written(name, value)}"
        for name, value in zip(STILL, move.to_list(), strict=True)
        if value != STILL[name]
    ]
    return ", ".join(parts) if parts else "not moved"


def written(name: str, value: float) -> str:
    """A value with its sign and unit: "+3 px", "−15°", "0.8"."""
    sign = "" if name in ("scale", "blur") or value == 0 else "+" if value > 0 else numbers.MINUS
    unit = UNITS[name]
    return f"{sign}{abs(value):g}{'' if unit in ('', '°') else numbers.SPACE}{unit}"


def turning_points(answers: Sequence[int], strip: Sequence[float], name: str) -> list[float]:
    """The nearest values below and above the untouched one at which the answer is another than there."""
    still = _still(strip, name)
    below = [place for place in range(still) if answers[place] != answers[still]]
    above = [place for place in range(still + 1, len(strip)) if answers[place] != answers[still]]
    return [strip[place] for place in (*below[-1:], *above[:1])]


def mind(answers: Sequence[int], strip: Sequence[float], name: str, classes: Sequence[str]) -> str:
    """Where a network changes its mind, and to what, as a sentence."""
    points = [
        f"{written(name, value)} (to {classes[answers[strip.index(value)]]})"
        for value in turning_points(answers, strip, name)
    ]
    return f"Changes its mind at {' and '.join(points)}" if points else "Never changes its mind here"


def expected(subject: Subject, answers: Sequence[int], strip: Sequence[float], name: str) -> int:
    """The answer that counts along a strip: the right one; where nobody knows it, that to the still picture."""
    return answers[_still(strip, name)] if subject.truth is None else subject.truth


def _still(strip: Sequence[float], name: str) -> int:
    """The place on a strip that is nearest to the untouched value."""
    return min(range(len(strip)), key=lambda place: abs(strip[place] - STILL[name]))


def card(
    one: Entrant,
    subject: Subject,
    probabilities: NDArray[np.float32],
    answers: NDArray[np.int64],
    strip: Sequence[float],
    now: float,
    name: str,
) -> str:
    """A network's bars, its strip and its sentence, as HTML."""
    best = int(probabilities.argmax())
    turns = set(changes(answers))
    nearest = min(range(len(strip)), key=lambda place: abs(strip[place] - now))
    held = expected(subject, answers.tolist(), strip, name)
    cells, along = [], []
    for place, (value, answer) in enumerate(zip(strip, answers.tolist(), strict=True)):
        what = escape(f"{written(name, value)}: {subject.classes[answer]}")
        kind = _kind(answer == held, place in turns, place == nearest)
        cells.append(f'<span class="{kind}" title="{what}">{escape(subject.codes[answer])}</span>')
        along.append(what)
    size = "along words" if max(map(len, subject.codes)) > 1 else "along"
    told = mind(answers.tolist(), strip, name, subject.classes)
    return (
        f'<div style="--role: {one.role.color}"><p class="who"><i></i>{escape(one.name)}</p>'
        f'<p class="verdict"><b>{escape(subject.classes[best])}</b>'
        f"{numbers.percent(float(probabilities[best]), 1)}{escape(_verdict(subject, best))}</p>"
        f"{_bars(subject, probabilities, best)}"
        f'<div class="{size}" role="img" aria-label="Its answer for every {WORDS[name]}: {", ".join(along)}">'
        f"{''.join(cells)}</div>"
        f'<p class="ends"><span>{written(name, strip[0])}</span><span>{written(name, strip[-1])}</span></p>'
        f'<p class="mind">{escape(f"{told} {scores.one_view_note(one.experiment.test_time)}".strip())}</p></div>'
    )


def _verdict(subject: Subject, best: int) -> str:
    if subject.truth is None:
        return ""
    return ", right" if best == subject.truth else f", wrong, it is {with_article(subject.classes[subject.truth])}"


def _bars(subject: Subject, probabilities: NDArray[np.float32], best: int) -> str:
    """A bar a class: upright over digits, level beside words."""
    shares = [float(share) for share in probabilities]
    level = max(map(len, subject.classes)) > 1
    spoken = ", ".join(f"{name}: {numbers.percent(p, 0)}" for name, p in zip(subject.classes, shares, strict=True))
    size = "width" if level else "height"
    bars = "".join(
        f'<span class="{"best" if place == best else ""}">'
        f'<i style="{size}: {max(100 * share, 0.5):.1f}%"></i><b>{escape(name)}</b></span>'
        for place, (name, share) in enumerate(zip(subject.classes, shares, strict=True))
    )
    kind = "bars level" if level else "bars"
    return f'<div class="{kind}" role="img" aria-label="Probability of each class: {escape(spoken)}">{bars}</div>'


def _kind(right: bool, turns: bool, now: bool) -> str:
    return " ".join(word for word, on in (("right", right), ("turn", turns), ("now", now)) if on)


def sentences(
    entrants: Sequence[Entrant],
    subject: Subject,
    answers: Sequence[NDArray[np.float32]],
    strip: Sequence[float],
    name: str,
) -> list[str]:
    """What the present picture shows: who reads it, and who holds out longest along the strip."""
    along = [p[1:].argmax(axis=1) for p in answers]
    held = [expected(subject, found.tolist(), strip, name) for found in along]
    shares = [float((found == answer).mean()) for found, answer in zip(along, held, strict=True)]
    best, worst = int(np.argmax(shares)), int(np.argmin(shares))
    known = subject.truth is not None
    does = "is right" if known else "stays with its answer"
    if shares[best] == shares[worst]:
        each = "each of them" if len(entrants) > 1 else f"the {entrants[0].name}"
        spread = f"{each} {does} at {numbers.percent(shares[best], 0)} of the values."
    else:
        spread = (
            f"the {entrants[best].name} {does} at {numbers.percent(shares[best], 0)} of the values, "
            f"the {entrants[worst].name} at {numbers.percent(shares[worst], 0)}."
        )
    return [
        *_reads(entrants, subject, answers),
        f"Along the whole slider, {WORDS[name]}, {spread}",
        f"A cell of a strip is filled where the answer is {'right' if known else 'that to the still picture'}; a bar "
        "before it says that the answer changed there.",
    ]


def _reads(entrants: Sequence[Entrant], subject: Subject, answers: Sequence[NDArray[np.float32]]) -> list[str]:
    """Who reads it right now."""
    if subject.truth is None:
        return []
    right = [one.name for one, p in zip(entrants, answers, strict=True) if int(p[0].argmax()) == subject.truth]
    truth = with_article(subject.classes[subject.truth])
    if not right:
        return [f"None of them takes it for {truth} now."]
    text = join_words([f"the {name}" for name in right])
    return [f"{text[0].upper()}{text[1:]} take{'s' * (len(right) == 1)} it for {truth}."]

"""One digit, six sliders, and what every network makes of it: bars, and its answer all along the slider moved last."""

from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.insight.moves import LIMITS, Move
from core.insight.robustness import changes
from core.runs.inference import InferenceError
from core.ui import numbers, pictures, shell
from core.ui.invariance import asked
from core.ui.invariance.entrants import Entrant
from core.ui.settings import Settings

TIMES = 8
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
DEFAULTS = {"i_digit": 12, **{f"i_{name}": value for name, value in STILL.items()}, "i_along": "dx"}
BEFORE = "i_before"  # in the session: the sliders as they were, to know which has moved

Digit = NDArray[np.uint8]


def pick(settings: Settings) -> tuple[Digit, int]:
    """The test digit to move: (28, 28) uint8, and which it is. Raises DataError."""
    whole = asked.test_set()
    last = len(whole.test_labels) - 1
    st.session_state["i_digit"] = min(st.session_state.get("i_digit", DEFAULTS["i_digit"]), last)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        place = settings.number("i_digit", "Test digit", 0, last, help=f"Its number, from 0 to {numbers.count(last)}")
        st.button(
            "Next", icon=":material/skip_next:", key="i_next", on_click=_next, args=(last,), help="The digit after it"
        )  # fmt: skip
    return whole.test_images[place, 0], int(whole.test_labels[place])


def _next(last: int) -> None:
    st.session_state["i_digit"] = (st.session_state["i_digit"] + 1) % (last + 1)


@st.fragment
def show(settings: Settings, entrants: Sequence[Entrant], digit: Digit, truth: int) -> None:
    """The sliders, the moved digit and the networks' answers. A fragment: a slider draws nothing else anew."""
    left, right = st.columns([1, 2], gap="medium")
    with right:
        values = _sliders(settings)
        along = _along(settings, values)
    strip = values_along(along)
    here = Move(**values)
    moves = [here, *(Move(**{**values, along: value}) for value in strip)]
    try:
        picture, answers = asked.one_digit(
            tuple(one.file for one in entrants),
            tuple(one.stamp for one in entrants),
            digit.tobytes(),
            asked.listed(moves),
        )
    except InferenceError as error:
        st.error(str(error), icon=":material/error:")
        return
    with left:
        what = f"The test digit, a {truth}, as it is moved now"
        st.html(pictures.figure(picture, TIMES, what, f"A {truth}, {told(here)}: 28 × 28 pixels, 1 channel"))
    st.html(
        '<div class="minds">'
        + "".join(
            card(one, probabilities[0], probabilities[1:].argmax(axis=1), strip, values[along], along, truth)
            for one, probabilities in zip(entrants, answers, strict=True)
        )
        + "</div>"
    )
    shell.notice(*sentences(entrants, answers, strip, along, truth))


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
            "i_along", "Answers all along", list(STILL), format=lambda name: WORDS[name].capitalize(),
            help="The strips under the bars show each network's answer for every value of this slider.",
        )  # fmt: skip
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


def told(move: Move) -> str:
    """What is done to the digit, in words."""
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
    still = min(range(len(strip)), key=lambda place: abs(strip[place] - STILL[name]))
    below = [place for place in range(still) if answers[place] != answers[still]]
    above = [place for place in range(still + 1, len(strip)) if answers[place] != answers[still]]
    return [strip[place] for place in (*below[-1:], *above[:1])]


def mind(answers: Sequence[int], strip: Sequence[float], name: str) -> str:
    """Where a network changes its mind, as a sentence."""
    points = [written(name, value) for value in turning_points(answers, strip, name)]
    return f"Changes its mind at {' and '.join(points)}" if points else "Never changes its mind here"


def card(
    one: Entrant, probabilities: NDArray[np.float32], answers: NDArray[np.int64], strip: Sequence[float], now: float,
    name: str, truth: int,
) -> str:  # fmt: skip
    """A network's bars, its strip and its sentence, as HTML."""
    best = int(probabilities.argmax())
    spoken = ", ".join(f"{digit}: {numbers.percent(float(p), 0)}" for digit, p in enumerate(probabilities))
    bars = "".join(
        f'<span class="{"best" if digit == best else ""}">'
        f'<i style="height: {max(100 * float(p), 0.5):.1f}%"></i>{digit}</span>'
        for digit, p in enumerate(probabilities)
    )
    turns = set(changes(answers))
    nearest = min(range(len(strip)), key=lambda place: abs(strip[place] - now))
    cells = "".join(
        f'<span class="{_kind(int(answer) == truth, place in turns, place == nearest)}" '
        f'title="{written(name, value)}: {answer}">{answer}</span>'
        for place, (value, answer) in enumerate(zip(strip, answers.tolist(), strict=True))
    )
    along = ", ".join(
        f"{written(name, value)}: {answer}" for value, answer in zip(strip, answers.tolist(), strict=True)
    )
    verdict = "right" if best == truth else f"wrong, it is a {truth}"
    return (
        f'<div style="--role: {one.role.color}"><p class="who"><i></i>{escape(one.name)}</p>'
        f'<p class="verdict"><b>{best}</b>{numbers.percent(float(probabilities[best]), 1)}, {verdict}</p>'
        f'<div class="bars" role="img" aria-label="Probability of each digit: {spoken}">{bars}</div>'
        f'<div class="along" role="img" aria-label="Its answer for every {WORDS[name]}: {along}">{cells}</div>'
        f'<p class="ends"><span>{written(name, strip[0])}</span><span>{written(name, strip[-1])}</span></p>'
        f'<p class="mind">{mind(answers.tolist(), strip, name)}</p></div>'
    )


def _kind(right: bool, turns: bool, now: bool) -> str:
    return " ".join(word for word, on in (("right", right), ("turn", turns), ("now", now)) if on)


def sentences(
    entrants: Sequence[Entrant], answers: Sequence[NDArray[np.float32]], strip: Sequence[float], name: str, truth: int
) -> list[str]:
    """What the present picture shows: who reads it, and who holds out longest along the strip."""
    right = [one.name for one, p in zip(entrants, answers, strict=True) if int(p[0].argmax()) == truth]
    shares = [float((p[1:].argmax(axis=1) == truth).mean()) for p in answers]
    best, worst = int(np.argmax(shares)), int(np.argmin(shares))
    reads = f"{_listed(right)} read{'s' if len(right) == 1 else ''} it as a {truth}." if right else (
        f"None of them reads it as a {truth} now."
    )  # fmt: skip
    if shares[best] == shares[worst]:
        spread = f"Along the whole slider, {WORDS[name]}, all of them are right equally often."
    else:
        spread = (
            f"Along the whole slider, {WORDS[name]}, the {entrants[best].name} is right at "
            f"{numbers.percent(shares[best], 0)} of the values, the {entrants[worst].name} at "
            f"{numbers.percent(shares[worst], 0)}."
        )
    return [
        reads,
        spread,
        "A cell of a strip is filled where the answer is right; a bar before it says that the answer changed there.",
    ]


def _listed(names: Sequence[str]) -> str:
    *others, last = [f"the {name}" for name in names]
    text = f"{', '.join(others)} and {last}" if others else last
    return text[0].upper() + text[1:]

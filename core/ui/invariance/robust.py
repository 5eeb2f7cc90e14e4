"""How accuracy falls when every test digit is moved: maps over shifts; curves over turns, sizes, slants and blurs."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from core.insight.moves import AXES, FURTHEST, SHIFTS, Axis
from core.insight.networks import network
from core.insight.robustness import DISTANCES, Share, accuracy, consistency, consistency_map, lost_on_map
from core.ui import colors, numbers
from core.ui.invariance import asked, maps
from core.ui.invariance.entrants import SHIPPED, Entrant
from core.ui.invariance.filling import Measure, fill
from core.ui.settings import Settings

SHIFT = "shift"
MEASURES = {SHIFT: "Shift", "rotate": "Turn", "scale": "Scale", "shear": "Slant", "blur": "Blur"}
DEFAULTS = {"i_measure": SHIFT, "i_count": 500, "i_sample": 0}
PART = 5  # points of a curve in one question
OUTWARD = sorted(SHIFTS, key=abs)  # the rows of a map in the order they are asked for: from the middle

Answers = NDArray[np.uint8]


def show(settings: Settings, entrants: Sequence[Entrant]) -> None:
    """Draw the chosen measure for all networks, part by part as the answers come."""
    left, middle, right = st.columns([3, 1, 1], gap="medium", vertical_alignment="bottom")
    with left:
        measure = settings.segments(
            "i_measure", "Every digit is moved by", list(MEASURES), format=MEASURES.__getitem__,
            help="Each network answers for all digits under each move; black comes in from outside.",
        )  # fmt: skip
    count, seed = pick(settings, middle, right)
    spec = (tuple(entrants), count, seed)
    if measure == SHIFT:
        fill(_maps("map", spec, lambda done: _draw_maps(entrants, count, seed, done)))
    else:
        fill(_curves(AXES[measure], spec))


def pick(settings: Settings, left: DeltaGenerator, right: DeltaGenerator) -> tuple[int, int]:
    """How many test digits, and which: (count, seed)."""
    with left:
        count: int = settings.steps(
            "i_count", "Test digits", asked.DIGITS, help="More take longer and make the 95 % intervals narrower."
        )
    with right:
        seed = settings.number("i_sample", "Drawn by seed", 0, 999, help="Another seed draws other test digits.")
    return count, seed


Spec = tuple[tuple[Entrant, ...], int, int]  # who is asked, about how many digits, drawn by which seed


def _maps(name: str, spec: Spec, draw: Callable[[int], None]) -> Measure:
    """Every network's map of shifts, a row a part, from the middle out."""
    entrants, count, seed = spec

    def ask(part: int) -> None:
        for one in entrants:
            asked.map_row(one.file, one.stamp, OUTWARD[part], count, seed)

    return Measure(name, spec, len(OUTWARD), ask, draw, "rows")


def known_rows(one: Entrant, count: int, seed: int, done: int) -> dict[int, Answers]:
    """The rows of a network's map that have been asked for: dy -> (17, N)."""
    return {dy: asked.map_row(one.file, one.stamp, dy, count, seed) for dy in OUTWARD[:done]}


def complete(rows: dict[int, Answers]) -> Answers:
    """A whole map: (17 dy, 17 dx, N)."""
    return np.stack([rows[dy] for dy in SHIFTS])


def shares(rows: dict[int, Answers], labels: NDArray[np.int64]) -> dict[tuple[int, int], Share]:
    """The accuracy at every shift that is known."""
    return {
        (dx, dy): accuracy(answers, labels) for dy, row in rows.items() for dx, answers in zip(SHIFTS, row, strict=True)
    }


def _draw_maps(entrants: Sequence[Entrant], count: int, seed: int, done: int) -> None:
    """Heat maps of the accuracy, then what shifts of 2, 4 and 8 px cost."""
    labels = asked.labels(count, seed)
    known = {one.key: known_rows(one, count, seed, done) for one in entrants}
    st.html(maps.scale("Accuracy", 0))
    for one, place in zip(entrants, _places(entrants), strict=True):
        place.vega_lite_chart(
            maps.rows(shares(known[one.key], labels)),
            maps.heat("Accuracy", 0),
            alt=f"Heat map: accuracy of the {one.name} for shifts from −8 to 8 px. The figures are below.",
        )
    if done < len(OUTWARD):
        return
    st.dataframe(
        losses(entrants, {key: complete(rows) for key, rows in known.items()}, labels),
        hide_index=True,
        alt="Accuracy as they are, and what is lost by shifts of 2, 4 and 8 px",
    )
    st.caption(
        f"Lost: percentage points, the mean of right, left, down and up, of {numbers.count(len(labels))} test digits; "
        "in brackets the 95 % interval. The last column is of all 10,000 test digits, measured when the network was "
        "shipped. At 8 px much of a digit's ink has left the frame: no network knows what it does not see."
    )


def _places(entrants: Sequence[Entrant]) -> list[DeltaGenerator]:
    """A named place a network, side by side where there is room."""
    places = []
    for one, column in zip(entrants, st.columns(len(entrants), gap="small"), strict=True):
        with column:
            st.markdown(f"**{one.name}**")
            places.append(st.empty())
    return places


def losses(entrants: Sequence[Entrant], answers: dict[str, Answers], labels: NDArray[np.int64]) -> pd.DataFrame:
    """A row a network: its accuracy unmoved, and what each distance costs, with intervals."""
    rows = []
    for one in entrants:
        still = accuracy(answers[one.key][FURTHEST, FURTHEST], labels)
        row = {"Network": one.name, "Unmoved": f"{numbers.percent(still.value, 1)} ({maps.interval(still)})"}
        for distance in DISTANCES:
            row[f"Lost at {distance} px"] = written(lost_on_map(answers[one.key], labels, distance), 1)
        whole = network(one.key).lost[4] if one.key in SHIPPED else None
        row["Lost at 4 px, of 10,000"] = "" if whole is None else written(whole, 2)
        rows.append(row)
    return pd.DataFrame(rows)


def written(loss: Share, digits: int) -> str:
    """ "25.6 (24.1 to 27.2)", in percentage points."""
    value, low, high = (f"{100 * number:.{digits}f}".replace("-", numbers.MINUS) for number in (
        loss.value, loss.low, loss.high
    ))  # fmt: skip
    return f"{value} ({low} to {high})"


def _curves(axis: Axis, spec: Spec) -> Measure:
    """Accuracy along one kind of move, a few values a part, from the untouched one outward."""
    entrants, count, seed = spec
    outward = sorted(axis.values, key=lambda value: abs(value - axis.still))
    parts = [tuple(outward[start : start + PART]) for start in range(0, len(outward), PART)]

    def answers(one: Entrant, part: int) -> Answers:
        moves = asked.listed([axis.move(value) for value in parts[part]])
        return asked.points(one.file, one.stamp, moves, count, seed)

    def ask(part: int) -> None:
        for one in entrants:
            answers(one, part)

    def draw(done: int) -> None:
        labels = asked.labels(count, seed)
        lines = [
            maps.Line(
                one.role.short,
                one.role.color,
                [
                    maps.Point(value, accuracy(row, labels))
                    for part in range(done)
                    for value, row in zip(parts[part], answers(one, part), strict=True)
                ],
            )
            for one in entrants
        ]
        st.vega_lite_chart(
            maps.table(lines, axis.unit, colors.theme()),
            maps.curves(f"{axis.title} ({axis.unit})", axis.values[0], axis.values[-1]),
            alt=f"Line chart: accuracy of each network, {axis.title.lower()}. Bands are 95 % intervals.",
        )
        st.caption(
            f"{numbers.count(len(labels))} test digits, bilinear, black from outside. Bands: Wilson's 95 % interval. "
            "Guessing would reach 10 %."
        )

    return Measure(axis.name, spec, len(parts), ask, draw, "parts of the curves")


def show_consistency(entrants: Sequence[Entrant], settings: Settings) -> None:
    """How often an answer stays when the digit moves on by one pixel."""
    left, middle, right = st.columns([3, 1, 1], gap="medium", vertical_alignment="bottom")
    with left:
        st.markdown(
            "Move a digit by one pixel: does the answer stay? Right or wrong does not count here. Each point of a map "
            "is a place to which the digits were moved before, and from which they move one pixel further."
        )
    count, seed = pick(settings, middle, right)
    spec = (tuple(entrants), count, seed)
    fill(_maps("stays", spec, lambda done: _draw_consistency(entrants, count, seed, done)))


def _draw_consistency(entrants: Sequence[Entrant], count: int, seed: int, done: int) -> None:
    if done < len(OUTWARD):
        return
    answers = {one.key: complete(known_rows(one, count, seed, done)) for one in entrants}
    st.html(maps.scale("The answer stays", 60))
    for one, place in zip(entrants, _places(entrants), strict=True):
        stays = consistency_map(answers[one.key])
        data = {
            (dx, dy): Share(float(stays[row, column]), float(stays[row, column]), float(stays[row, column]))
            for row, dy in enumerate(SHIFTS)
            for column, dx in enumerate(SHIFTS)
        }
        place.vega_lite_chart(
            maps.rows(data).assign(Interval="see the table"), maps.heat("The answer stays", 60),
            alt=f"Heat map: how often the {one.name} keeps its answer under one more pixel of shift.",
        )  # fmt: skip
    rows = []
    for one in entrants:
        row = {"Network": one.name}
        for within in (2, 4, 8):
            share = consistency(answers[one.key], within)
            row[f"Within {within} px"] = f"{numbers.percent(share.value, 1)} ({maps.interval(share)})"
        rows.append(row)
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, alt="How often each network's answer stays under one pixel of shift"
    )
    st.caption(
        "Over all neighboring places at most so far from where the digit was written, with its 95 % interval. "
        "Published (Zhang 2019, ResNet-18 on ImageNet): 85.1 % with strided pooling, 88.4 % with blur pooling."
    )

"""How accuracy falls when every test picture is moved: maps over shifts; curves over turns, sizes, slants and blurs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from core.insight.pretrained import network
from core.insight.robustness import DISTANCES, Share, accuracy, consistency, consistency_map, lost_on_map
from core.insight.transforms import AXES, MAX_SHIFT, SHIFTS, Axis
from core.ui import messages
from core.ui.display import colors, numbers
from core.ui.state.settings import Settings
from core.ui.views.invariance import charts, networks, queries
from core.ui.views.invariance.networks import PRETRAINED, Entrant
from core.ui.views.invariance.picture import Subject
from core.ui.views.invariance.progressive import Measure, fill
from core.ui.views.invariance.queries import Sample

SHIFT = "shift"
MEASURES = {SHIFT: "Shift", "rotate": "Turn", "scale": "Scale", "shear": "Slant", "blur": "Blur"}
DEFAULTS = {"i_measure": SHIFT, "i_count": 500, "i_sample": 0}

Answers = NDArray[np.uint8]


def show(settings: Settings, compared: Sequence[Entrant], subject: Subject) -> None:
    """Draw the chosen measure for all networks, part by part as the answers come."""
    if not _can_be_measured(compared, subject):
        return
    left, middle, right = st.columns([3, 1, 1], gap="medium", vertical_alignment="bottom")
    with left:
        measure = settings.segments(
            "i_measure",
            f"Every {subject.noun} is moved by",
            list(MEASURES),
            format=MEASURES.__getitem__,
            help="Each network answers for all of them under each move; black comes in from outside.",
        )
    whole = Whole(tuple(compared), pick(settings, subject, middle, right), subject.shape, subject.noun)
    if measure == SHIFT:
        fill(_maps("map", whole, lambda done: _draw_maps(whole, done)))
    else:
        fill(_curves(AXES[measure], whole))


def _can_be_measured(compared: Sequence[Entrant], subject: Subject) -> bool:
    """Whether there is a test set with labels, and a network to ask; says why not."""
    if not subject.tested:
        messages.info(
            "This needs the whole of CIFAR-10, which is not on this machine: the pictures that stand in for it show "
            "other things than the network that comes with the app has learned."
        )
    elif not compared:
        messages.info("There is no network to ask yet: choose a run above.")
    return bool(subject.tested and compared)


def pick(settings: Settings, subject: Subject, left: DeltaGenerator, right: DeltaGenerator) -> Sample:
    """How many test pictures, and which."""
    with left:
        count: int = settings.steps(
            "i_count",
            f"Test {subject.noun}s",
            queries.COUNTS,
            help="More take longer and make the 95 % intervals narrower.",
        )
    with right:
        seed = settings.number(
            "i_sample", "Drawn by seed", 0, 999, help=f"Another seed draws other test {subject.noun}s."
        )
    return Sample(subject.tested, count, seed)


@dataclass(frozen=True, slots=True)
class Whole:
    """A measure of whole test sets: who is asked, and about which pictures."""

    networks: tuple[Entrant, ...]
    sample: Sample
    shape: tuple[int, int, int]  # (C, H, W)
    noun: str

    @property
    def parts(self) -> int:
        """Into how many questions the sample is divided, so that none takes long."""
        macs = networks.macs(self.networks, self.shape) * len(SHIFTS) ** 2
        each = min(max(1, int(queries.MACS / macs)), queries.MOST_PICTURES)
        return -(-len(self.sample.labels) // each)

    def labels(self, done: int) -> NDArray[np.int64]:
        """Of the pictures in the parts that are done, as `answers` has them."""
        labels, parts = self.sample.labels, self.parts
        return np.concatenate([np.empty(0, np.int64), *(labels[part::parts] for part in range(done))])

    def answers(self, one: Entrant, done: int) -> Answers:
        """A network's answers in the parts that are done: (17 dy, 17 dx, n)."""
        parts = self.parts
        each = [queries.map_part(one.file, one.stamp, self.sample, part, parts) for part in range(done)]
        return np.concatenate([np.empty((len(SHIFTS), len(SHIFTS), 0), np.uint8), *each], axis=2)

    def told(self, done: int) -> str:
        """How far it is: "150 of 500 digits"."""
        return f"{numbers.count(len(self.labels(done)))} of {numbers.count(len(self.sample.labels))} {self.noun}s"


def _maps(name: str, whole: Whole, draw: Callable[[int], None]) -> Measure:
    """Every network's whole map at once, for more pictures with each part."""
    parts = whole.parts

    def ask(part: int) -> None:
        for one in whole.networks:
            queries.map_part(one.file, one.stamp, whole.sample, part, parts)

    return Measure(name, whole, parts, ask, draw, whole.told)


def shares(answers: Answers, labels: NDArray[np.int64]) -> dict[tuple[int, int], Share]:
    """The accuracy at every shift (dx, dy), of answers (17 dy, 17 dx, n); none before there are any."""
    if not len(labels):
        return {}
    return {
        (dx, dy): accuracy(here, labels)
        for dy, row in zip(SHIFTS, answers, strict=True)
        for dx, here in zip(SHIFTS, row, strict=True)
    }


def _draw_maps(whole: Whole, done: int) -> None:
    """Heat maps of the accuracy, then what shifts of 2, 4 and 8 px cost."""
    labels = whole.labels(done)
    known = {one.key: whole.answers(one, done) for one in whole.networks}
    st.html(charts.scale("Accuracy", 0))
    for one, place in zip(whole.networks, _places(whole.networks), strict=True):
        place.vega_lite_chart(
            charts.rows(shares(known[one.key], labels)),
            charts.heat("Accuracy", 0),
            alt=f"Heat map: accuracy of the {one.name} for shifts from −8 to 8 px. The figures are below.",
        )
    if done < whole.parts:
        return
    st.dataframe(
        losses(whole.networks, known, labels),
        hide_index=True,
        alt="Accuracy as they are, and what is lost by shifts of 2, 4 and 8 px",
    )
    st.caption(
        f"Lost: percentage points, the mean of right, left, down and up, of {numbers.count(len(labels))} test "
        f"{whole.noun}s; in brackets the 95 % interval. The last column is of all 10,000 in the test set, measured "
        f"when the network was shipped. At 8 px much of a {whole.noun} has left the frame: no network knows what it "
        f"does not see. {whole.sample.caveat}".strip()
    )


def _places(compared: Sequence[Entrant]) -> list[DeltaGenerator]:
    """A named place a network, side by side where there is room, and none so wide that its map is far from square."""
    places = []
    for one, column in zip(compared, st.columns(max(len(compared), 3), gap="small"), strict=False):
        with column:
            st.markdown(f"**{one.name}**")
            places.append(st.empty())
    return places


def losses(compared: Sequence[Entrant], answers: dict[str, Answers], labels: NDArray[np.int64]) -> pd.DataFrame:
    """A row a network: its accuracy unmoved, and what each distance costs, with intervals."""
    rows = []
    for one in compared:
        still = accuracy(answers[one.key][MAX_SHIFT, MAX_SHIFT], labels)
        row = {"Network": one.name, "Unmoved": f"{numbers.percent(still.value, 1)} ({charts.interval(still)})"}
        for distance in DISTANCES:
            row[f"Lost at {distance} px"] = written(lost_on_map(answers[one.key], labels, distance), 1)
        whole = network(one.key).lost[4] if one.key in PRETRAINED else None
        row["Lost at 4 px, of 10,000"] = "" if whole is None else written(whole, 2)
        rows.append(row)
    return pd.DataFrame(rows)


def written(loss: Share, digits: int) -> str:
    """ "25.6 (24.1 to 27.2)", in percentage points."""
    value, low, high = (
        f"{100 * number:.{digits}f}".replace("-", numbers.MINUS) for number in (loss.value, loss.low, loss.high)
    )
    return f"{value} ({low} to {high})"


def _curves(axis: Axis, whole: Whole) -> Measure:
    """Accuracy along one kind of move, a few values a part, from the untouched one outward."""
    macs = networks.macs(whole.networks, whole.shape) * len(whole.sample.labels)
    each = min(max(1, int(queries.MACS / macs)), queries.MOST_MOVES)
    outward = sorted(axis.values, key=lambda value: abs(value - axis.still))
    parts = [tuple(outward[start : start + each]) for start in range(0, len(outward), each)]

    def answers(one: Entrant, part: int) -> Answers:
        moves = queries.listed([axis.move(value) for value in parts[part]])
        return queries.points(one.file, one.stamp, moves, whole.sample)

    def ask(part: int) -> None:
        for one in whole.networks:
            answers(one, part)

    def draw(done: int) -> None:
        labels = whole.sample.labels
        lines = [
            charts.Line(
                one.role.short,
                one.role.color,
                [
                    charts.Point(value, accuracy(row, labels))
                    for part in range(done)
                    for value, row in zip(parts[part], answers(one, part), strict=True)
                ],
            )
            for one in whole.networks
        ]
        st.vega_lite_chart(
            charts.table(lines, axis.unit, colors.theme()),
            charts.curves(f"{axis.title} ({axis.unit})", axis.values[0], axis.values[-1]),
            alt=f"Line chart: accuracy of each network, {axis.title.lower()}. Bands are 95 % intervals.",
        )
        st.caption(
            f"{numbers.count(len(labels))} test {whole.noun}s, bilinear, black from outside. Bands: Wilson's 95 % "
            f"interval. Guessing would reach 10 %. {whole.sample.caveat}".strip()
        )

    def told(done: int) -> str:
        return f"{sum(map(len, parts[:done]))} of {len(outward)} points of each curve"

    return Measure(axis.name, whole, len(parts), ask, draw, told)


def show_consistency(settings: Settings, compared: Sequence[Entrant], subject: Subject) -> None:
    """How often an answer stays when the picture moves on by one pixel."""
    if not _can_be_measured(compared, subject):
        return
    left, middle, right = st.columns([3, 1, 1], gap="medium", vertical_alignment="bottom")
    with left:
        st.markdown(
            f"Move a {subject.noun} by one pixel: does the answer stay? Right or wrong does not count here. Each cell "
            f"of a map is a place to which the {subject.noun}s were moved before, and from which they move one pixel "
            "further."
        )
    whole = Whole(tuple(compared), pick(settings, subject, middle, right), subject.shape, subject.noun)
    fill(_maps("stays", whole, lambda done: _draw_consistency(whole, done)))


def _draw_consistency(whole: Whole, done: int) -> None:
    if not done:
        return
    answers = {one.key: whole.answers(one, done) for one in whole.networks}
    st.html(charts.scale("The answer stays", 60))
    for one, place in zip(whole.networks, _places(whole.networks), strict=True):
        stays = consistency_map(answers[one.key])
        data = {
            (dx, dy): Share(float(stays[row, column]), float(stays[row, column]), float(stays[row, column]))
            for row, dy in enumerate(SHIFTS)
            for column, dx in enumerate(SHIFTS)
        }
        place.vega_lite_chart(
            charts.rows(data).assign(Interval="see the table"),
            charts.heat("The answer stays", 60),
            alt=f"Heat map: how often the {one.name} keeps its answer under one more pixel of shift.",
        )
    if done < whole.parts:
        return
    rows = []
    for one in whole.networks:
        row = {"Network": one.name}
        for within in (2, 4, 8):
            share = consistency(answers[one.key], within)
            row[f"Within {within} px"] = f"{numbers.percent(share.value, 1)} ({charts.interval(share)})"
        rows.append(row)
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, alt="How often each network's answer stays under one pixel of shift"
    )
    st.caption(
        f"Of {whole.told(done)}, over all neighboring places at most so far from where it was, with the 95 % interval. "
        "Published (Zhang 2019, ResNet-18 on ImageNet): 85.1 % with strided pooling, 88.4 % with blur pooling. "
        f"{whole.sample.caveat}".strip()
    )

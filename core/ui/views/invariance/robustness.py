"""Accuracy on transformed test pictures: maps over shifts; curves over rotation, scale, shear and blur."""

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
from core.ui.backend import measurements
from core.ui.backend.measurements import Sample
from core.ui.display import colors, numbers
from core.ui.layout import column_grid
from core.ui.state.settings import Settings
from core.ui.views.invariance import charts, networks, queries
from core.ui.views.invariance.networks import PRETRAINED, ComparedNetwork
from core.ui.views.invariance.picture import InputPicture
from core.ui.widgets.progressive import Measurement, run

SHIFT = "shift"
TRANSFORMS = {SHIFT: "Shift", "rotate": "Rotation", "scale": "Scale", "shear": "Shear", "blur": "Blur"}
MAPS_PER_ROW = 5
DEFAULTS = {"i_measure": SHIFT, "i_count": 500, "i_sample": 0}

Answers = NDArray[np.uint8]


def show(settings: Settings, compared: Sequence[ComparedNetwork], source: InputPicture) -> None:
    """Draw the accuracy of all networks under the chosen transform, part by part as results arrive."""
    if not _can_be_measured(compared, source):
        return
    left, middle, right = _controls()
    with left:
        measure = settings.segments(
            "i_measure",
            "Transform of the test pictures",
            list(TRANSFORMS),
            format=TRANSFORMS.__getitem__,
            help="Each network classifies every picture under each transform; empty areas are filled with black.",
        )
    sweep = TestSetSweep(tuple(compared), pick(settings, source, middle, right), source.shape, source.noun)
    if measure == SHIFT:
        run(_maps("map", sweep, lambda done: _draw_maps(sweep, done)))
    else:
        run(_curves(AXES[measure], sweep))


def _controls() -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """Return the places above the maps: a wide one, and two for the sample, which stand side by side on phones too."""
    left, side = column_grid.main_and_side(align="bottom")
    with side, st.container(key="i_beside"):
        middle, right = column_grid.halves(align="bottom")
    return left, middle, right


def _can_be_measured(compared: Sequence[ComparedNetwork], source: InputPicture) -> bool:
    """Return whether there are a labeled test set and a network; show a message if not."""
    if not source.tested:
        messages.info(
            "This needs the whole of CIFAR-10, which is not on this machine: the generated pictures in its place show "
            "other classes than those of the pretrained network."
        )
    elif not compared:
        messages.info("No network is selected: choose a run above.")
    return bool(source.tested and compared)


def pick(settings: Settings, source: InputPicture, left: DeltaGenerator, right: DeltaGenerator) -> Sample:
    """Draw the sample's size and seed, and return the sample."""
    with left:
        count: int = settings.steps(
            "i_count",
            f"Test {source.noun}s",
            queries.COUNTS,
            help="More pictures take longer and give narrower 95 % intervals",
        )
    with right:
        seed = settings.number("i_sample", "Sample seed", 0, 999, help=f"Another seed draws other test {source.noun}s")
    return Sample(source.tested, count, seed)


@dataclass(frozen=True, slots=True)
class TestSetSweep:
    """The networks and the sample of a measurement over a test set."""

    networks: tuple[ComparedNetwork, ...]
    sample: Sample
    shape: tuple[int, int, int]  # (C, H, W)
    noun: str

    @property
    def parts(self) -> int:
        """Return the number of queries that the sample is divided into, so that none takes long."""
        macs = networks.macs(self.networks, self.shape) * len(SHIFTS) ** 2
        per_part = min(max(1, int(queries.MACS / macs)), queries.MAX_PICTURES)
        return -(-len(self.sample.labels) // per_part)

    def labels(self, done: int) -> NDArray[np.int64]:
        """Return the labels of the pictures in the first `done` parts, in the order of `answers`."""
        labels, parts = self.sample.labels, self.parts
        return np.concatenate([np.empty(0, np.int64), *(labels[part::parts] for part in range(done))])

    def answers(self, net: ComparedNetwork, done: int) -> Answers:
        """Return a network's predictions in the first `done` parts: (17 dy, 17 dx, n)."""
        parts = self.parts
        blocks = [queries.map_part(net.file, net.stamp, self.sample, part, parts) for part in range(done)]
        return np.concatenate([np.empty((len(SHIFTS), len(SHIFTS), 0), np.uint8), *blocks], axis=2)

    def describe_progress(self, done: int) -> str:
        """Return the progress: "150 of 500 digits"."""
        return f"{numbers.count(len(self.labels(done)))} of {numbers.count(len(self.sample.labels))} {self.noun}s"


def _maps(name: str, sweep: TestSetSweep, draw: Callable[[int], None]) -> Measurement:
    """Return the measurement of every network's full map, for more pictures with each part."""
    parts = sweep.parts

    def compute(part: int) -> None:
        for net in sweep.networks:
            queries.map_part(net.file, net.stamp, sweep.sample, part, parts)

    return Measurement(name, sweep, parts, compute, draw, sweep.describe_progress)


def shares(answers: Answers, labels: NDArray[np.int64]) -> dict[tuple[int, int], Share]:
    """Return the accuracy at every shift (dx, dy), from predictions (17 dy, 17 dx, n); empty without any."""
    if not len(labels):
        return {}
    return {
        (dx, dy): accuracy(here, labels)
        for dy, row in zip(SHIFTS, answers, strict=True)
        for dx, here in zip(SHIFTS, row, strict=True)
    }


def _draw_maps(sweep: TestSetSweep, done: int) -> None:
    """Draw heat maps of the accuracy, then a table of the loss at shifts of 2, 4 and 8 px."""
    labels = sweep.labels(done)
    known = {net.key: sweep.answers(net, done) for net in sweep.networks}
    st.html(charts.scale("Accuracy", 0))
    for net, container in zip(sweep.networks, _containers(sweep.networks), strict=True):
        container.vega_lite_chart(
            charts.rows(shares(known[net.key], labels)),
            charts.heat("Accuracy", 0),
            width="content",
            alt=f"Heat map: accuracy of the {net.name} for shifts from −8 to 8 px. The figures are below.",
        )
    if done < sweep.parts:
        return
    st.dataframe(
        losses(sweep.networks, known, labels),
        hide_index=True,
        alt="Accuracy on unchanged pictures, and the loss at shifts of 2, 4 and 8 px",
    )
    st.caption(
        f"Loss in percentage points, the mean of shifts right, left, down and up, over {numbers.count(len(labels))} "
        f"test {sweep.noun}s; 95 % intervals in brackets. {sweep.sample.caveat}".strip(),
        help="The last column is for all 10,000 test pictures, measured when the network was trained. At 8 px much of "
        f"a {sweep.noun} is outside the frame, and cropped {sweep.noun}s cannot be recognized.",
    )


def _containers(compared: Sequence[ComparedNetwork]) -> list[DeltaGenerator]:
    """Return one titled container per network, in as few rows as there can be."""
    containers = []
    rows = -(-len(compared) // MAPS_PER_ROW)
    per_row = -(-len(compared) // rows)
    with st.container(key="i_maps"):
        columns = [column for _ in range(rows) for column in column_grid.equal(per_row, gap="small")]
    for net, column in zip(compared, columns, strict=False):
        with column:
            st.markdown(f"**{net.name[0].upper()}{net.name[1:]}**")
            containers.append(st.empty())
    return containers


def losses(compared: Sequence[ComparedNetwork], answers: dict[str, Answers], labels: NDArray[np.int64]) -> pd.DataFrame:
    """Return one row per network: its accuracy on unchanged pictures and its loss at each distance, with intervals."""
    rows = []
    for net in compared:
        still = accuracy(answers[net.key][MAX_SHIFT, MAX_SHIFT], labels)
        row = {"Network": net.name, "Unchanged": f"{numbers.percent(still.value, 1)} ({charts.interval(still)})"}
        for distance in DISTANCES:
            row[f"Lost at {distance} px"] = describe_loss(lost_on_map(answers[net.key], labels, distance), 1)
        full = network(net.key).lost[4] if net.key in PRETRAINED else None
        row["Lost at 4 px, of 10,000"] = "" if full is None else describe_loss(full, 2)
        rows.append(row)
    return pd.DataFrame(rows)


def describe_loss(loss: Share, digits: int) -> str:
    """Return a loss in percentage points with its interval: "25.6 (24.1 to 27.2)"."""
    value, low, high = (
        f"{100 * number:.{digits}f}".replace("-", numbers.MINUS) for number in (loss.value, loss.low, loss.high)
    )
    return f"{value} ({low} to {high})"


def _curves(axis: Axis, sweep: TestSetSweep) -> Measurement:
    """Return the measurement of accuracy along one transform, a few values per part, from the identity outward."""
    macs = networks.macs(sweep.networks, sweep.shape) * len(sweep.sample.labels)
    per_part = min(max(1, int(queries.MACS / macs)), queries.MAX_MOVES)
    outward = sorted(axis.values, key=lambda value: abs(value - axis.still))
    parts = [tuple(outward[start : start + per_part]) for start in range(0, len(outward), per_part)]

    def answers(net: ComparedNetwork, part: int) -> Answers:
        moves = measurements.to_array([axis.move(value) for value in parts[part]])
        return queries.points(net.file, net.stamp, moves, sweep.sample)

    def compute(part: int) -> None:
        for net in sweep.networks:
            answers(net, part)

    def draw(done: int) -> None:
        labels = sweep.sample.labels
        lines = [
            charts.Line(
                net.role.short,
                net.role.color,
                [
                    charts.Point(value, accuracy(row, labels))
                    for part in range(done)
                    for value, row in zip(parts[part], answers(net, part), strict=True)
                ],
            )
            for net in sweep.networks
        ]
        st.vega_lite_chart(
            charts.table(lines, axis.unit, colors.theme()),
            charts.curves(f"{axis.title} ({axis.unit})", axis.values[0], axis.values[-1]),
            alt=f"Line chart: accuracy of each network, {axis.title.lower()}. Bands are 95 % intervals.",
        )
        st.caption(
            f"{numbers.count(len(labels))} test {sweep.noun}s, bilinear interpolation, empty areas black. Bands: "
            f"Wilson's 95 % interval. Chance is 10 %. {sweep.sample.caveat}".strip()
        )

    def describe_progress(done: int) -> str:
        return f"{sum(map(len, parts[:done]))} of {len(outward)} points of each curve"

    return Measurement(axis.name, sweep, len(parts), compute, draw, describe_progress)


def show_consistency(settings: Settings, compared: Sequence[ComparedNetwork], source: InputPicture) -> None:
    """Draw how often a prediction stays the same when the picture is shifted by one more pixel."""
    if not _can_be_measured(compared, source):
        return
    left, middle, right = _controls()
    with left:
        st.markdown(
            f"Shift a {source.noun} by one pixel: does the prediction stay the same, whether right or wrong? Each cell "
            f"of a map is a shift of the {source.noun}s; from there they are shifted by one more pixel."
        )
    sweep = TestSetSweep(tuple(compared), pick(settings, source, middle, right), source.shape, source.noun)
    run(_maps("stays", sweep, lambda done: _draw_consistency(sweep, done)))


def _draw_consistency(sweep: TestSetSweep, done: int) -> None:
    if not done:
        return
    answers = {net.key: sweep.answers(net, done) for net in sweep.networks}
    st.html(charts.scale("Prediction stays", 60))
    for net, container in zip(sweep.networks, _containers(sweep.networks), strict=True):
        stays = consistency_map(answers[net.key])
        data = {
            (dx, dy): Share(float(stays[row, column]), float(stays[row, column]), float(stays[row, column]))
            for row, dy in enumerate(SHIFTS)
            for column, dx in enumerate(SHIFTS)
        }
        container.vega_lite_chart(
            charts.rows(data).assign(Interval="see the table"),
            charts.heat("Prediction stays", 60),
            width="content",
            alt=f"Heat map: how often the {net.name} keeps its prediction under one more pixel of shift.",
        )
    if done < sweep.parts:
        return
    rows = []
    for net in sweep.networks:
        row = {"Network": net.name}
        for within in (2, 4, 8):
            share = consistency(answers[net.key], within)
            row[f"Within {within} px"] = f"{numbers.percent(share.value, 1)} ({charts.interval(share)})"
        rows.append(row)
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        alt="How often each network keeps its prediction under one more pixel of shift",
    )
    st.caption(
        f"Of {sweep.describe_progress(done)}, over all neighboring shifts up to this distance, with 95 % intervals. "
        f"{sweep.sample.caveat}".strip(),
        help="Published (Zhang 2019, ResNet-18 on ImageNet): 85.1 % with strided pooling, 88.4 % with blur pooling.",
    )

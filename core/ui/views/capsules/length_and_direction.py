"""Is the claim true: do length and direction follow what capsules promise, while a digit is moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.insight.robustness import Share, largest_step, mean
from core.insight.transforms import Axis
from core.runs.inference_client import decode_array, encode_array
from core.runs.measurement_cache import Arrays
from core.ui.backend import measurements
from core.ui.backend.measurements import Moves, Sample
from core.ui.display import colors, image_html, numbers
from core.ui.display.colors import Role
from core.ui.layout import column_grid
from core.ui.state.settings import Settings
from core.ui.views.capsules import affnist_comparison, length_and_direction_charts
from core.ui.widgets.progressive import Measurement, run

COUNT, SEED = 200, 0  # of the test digits
STEPS = 6  # of a transform in one part of the measurement
PICTURES = 8  # spaces between the pictures over the curves
STAYS = 0.05  # a mean length that falls by less stays
EVEN = 2.0  # a direction turns smoothly if its largest step is at most so many times the mean one
DEFAULTS: dict[str, Any] = {"v_claim_move": "rotate", "v_claim_digit": 1}


class Motion(NamedTuple):
    """A transform, the values along it, and the one that the sentences are about."""

    name: str
    axis: Axis
    probe: float
    words: str  # of the probe


def _steps(low: float, high: float, step: float) -> tuple[float, ...]:
    return tuple(round(low + index * step, 4) for index in range(round((high - low) / step) + 1))


MOTIONS = {
    "rotate": Motion(
        "Rotate", Axis("rotate", "Rotated clockwise by", "°", _steps(-90, 90, 7.5)), 45.0, "Rotated clockwise by 45°"
    ),
    "dx": Motion("Shift", Axis("dx", "Shifted right by", "px", _steps(-8, 8, 1)), 4.0, "Shifted right by 4 px"),
    "scale": Motion(
        "Scale", Axis("scale", "Scaled to", "×", _steps(0.5, 1.3, 0.05), still=1.0), 0.6, "Scaled to 0.6 of its size"
    ),
}


class Network(NamedTuple):
    """A network of the comparison: what its estimate and the vector behind it are called."""

    key: str
    role: Role
    estimate: str
    vector: str


CAPSULES = Network("mnist-capsule", colors.CAPSULES, "Capsule: length", "Capsule")
CNN = Network("mnist-cnn", colors.CNN, "CNN: confidence", "CNN: hidden units")
NETWORKS = (CAPSULES, CNN)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured: the digits and the transform."""

    sample: Sample
    motion: str  # a key of MOTIONS
    files: tuple[tuple[str, int], ...]  # of the networks' weights, with their modification times

    @property
    def values(self) -> tuple[float, ...]:
        """Return the values of the transform."""
        return MOTIONS[self.motion].axis.values

    @property
    def parts(self) -> int:
        """Return the number of queries to each network."""
        return -(-(len(self.values) - 1) // STEPS)

    def part(self, network: int, part: int) -> Arrays:
        """Return a part of a network's measurement: neighboring parts share the value between them."""
        axis = MOTIONS[self.motion].axis
        moves = [axis.move(value) for value in self.values[part * STEPS : (part + 1) * STEPS + 1]]
        return _followed(*self.files[network], measurements.to_array(moves), self.sample)

    def found(self, network: int, done: int) -> Arrays:
        """Return what the first `done` parts found, for M values: estimates and turned (M, N), steps (M - 1, N)."""
        parts = [self.part(network, part) for part in range(done)]
        whole = {
            name: np.concatenate([parts[0][name][:1], *(part[name][1:] for part in parts)])
            for name in ("estimates", "turned")
        }
        return {**whole, "steps": np.concatenate([part["steps"] for part in parts]), "others": parts[0]["others"]}

    def describe_progress(self, done: int) -> str:
        """Return the progress: "7 of 25 places"."""
        return f"{min(done * STEPS + bool(done), len(self.values))} of {len(self.values)} places"


@st.cache_data(max_entries=200, show_spinner=False)
def _followed(file: str, stamp: int, moves: Moves, sample: Sample) -> Arrays:
    return measurements.measured("followed", file, sample, moves=[list(move) for move in moves])


@st.cache_data(max_entries=100, show_spinner=False)
def _pictures(pixels: bytes, shape: tuple[int, ...], moves: Moves) -> NDArray[np.uint8]:
    """Return a picture (C, H, W) under M transforms: (M, C, H, W)."""
    picture = encode_array(np.frombuffer(pixels, np.uint8).reshape(shape))
    moved: NDArray[np.uint8] = decode_array(
        measurements.query("moved_pictures", picture=picture, moves=[list(move) for move in moves])
    )
    return moved


def show(settings: Settings) -> None:
    """Draw length and direction along a transform beside the CNN's, then what others found."""
    left, right, _ = column_grid.thirds(align="bottom")
    with left:
        motion: str = settings.segments(
            "v_claim_move",
            "Move the digits",
            list(MOTIONS),
            format=lambda name: MOTIONS[name].name,
            help="Every digit is moved in this way, step by step; empty areas are filled with black",
        )
    sample = Sample(measurements.test_set("mnist").info.name, COUNT, SEED)
    with right:
        digit = settings.number(
            "v_claim_digit",
            "Digit drawn",
            1,
            len(sample.labels),
            help=f"Which of the {len(sample.labels)} test digits is drawn over the curves, and has its own thin lines",
        )
    files = tuple(measurements.weights(network.key) for network in NETWORKS)
    subject = Subject(sample, motion, files)
    run(
        Measurement(
            "claim",
            subject,
            subject.parts,
            lambda part: [subject.part(network, part) for network in range(len(NETWORKS))],
            lambda done: _draw(subject, done, digit - 1),
            subject.describe_progress,
        )
    )
    affnist_comparison.show()


def _draw(subject: Subject, done: int, digit: int) -> None:
    """Draw both charts, each under its sentence, and the figures once all parts are done."""
    motion, whole = MOTIONS[subject.motion], done == subject.parts
    found = [subject.found(network, done) for network in range(len(NETWORKS))] if done else []
    readings = [reading(each, subject.values.index(motion.probe), _still(motion)) for each in found] if whole else []
    sentences = (
        (length_sentence(motion, *readings), direction_sentence(*readings))
        if readings
        else (
            f"**Length**: it should stay. Measuring {len(subject.sample.labels)} digits.",
            "**Direction**: it should turn smoothly.",
        )
    )
    pictures = _strip(subject, digit)
    for kind, sentence in zip(length_and_direction_charts.HEIGHTS, sentences, strict=True):
        st.markdown(sentence)
        series = [_series(kind, network, each, digit) for network, each in zip(NETWORKS, found, strict=False)]
        st.vega_lite_chart(
            length_and_direction_charts.table(
                kind, series, subject.values, _words(motion.axis), pictures, motion.probe, colors.theme()
            ),
            length_and_direction_charts.panel(
                kind, f"{motion.axis.title} ({motion.axis.unit})", subject.values[0], subject.values[-1]
            ),
            alt=f"Line chart: {length_and_direction_charts.TITLES[kind].lower()} of the capsule and of the CNN while "
            "digits are moved. The figures are in the table below.",
        )
    st.caption(
        f"Means over {len(subject.sample.labels)} test digits; bands: 95 % intervals (1.96 standard errors). Thin "
        "lines: the digit drawn. Length and confidence are each network's estimate of the true digit; the direction is "
        "that of its capsule, of 16 numbers, against the unmoved digit's; beside it the CNN's last hidden layer, of "
        "128. Places between pixels are read bilinearly, which blurs a little. "
        f"{subject.sample.caveat}".strip()
    )
    if readings:
        with st.expander("The figures"):
            st.dataframe(
                figures(motion.words, readings),
                hide_index=True,
                alt="Length or confidence, and the turn of the direction, of both networks",
            )


def _strip(subject: Subject, digit: int) -> list[tuple[float, str]]:
    """Return the digit at every so many values, as URLs of pictures."""
    axis = MOTIONS[subject.motion].axis
    values = axis.values[:: (len(axis.values) - 1) // PICTURES]
    picture = measurements.test_set(subject.sample.dataset).test_images[subject.sample.indices[digit]]
    moved = _pictures(picture.tobytes(), picture.shape, measurements.to_array([axis.move(value) for value in values]))
    return [(value, image_html.data_url(image[0])) for value, image in zip(values, moved, strict=True)]


def _series(kind: str, network: Network, found: Arrays, digit: int) -> length_and_direction_charts.Series:
    rows = found["estimates" if kind == "length" else "turned"]
    return length_and_direction_charts.Series(
        network.estimate if kind == "length" else network.vector,
        network.role.color,
        [mean(row) for row in rows],
        rows[:, digit].tolist(),
        None if kind == "length" else mean(found["others"]),
    )


def _words(axis: Axis) -> list[str]:
    """Return an axis' values with their unit: "−7.5°", "3 px"."""
    space = "" if axis.unit == "°" else numbers.SPACE
    return [f"{value:g}{space}{axis.unit}".replace("-", numbers.MINUS) for value in axis.values]


def _still(motion: Motion) -> int:
    return motion.axis.values.index(motion.axis.still)


class Reading(NamedTuple):
    """A network's figures between the unmoved digits and a place of the transform: means over the digits."""

    before: Share
    after: Share
    falls: NDArray[np.float64]  # (N,), of the estimate
    turned: Share  # degrees
    others: Share  # degrees between two unmoved digits of a class
    step: Share  # degrees between neighboring places, on all of the way
    largest: Share  # of these steps, in units of their mean
    stays: tuple[int, int]  # first and last place around the unmoved digits where the mean estimate falls by < STAYS


def reading(found: Arrays, place: int, still: int) -> Reading:
    """Return the figures at a place of `Subject.found`, of which `still` is that of the unmoved digits."""
    estimates, steps = found["estimates"].astype(float), found["steps"]
    return Reading(
        mean(estimates[still]),
        mean(estimates[place]),
        estimates[still] - estimates[place],
        mean(found["turned"][place]),
        mean(found["others"]),
        mean(steps.mean(axis=0)),
        mean(largest_step(steps)),
        _around(estimates.mean(axis=1) > estimates[still].mean() - STAYS, still),
    )


def _around(holds: NDArray[np.bool_], still: int) -> tuple[int, int]:
    """Return the first and the last place of the run of true values around a place."""
    fails = np.flatnonzero(~holds)
    first, last = fails[fails < still], fails[fails > still]
    return (int(first[-1]) + 1 if len(first) else 0, int(last[0]) - 1 if len(last) else len(holds) - 1)


def length_sentence(motion: Motion, capsule: Reading, cnn: Reading) -> str:
    """Return whether the length stays, and how the CNN's confidence does beside it."""
    more = mean(cnn.falls - capsule.falls)
    verdict = "it stays" if mean(capsule.falls).value < STAYS else "it does not stay"
    beside = f"by {abs(more.value):.2f} {'more' if more.value > 0 else 'less'}"
    return (
        f"**Length.** {motion.words}, it goes from {capsule.before.value:.2f} to {capsule.after.value:.2f}: "
        f"**{verdict}**. It keeps within {STAYS:g} {_range(motion.axis, *capsule.stays)}. "
        f"The CNN's confidence goes from {cnn.before.value:.2f} to {cnn.after.value:.2f}: it falls "
        f"{'by about as much' if more.low <= 0 <= more.high else beside}, and keeps within {STAYS:g} "
        f"{_range(motion.axis, *cnn.stays)}."
    )


def _range(axis: Axis, first: int, last: int) -> str:
    """Return a range of places in words: "from −15° to 15°"."""
    words = _words(axis)
    return f"from {words[first]} to {words[last]}" if first < last else "only where it is unmoved"


def direction_sentence(capsule: Reading, cnn: Reading) -> str:
    """Return how far the direction turns, and how evenly, beside the CNN's hidden layer."""
    verdict = "it turns smoothly" if capsule.largest.value <= EVEN else "it turns, but not evenly"
    return (
        f"**Direction.** There it has turned by {capsule.turned.value:.0f}°; two digits of a class differ by "
        f"{capsule.others.value:.0f}°. On the whole way its largest step is {capsule.largest.value:.1f} times the mean "
        f"one: **{verdict}**. The CNN's hidden units turn by {cnn.turned.value:.0f}°, with steps of up to "
        f"{cnn.largest.value:.1f} times the mean."
    )


def figures(moved: str, readings: Sequence[Reading]) -> pd.DataFrame:
    """Return one row per network with its figures and their 95 % intervals."""

    def told(kind: str, share: Share) -> str:
        number = length_and_direction_charts.number
        return f"{number(kind, share.value)} ({number(kind, share.low)} to {number(kind, share.high)})"

    return pd.DataFrame(
        [
            {
                "Network": network.role.name,
                "Unmoved": told("length", each.before),
                moved: told("length", each.after),
                "Falls by": told("length", mean(each.falls)),
                "Direction turns by": told("direction", each.turned),
                "Two digits of a class": told("direction", each.others),
                "Mean step": f"{each.step.value:.1f}° ({each.step.low:.1f} to {each.step.high:.1f})",
                "Largest step / mean": f"{each.largest.value:.1f} ({each.largest.low:.1f} to {each.largest.high:.1f})",
            }
            for network, each in zip(NETWORKS, readings, strict=True)
        ]
    )

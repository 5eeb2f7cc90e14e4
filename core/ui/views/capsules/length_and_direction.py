"""Do length and direction follow what capsules promise while a digit is moved: curves, sentences, what others found."""

from typing import Any

import streamlit as st

from core.insight.robustness import mean
from core.runs.measurement_cache import Arrays
from core.ui.backend import measurements
from core.ui.backend.measurements import Sample
from core.ui.display import colors, image_html
from core.ui.layout import column_grid
from core.ui.state.settings import Settings
from core.ui.views.capsules import affnist_comparison, length_and_direction_charts
from core.ui.views.capsules.length_and_direction_measurement import MOTIONS, NETWORKS, Network, Subject, moved_pictures
from core.ui.views.capsules.length_and_direction_sentences import (
    direction_sentence,
    figures,
    length_sentence,
    reading,
    words,
)
from core.ui.widgets import picture_strip
from core.ui.widgets.picture_strip import DatasetSource, Pictures
from core.ui.widgets.progressive import Measurement, run

COUNT, SEED = 200, 0  # of the test digits
PICTURES = 8  # spaces between the pictures over the curves
SOURCE, NUMBER = "v_claim_picture", "v_claim_example"
DEFAULTS: dict[str, Any] = {"v_claim_move": "rotate", SOURCE: "sample", NUMBER: 0}


def show(settings: Settings) -> None:
    """Draw length and direction along a transform beside the CNN's, then what others found."""
    left, right = column_grid.side_and_main(align="bottom")
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
        picture_strip.pick(
            settings,
            SOURCE,
            datasets=[DatasetSource("sample", "Test digits", NUMBER, lambda: _pictures(sample), "digit")],
            label="Digit",
            help=f"Which of the {len(sample.labels)} test digits is drawn over the curves, and has its own thin lines",
        )
    digit: int = st.session_state[NUMBER]
    files = tuple(measurements.weights(network.key) for network in NETWORKS)
    subject = Subject(sample, motion, files)
    run(
        Measurement(
            "claim",
            subject,
            subject.parts,
            lambda part: [subject.part(network, part) for network in range(len(NETWORKS))],
            lambda done: _draw(subject, done, digit),
            subject.describe_progress,
        )
    )
    affnist_comparison.show()


def _pictures(sample: Sample) -> Pictures:
    """Return the digits of the sample."""
    whole = measurements.test_set("mnist")
    images = whole.test_images[sample.indices]
    return Pictures(f"{whole.info.name} sample", images, sample.labels, whole.info.classes)


def _draw(subject: Subject, done: int, digit: int) -> None:
    """Draw both charts, each under its sentence, and the figures once all parts are done."""
    motion, whole = MOTIONS[subject.motion], done == subject.parts
    found = [subject.found(network, done) for network in range(len(NETWORKS))] if done else []
    readings = [reading(each, subject.values.index(motion.probe), subject.still) for each in found] if whole else []
    sentences = (
        (length_sentence(motion, *readings), direction_sentence(*readings))
        if readings
        else (
            f"**Length**: it should stay. Measuring {len(subject.sample.labels)} digits.",
            "**Direction**: it should turn smoothly.",
        )
    )
    pictures = _strip(subject, digit)
    axis = motion.axis
    for kind, sentence in zip(length_and_direction_charts.HEIGHTS, sentences, strict=True):
        st.markdown(sentence)
        series = [_series(kind, network, each, digit) for network, each in zip(NETWORKS, found, strict=False)]
        st.vega_lite_chart(
            length_and_direction_charts.table(
                kind, series, subject.values, words(axis), pictures, motion.probe, colors.theme()
            ),
            length_and_direction_charts.panel(
                kind, f"{axis.title} ({axis.unit})", subject.values[0], subject.values[-1]
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
    moved = moved_pictures(
        picture.tobytes(), picture.shape, measurements.to_array([axis.move(value) for value in values])
    )
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

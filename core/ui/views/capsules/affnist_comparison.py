"""The record of the claim: affNIST-like digits at equal accuracy on unmoved ones, and what others found."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from markupsafe import Markup
from numpy.typing import NDArray

from core.insight.pretrained import network
from core.insight.robustness import Share, accuracy, accuracy_difference
from core.runs.measurement_cache import Arrays
from core.ui.backend import measurements
from core.ui.backend.measurements import Sample
from core.ui.display import colors, image_html, numbers
from core.ui.views.capsules import affnist_chart
from core.ui.views.capsules.affnist_chart import Study
from core.ui.widgets.progressive import Measurement, run

COUNT, SEED = 2000, 0  # of the test digits, each placed and transformed once
ZOOM = 2
CAPSULES, CNN = "mnist-40-capsule", "mnist-40-cnn"


def _published(value: float) -> Share:
    return Share(value, value, value)


# ../shared/FACTS.md has the sources.
PUBLISHED = (
    Study("The claim: Sabour, Frosst and Hinton 2017", _published(0.79), _published(0.66)),
    Study("Capsules without routing: Gu and Tresp 2019", _published(0.9321), None),
    Study("A small replication: hinton-problems, pull request 40", _published(0.855), _published(0.875)),
)
RECORD = """
| Claimed | Found later |
| --- | --- |
| Routing by agreement makes capsules robust: affNIST 79 % against a CNN's 66 %, at equal accuracy on MNIST \
(99.23 and 99.22 %). Sabour, Frosst and Hinton 2017, arXiv 1710.09829 | Routing helps neither generalization nor \
robustness; 93.21 % without it. Gu and Tresp 2019, arXiv 1911.07968 |
| The same claim | Routing and the transformations can harm; plain CNNs with the other parts are more robust. \
Gu, Tresp and Hu 2021, arXiv 2103.15459 |
| The same claim | On digits like affNIST's, small and without reconstruction: 85.5 % against a CNN's 87.5 %. \
cybertronai/hinton-problems, pull request 40 |
| Parts and wholes form a parse tree. Sabour et al. 2017 | No parse tree emerges, capsules starve, and the method does \
not scale. Mitterreiter et al. 2023, arXiv 2301.01583 |
| MNIST: 0.25 % error. Sabour et al. 2017 | Replications: 0.34 to 0.36 % (XifengGuo/CapsNet-Keras, issue 16), 0.27 % \
(ethanleet/CapsNet) |
| smallNORB: 2.7 % error; CIFAR-10: 10.6 % with seven networks. Sabour et al. 2017 | smallNORB: 8.5 %; CIFAR-10: \
27.4 % with one network (ethanleet/CapsNet) |
"""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The sample, and the weights of both networks with their modification times."""

    sample: Sample
    files: tuple[tuple[str, int], ...]  # the capsules', the CNN's

    def answers(self, which: int) -> Arrays:
        """Return a network's predictions for placed and for affNIST-like digits."""
        return measurements.affnist(*self.files[which], self.sample)


def show() -> None:
    """Draw the comparison at equal accuracy, and the published record."""
    st.subheader("An idea with a contested record", anchor=False)
    sample = Sample(measurements.test_set("mnist").info.name, COUNT, SEED)
    comparison = Comparison(sample, tuple(measurements.weights(name) for name in (CAPSULES, CNN)))
    run(
        Measurement(
            "claim_record",
            comparison,
            len(comparison.files),
            comparison.answers,
            lambda done: _draw(comparison, done),
            lambda done: f"{done} of {len(comparison.files)} networks",
        )
    )
    with st.expander("What was claimed, and what was found later"):
        st.markdown(RECORD)


def _draw(comparison: Comparison, done: int) -> None:
    """Draw the sentence and the dots: the published ones, and ours once both networks are measured."""
    labels = comparison.sample.labels
    found = list(PUBLISHED)
    if done == len(comparison.files):
        both = [comparison.answers(which) for which in range(done)]
        st.markdown(sentence(both, labels))
        st.html(_examples(both[0]["pictures"]))
        here = [accuracy(each["affnist"], labels) for each in both]
        found.append(Study(f"Here: two small networks, {numbers.count(len(labels))} digits like affNIST's", *here))
    else:
        st.markdown("Digits that are rotated, sheared, stretched and put anywhere in 40 × 40 pixels, as in affNIST.")
    st.vega_lite_chart(
        affnist_chart.studies(found, colors.CAPSULES.color, colors.CNN.color, colors.theme()),
        affnist_chart.dots(len(PUBLISHED) + 1),
        alt="Dot chart: accuracy of capsules and of CNNs on affNIST or digits like it, as published and measured here.",
    )
    st.caption(
        "Published figures as their sources give them, without intervals. Ours: "
        f"{_trained()} Bars: Wilson's 95 % interval. One network of each kind, far smaller than the paper's: the "
        f"difference tells of these two. {comparison.sample.caveat}".strip()
    )


def _examples(pictures: NDArray[np.uint8]) -> Markup:
    """Return some of the affNIST-like digits (N, H, W) in a row."""
    images = (image_html.img(picture, ZOOM, "A digit like affNIST's") for picture in pictures)
    return Markup('<div class="gallery">{}</div>').format(Markup("").join(images))


def _trained() -> str:
    """Return how accurate both networks were on the test set when they were trained."""
    capsules, cnn = network(CAPSULES), network(CNN)
    overlap = capsules.interval[0] <= cnn.interval[1] and cnn.interval[0] <= capsules.interval[1]
    equal = "equal within" if overlap else "different beyond"
    return (
        f"on all {numbers.count(cnn.test_images)} centered test digits the capsules are "
        f"{numbers.percent(capsules.accuracy)} and the CNN {numbers.percent(cnn.accuracy)} accurate, {equal} their "
        "95 % intervals."
    )


def sentence(both: list[Arrays], labels: NDArray[np.int64]) -> str:
    """Return who is ahead on affNIST-like digits, and whether both are as accurate on digits that are only shifted."""
    (shifted, ahead) = (accuracy_difference(both[0][kind], both[1][kind], labels) for kind in ("placed", "affnist"))
    capsules, cnn = (numbers.percent(accuracy(each["placed"], labels).value, 1) for each in both)
    equal = "At equal accuracy" if shifted.low <= 0 <= shifted.high else "Not at equal accuracy"
    return (
        f"{equal} on digits that are only shifted (capsules {capsules}, CNN {cnn}), "
        f"**on digits like affNIST's {_compared(ahead)}**."
    )


def _compared(difference: Share) -> str:
    """Return a difference in words: "the capsules are 1.3 points behind (0.4 to 2.2)"."""
    if difference.low <= 0 <= difference.high:
        low, high = (numbers.signed(100 * end, 1) for end in (difference.low, difference.high))
        return f"there is no difference that these digits could show ({low} to {high} points)"
    near, far = sorted((abs(difference.low), abs(difference.high)))
    side = "ahead" if difference.value > 0 else "behind"
    return (
        f"the capsules are {numbers.points(abs(difference.value), 1).lstrip('+')} {side} "
        f"({100 * near:.1f} to {100 * far:.1f})"
    )

"""Two overlapping digits: the two longest capsules answer, and each is drawn alone. With how often that works."""

import numpy as np
import streamlit as st
from markupsafe import Markup
from numpy.typing import NDArray

from core.insight.confusion import wilson_interval
from core.insight.multi_mnist import MAX_SHIFT
from core.insight.pretrained import PAIRS, pairs_network
from core.runs.measurement_cache import Arrays
from core.ui import messages
from core.ui.backend.measurements import Sample, measured, weights
from core.ui.charts.confusion_matrix import DIGITS
from core.ui.display import colors, image_html, numbers
from core.ui.layout import page_frame
from core.ui.run_panels.answer_bars import bars
from core.ui.state.settings import Settings
from core.ui.views.capsules.trained_digit import NETWORK, dataset

PAIR = "v_net_pair"
DEFAULTS = {PAIR: 1}
MAX_PAIR = 9_999
MEASURED, MEASURED_SEED = 200, 0
ZOOM = 5  # screen pixels per pixel
FIRST, SECOND = colors.SECOND, colors.CNN_BLUR_POOLED.color  # of the two digits
BARS_WIDTH = 200  # px


def show(settings: Settings) -> None:
    """Draw a pair, what the network finds in it, and how often it finds both."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width=180):
            pair = settings.number(PAIR, "Pair", 0, MAX_PAIR, help="Seed of the draw: the same number, the same pair.")
        st.button(
            "Next pair", icon=":material/skip_next:", key="v_net_next_pair", on_click=_next, help="Draws another pair"
        )
    file, stamp = weights(PAIRS)
    shown = _pairs(file, stamp, Sample(dataset(), 1, pair))
    with st.container(horizontal=True, gap="medium"):
        with st.container(width="stretch"):
            st.html(pictures_html(shown))
        with st.container(width=BARS_WIDTH):
            st.html(lengths_html(shown))
    sample = Sample(dataset(), MEASURED, MEASURED_SEED)
    singles = _pairs(*weights(NETWORK), sample)
    page_frame.notice(*notices(_pairs(file, stamp, sample), singles))
    if sample.caveat:
        messages.caption(sample.caveat)
    about = pairs_network()
    messages.caption(
        f"The network comes with the app as {PAIRS}. Of {numbers.count(about.pairs)} pairs of test digits it finds "
        f"both in {numbers.percent(about.correct / about.pairs)} ({numbers.percent_range(*about.interval)}). "
        "python -m core.insight.train_pretrained_pairs trains it again."
    )


def _next() -> None:
    st.session_state[PAIR] = (st.session_state[PAIR] + 1) % (MAX_PAIR + 1)


@st.cache_data(max_entries=100, show_spinner="Drawing pairs of digits")
def _pairs(file: str, stamp: int, sample: Sample) -> Arrays:
    return measured("capsule_pairs", file, sample)


def pictures_html(shown: Arrays) -> Markup:
    """Return the pair, its two digits in two colors, and the reconstructions of the two longest capsules."""
    labels, found = (shown[name][0].tolist() for name in ("labels", "found"))
    if found[0] == labels[1] or found[1] == labels[0]:
        found, drawn = found[::-1], shown["drawn"][::-1]  # the same digit in the same color
    else:
        drawn = shown["drawn"]
    alone = shown["alone"] / 255
    black = np.zeros_like(alone[0])
    figures = (
        (two_colors(alone[0], alone[1]), f"Truth: {labels[0]} and {labels[1]}"),
        (shown["picture"], "What the network sees"),
        (two_colors(drawn[0], drawn[1]), "Both capsules, drawn"),
        (two_colors(drawn[0], black), f"Capsule {found[0]} alone"),
        (two_colors(black, drawn[1]), f"Capsule {found[1]} alone"),
    )
    return Markup('<div class="pairs">{}</div>').format(
        Markup("").join(image_html.figure(picture, ZOOM, caption, caption) for picture, caption in figures)
    )


def two_colors(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return two pictures (H, W), from 0 to 1, in one: the light of both colors adds up, (H, W, 3)."""
    rgb = [np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) for color in (FIRST, SECOND)]
    light = first[..., None] * rgb[0] + second[..., None] * rgb[1]
    mixed: NDArray[np.uint8] = light.clip(0, 255).round().astype(np.uint8)
    return mixed


def lengths_html(shown: Arrays) -> Markup:
    """Return the ten lengths as bars, the two longest in bold."""
    found = shown["found"][0].tolist()
    right = len(set(found) & set(shown["labels"][0].tolist()))
    head = Markup('<p class="who"><i></i>Two longest capsules</p><p class="verdict"><b>{} {}</b>{}</p>').format(
        *sorted(found), ("none right", "one right", "both right")[right]
    )
    cells = [(float(length), f"{length:.2f}") for length in shown["lengths"]]
    table = bars(head, "Length of each digit's capsule", DIGITS, cells, found, colors.CAPSULES.color)
    return Markup('<div class="answers">{}</div>').format(table)


def hits(found: Arrays) -> NDArray[np.int64]:
    """Return how many digits of each pair are among the two longest capsules, 0 to 2."""
    counts: NDArray[np.int64] = (found["found"][:, :, None] == found["labels"][:, None]).any(axis=2).sum(axis=1)
    return counts


def notices(found: Arrays, singles: Arrays) -> list[str]:
    """Return the sentences about all measured pairs.

    Args:
        found: What the network that was trained on pairs answers.
        singles: What the one that was trained on single digits answers for the same pairs.
    """
    right = hits(found)
    count = len(right)
    both, one, untrained = int((right == 2).sum()), int((right == 1).sum()), int((hits(singles) == 2).sum())
    low, high = wilson_interval(both, count)
    low_other, high_other = wilson_interval(untrained, count)
    return [
        f"Of {count} such pairs the two longest capsules are both right in **{numbers.percent(both / count, 0)}** "
        f"({numbers.percent_range(low, high, 0)}), one of them in {numbers.percent(one / count, 0)}. Guessing two "
        f"digits finds both in {numbers.percent(1 / 45, 0)}.",
        f"This network was trained on {numbers.count(pairs_network().trained_on)} pairs, each of them new. The network "
        f"of the other views, trained on single digits, finds both in **{numbers.percent(untrained / count, 0)}** "
        f"({numbers.percent_range(low_other, high_other, 0)}) of the same pairs: to separate digits has to be learned. "
        "The paper's, of 11 million parameters and for 36 × 36 pixels, errs on 5.2 % (Sabour et al. "
        "2017).",
        f"Each digit is shifted by up to {MAX_SHIFT} px, which may cut some ink off, and the ink of both adds up. Each "
        "capsule is drawn with all others set to 0.",
    ]

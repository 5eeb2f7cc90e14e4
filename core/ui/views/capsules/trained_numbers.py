"""The ten lengths, and the winner's numbers: as sliders that redraw the digit, and as the paper's grid."""

import streamlit as st
from markupsafe import Markup

from core.layers.margin_loss import ABSENT, PRESENT
from core.ui.charts.confusion_matrix import DIGITS
from core.ui.components import capsule_decoder
from core.ui.display import colors
from core.ui.display.english import with_article
from core.ui.layout import page_frame
from core.ui.run_panels.answer_bars import bars
from core.ui.views.capsules.trained_digit import Capsules, PickedDigit, decoder

STEPS = tuple(round(0.05 * step, 2) for step in range(-5, 6))  # as in the paper
BARS_WIDTH = 200  # px


def lengths_html(found: Capsules, truth: int | None) -> Markup:
    """Return the ten lengths as bars."""
    winner = found.winner
    verdict = "" if truth is None else ("right" if winner == truth else f"wrong, it is {with_article(str(truth))}")
    head = Markup('<p class="who"><i></i>Longest capsule</p><p class="verdict"><b>{}</b>{}</p>').format(winner, verdict)
    cells = [(float(length), f"{length:.2f}") for length in found.lengths]
    table = bars(head, "Length of each digit's capsule", DIGITS, cells, {winner}, colors.CAPSULES.color)
    return Markup('<div class="answers">{}</div>').format(table)


def show_sliders(digit: PickedDigit, found: Capsules) -> None:
    """Draw the lengths, and the sliders of the longest capsule beside its reconstruction."""
    known = decoder()
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=BARS_WIDTH):
            st.html(lengths_html(found, digit.truth))
        with st.container(width="stretch", key="v_net_play"):
            name = capsule_decoder.weights(known.pack(), known.widths)
            vector = found.vectors[found.winner]
            capsule_decoder.sliders(name, vector, found.winner, digit.pixels, digit.title, key="v_net_sliders")
    page_frame.notice(*notices(found))


def show_grid(digit: PickedDigit, found: Capsules) -> None:
    """Draw the reconstructions with each number of the longest capsule moved alone."""
    known = decoder()
    name = capsule_decoder.weights(known.pack(), known.widths)
    side = len(digit.pixels)
    capsule_decoder.grid(name, found.vectors[found.winner], found.winner, side, STEPS, key="v_net_grid")
    page_frame.notice(
        f"Each row moves one of the {found.vectors.shape[1]} numbers of capsule {found.winner} and leaves the others: "
        "look for a row in which the digit leans, thickens or opens its loop. Point at a picture to enlarge it.",
        f"The middle column is the same picture {found.vectors.shape[1]} times: the network's own numbers. The paper's "
        "figure 4 shows its network's numbers in the same way (Sabour et al. 2017).",
    )


def notices(found: Capsules) -> list[str]:
    """Return the sentences about the lengths and the sliders."""
    lengths, winner = found.lengths, found.winner
    second = int(lengths.argsort()[-2])
    size = found.vectors.shape[1]
    return [
        f"The ten lengths add up to **{lengths.sum():.2f}**, not to 1: each capsule says for itself whether its digit "
        "is there.",
        f"Capsule {winner} is **{lengths[winner]:.2f}** long, the next one, {second}, **{lengths[second]:.2f}**. "
        f"Training stops pushing at {PRESENT} for the digit that is there, and at {ABSENT} for all others.",
        f"The decoder gets only the {size} numbers of capsule {winner}: all that it draws of this digit's style is in "
        f"them. The gray line on a slider is the network's own number.",
    ]

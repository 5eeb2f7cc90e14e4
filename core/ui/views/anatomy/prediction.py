"""What the network answers: its softmax as bars, and how the last layer's numbers become that."""

from html import escape

import numpy as np
import streamlit as st

from core.ui.display import colors, numbers
from core.ui.views.anatomy.forward_pass import Pass

MOST = 10  # classes that are shown, the most probable first where there are more


def bars(passed: Pass) -> None:
    """The softmax as bars, in the network's color; gray with random weights."""
    names, shares, label = passed.subject.info.classes, passed.probabilities, passed.shown.label
    best = int(shares.argmax())
    verdict = "" if label is None else ("right" if best == label else f"wrong, it is: {names[label]}")
    color = passed.subject.role.color if passed.seed is None else colors.CHANCE
    rows = "".join(
        f"<tr{' class=best' if place == best else ''}><th scope=row>{escape(names[place])}</th>"
        f'<td><div style="width: {100 * float(shares[place]):.1f}%"></div></td>'
        f"<td>{numbers.percent(float(shares[place]), 1)}</td></tr>"
        for place in _shown(passed)
    )
    weights = "" if passed.seed is None else " with random weights"
    st.html(
        f'<div class="answers softmax"><div style="--role: {color}"><p class="who"><i></i>The network answers{weights}'
        f'</p><p class="verdict"><b>{escape(names[best])}</b>{escape(verdict)}</p>'
        f"<table><caption>Softmax: the probability of each class</caption>{rows}</table></div></div>"
    )


def steps(passed: Pass) -> None:
    """The logits, e to their power, and the shares of the sum."""
    logits, shares, names = passed.logits, passed.probabilities, passed.subject.info.classes
    powers = np.exp(logits.astype(np.float64))
    best = int(shares.argmax())
    st.markdown(
        f"{_source(passed)} puts out one number $z$ a class, the **logit**. The softmax takes $e^z$, which makes all "
        f"of them positive, and divides by their sum, {numbers.rounded(float(powers.sum()))}, so that they add up to 1."
    )
    st.latex(
        rf"p_{{\text{{{_plain(names[best])}}}}} = \frac{{e^{{z}}}}{{\sum_k e^{{z_k}}}} = "
        rf"\frac{{e^{{{logits[best]:.2f}}}}}{{{_tex(float(powers.sum()))}}} = {float(shares[best]):.4f}"
    )
    rows = "".join(
        f"<tr{' class=best' if place == best else ''}><th scope=row>{escape(names[place])}</th>"
        f"<td>{numbers.rounded(float(logits[place]))}</td><td>{_written(float(powers[place]))}</td>"
        f"<td>{numbers.percent(float(shares[place]), 2)}</td></tr>"
        for place in _shown(passed)
    )
    st.html(
        "<table class='logits'><thead><tr><th scope=col>Class</th><th scope=col>Logit z</th>"
        f"<th scope=col>e<sup>z</sup></th><th scope=col>Probability</th></tr></thead><tbody>{rows}</tbody></table>"
    )
    if len(names) > MOST:
        st.caption(f"The {MOST} most probable of {numbers.count(len(names))} classes.")


def _source(passed: Pass) -> str:
    """The layer that the logits come out of, as the beginning of a sentence."""
    how = passed.subject.ending
    if not how.is_softmax:
        return "The last layer"
    return f"This network ends in a softmax of its own, layer {how.logits + 1}. The layer before it"


def _shown(passed: Pass) -> list[int]:
    """The classes that are shown: all in their order, or the most probable ones."""
    shares = passed.probabilities
    return list(range(len(shares))) if len(shares) <= MOST else np.argsort(-shares, kind="stable")[:MOST].tolist()


def _written(number: float) -> str:
    return numbers.rounded(number) if 0.001 <= number < 1e6 else numbers.scientific(number)


def _tex(number: float) -> str:
    return f"{number:.2f}" if 0.01 <= number < 1e6 else rf"{number:.1e}".replace("e", r"\cdot 10^{") + "}"


def _plain(name: str) -> str:
    """A class's name for LaTeX: letters and digits."""
    return "".join(letter for letter in name if letter.isalnum() or letter == " ")

"""Show the network's prediction: its softmax as bars, and how it comes from the logits."""

import numpy as np
import streamlit as st
from markupsafe import Markup

from core.ui.display import colors, numbers
from core.ui.views.anatomy.forward_pass import ForwardPass

MAX_CLASSES_SHOWN = 10  # the most probable first if there are more


def bars(forward: ForwardPass) -> None:
    """Draw the softmax as bars, in the network's color; gray with random weights."""
    names, shares, label = forward.network.info.classes, forward.probabilities, forward.picture.label
    best = int(shares.argmax())
    verdict = "" if label is None else ("right" if best == label else f"wrong: it is {names[label]}")
    color = forward.network.role.color if forward.seed is None else colors.CHANCE
    row = Markup('<tr{}><th scope=row>{}</th><td><div style="width: {:.1f}%"></div></td><td>{}</td></tr>')
    rows = Markup("").join(
        row.format(
            _best(index == best), names[index], 100 * float(shares[index]), numbers.percent(float(shares[index]), 1)
        )
        for index in _shown(forward)
    )
    weights = "" if forward.seed is None else " with random weights"
    card = Markup(
        '<div class="answers softmax"><div style="--role: {}"><p class="who"><i></i>Prediction{}</p>'
        '<p class="verdict"><b>{}</b>{}</p>'
        "<table><caption>Softmax: the probability of each class</caption>{}</table></div></div>"
    )
    st.html(card.format(color, weights, names[best], verdict, rows))


def steps(forward: ForwardPass) -> None:
    """Draw the steps of the softmax: logits, their exponentials, and the probabilities."""
    logits, shares, names = forward.logits, forward.probabilities, forward.network.info.classes
    powers = np.exp(logits.astype(np.float64))
    best = int(shares.argmax())
    st.markdown(
        f"{_source(forward)} outputs one number $z$ per class, the **logit**. The softmax takes $e^z$, which is always "
        f"positive, and divides by the sum of all, {numbers.rounded(float(powers.sum()))}, so the results add up to 1."
    )
    st.latex(
        rf"p_{{\text{{{_plain(names[best])}}}}} = \frac{{e^{{z}}}}{{\sum_k e^{{z_k}}}} = "
        rf"\frac{{e^{{{logits[best]:.2f}}}}}{{{_tex(float(powers.sum()))}}} = {float(shares[best]):.4f}"
    )
    rows = Markup("").join(
        Markup("<tr{}><th scope=row>{}</th><td>{}</td><td>{}</td><td>{}</td></tr>").format(
            _best(index == best),
            names[index],
            numbers.rounded(float(logits[index])),
            _number(float(powers[index])),
            numbers.percent(float(shares[index]), 2),
        )
        for index in _shown(forward)
    )
    table = Markup(
        "<table class='logits'><thead><tr><th scope=col>Class</th><th scope=col>Logit z</th>"
        "<th scope=col>e<sup>z</sup></th><th scope=col>Probability</th></tr></thead><tbody>{}</tbody></table>"
    )
    st.html(table.format(rows))
    if len(names) > MAX_CLASSES_SHOWN:
        st.caption(f"The {MAX_CLASSES_SHOWN} most probable of {numbers.count(len(names))} classes.")


def _best(is_best: bool) -> Markup:
    return Markup(" class=best") if is_best else Markup("")


def _source(forward: ForwardPass) -> str:
    """Return the layer that outputs the logits, as the beginning of a sentence."""
    ending = forward.network.ending
    if not ending.is_softmax:
        return "The last layer"
    return f"This network ends in a softmax layer, layer {ending.logits + 1}. The layer before it"


def _shown(forward: ForwardPass) -> list[int]:
    """Return the classes to show: all in order, or the most probable ones."""
    shares = forward.probabilities
    return (
        list(range(len(shares)))
        if len(shares) <= MAX_CLASSES_SHOWN
        else np.argsort(-shares, kind="stable")[:MAX_CLASSES_SHOWN].tolist()
    )


def _number(number: float) -> str:
    return numbers.rounded(number) if 0.001 <= number < 1e6 else numbers.scientific(number)


def _tex(number: float) -> str:
    return f"{number:.2f}" if 0.01 <= number < 1e6 else rf"{number:.1e}".replace("e", r"\cdot 10^{") + "}"


def _plain(name: str) -> str:
    """Return the letters, digits and spaces of a class name, for LaTeX."""
    return "".join(letter for letter in name if letter.isalnum() or letter == " ")

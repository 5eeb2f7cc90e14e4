"""Show where the network's prediction comes from: a softmax of logits, or lengths of capsules."""

import numpy as np
import streamlit as st
from markupsafe import Markup

from core.layers.margin_loss import ABSENT, ABSENT_WEIGHT, PRESENT
from core.ui import messages
from core.ui.display import numbers
from core.ui.views.anatomy.forward_pass import ForwardPass

MAX_CLASSES_SHOWN = 10  # the most probable first if there are more
NOTHING_YET = "Nothing to classify yet: draw or upload a picture, and the prediction appears here."


def steps(forward: ForwardPass) -> None:
    """Draw the steps of the softmax: logits, their exponentials, and the probabilities; or the lengths of capsules."""
    if forward.picture.is_empty:
        messages.line(NOTHING_YET)
        return
    if forward.network.ending.is_lengths:
        _lengths(forward)
        return
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
        for index in shown(forward)
    )
    table = Markup(
        "<table class='logits'><thead><tr><th scope=col>Class</th><th scope=col>Logit z</th>"
        "<th scope=col>e<sup>z</sup></th><th scope=col>Probability</th></tr></thead><tbody>{}</tbody></table>"
    )
    st.html(table.format(rows))
    _shown_note(forward)


def _lengths(forward: ForwardPass) -> None:
    """Draw what each class's capsule says, and what the margin loss asks of its length."""
    lengths, names = forward.probabilities, forward.network.info.classes
    best, truth = int(lengths.argmax()), forward.picture.label
    total = numbers.rounded(float(lengths.sum()))
    st.markdown(
        "Each class has a capsule. Its **length** is the network's estimate that the class is there, its direction "
        f"tells how it looks. The lengths stand for themselves: here they add up to {total}, and two classes can be "
        "there at once."
    )
    capsules = forward.outputs[forward.network.ending.logits - 1]
    squares = " + ".join(f"({number:.2f})^2" for number in capsules[best][:3].tolist())
    rest = r" + \dots" if capsules.shape[1] > 3 else ""
    name = _plain(names[best])
    st.latex(rf"\lVert v_{{\text{{{name}}}}} \rVert = \sqrt{{{squares}{rest}}} = {float(lengths[best]):.4f}")
    parts = [_margin(float(length), None if truth is None else place == truth) for place, length in enumerate(lengths)]
    rows = Markup("").join(
        Markup("<tr{}><th scope=row>{}</th><td>{}</td><td>{}</td></tr>").format(
            _best(index == best), names[index], f"{float(lengths[index]):.4f}", parts[index]
        )
        for index in shown(forward)
    )
    table = Markup(
        "<table class='logits'><thead><tr><th scope=col>Class</th><th scope=col>Length</th>"
        "<th scope=col>Margin loss</th></tr></thead><tbody>{}</tbody></table>"
    )
    st.html(table.format(rows))
    known = "" if truth is not None else " The class of this picture is not known, so it has no loss."
    st.caption(
        f"In training, the class that is shown should be at least {PRESENT} long and each other one at most {ABSENT}: "
        f"what a length misses is squared, and counts {ABSENT_WEIGHT} times for the others.{known}"
    )
    _shown_note(forward)


def _margin(length: float, is_shown: bool | None) -> str:
    """Return a class's part of the margin loss; a dash if it is not known whether the class is shown."""
    if is_shown is None:
        return "–"
    loss = max(0.0, PRESENT - length) ** 2 if is_shown else ABSENT_WEIGHT * max(0.0, length - ABSENT) ** 2
    return f"{loss:.4f}"


def _shown_note(forward: ForwardPass) -> None:
    """Draw a note if not all classes are shown."""
    if (count := len(forward.network.info.classes)) > MAX_CLASSES_SHOWN:
        word = "longest" if forward.network.ending.is_lengths else "most probable"
        st.caption(f"The {MAX_CLASSES_SHOWN} {word} of {numbers.count(count)} classes.")


def _best(is_best: bool) -> Markup:
    return Markup(" class=best") if is_best else Markup("")


def _source(forward: ForwardPass) -> str:
    """Return the layer that outputs the logits, as the beginning of a sentence."""
    ending = forward.network.ending
    if not ending.is_softmax:
        return "The last layer"
    kind = "log-softmax" if ending.is_log else "softmax"
    return f"This network ends in a {kind} layer, layer {ending.logits + 1}. The layer before it"


def shown(forward: ForwardPass) -> list[int]:
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

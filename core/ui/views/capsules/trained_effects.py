"""What each number of a digit's capsule does to the handwriting: measured over its test digits, and kept."""

import numpy as np
import streamlit as st
from markupsafe import Markup
from numpy.typing import NDArray

from core.images.handwriting_measures import MEASURES
from core.insight.capsule_effects import NumberEffect, summarize
from core.ui import messages
from core.ui.backend.measurements import Sample, measured, test_set, weights
from core.ui.display import colors, numbers
from core.ui.layout import page_frame
from core.ui.views.capsules.trained_digit import NETWORK, dataset
from core.ui.widgets.progressive import Measurement, run

DIGITS, PART = 200, 25  # test digits of the class, and in one query: less than a second
SPREAD = 1000  # test digits over which the measures' spread is taken
FULL = 3.0  # standard deviations: the darkest cell


def show(digit: int) -> None:
    """Draw the table for a digit's capsule, as it is measured."""
    file, stamp = weights(NETWORK)
    sample = Sample(dataset(), DIGITS, 0)
    available = min(DIGITS, int((test_set("mnist").test_labels == digit).sum()))
    parts = max(1, -(-available // PART))
    run(
        Measurement(
            name="v_net_effects",
            spec=(file, stamp, sample, digit),
            parts=parts,
            compute=lambda part: _part(file, stamp, sample, digit, part, parts),
            draw=lambda done: _draw(file, stamp, sample, digit, parts, done),
            describe_progress=lambda done: f"{done * available // parts} of {available} digits",
        )
    )


def _draw(file: str, stamp: int, sample: Sample, digit: int, parts: int, done: int) -> None:
    if done == 0:
        return
    effects = np.concatenate([_part(file, stamp, sample, digit, part, parts) for part in range(done)])
    found = summarize(effects, _spread(file, stamp, sample.dataset))
    st.html(table_html(found, digit, len(effects)))
    messages.caption(" ".join(f"{measure.title}: {measure.about}." for measure in MEASURES.values()))
    if sample.caveat:
        messages.caption(sample.caveat)
    page_frame.notice(*notices(found, digit, len(effects)))


@st.cache_data(max_entries=200, show_spinner=False)
def _part(file: str, stamp: int, sample: Sample, digit: int, part: int, parts: int) -> NDArray[np.float32]:
    return measured("capsule_effects", file, sample, digit=digit, part=part, parts=parts)["effects"]


@st.cache_data(max_entries=8, show_spinner=False)
def _spread(file: str, stamp: int, dataset: str) -> NDArray[np.float64]:
    return measured("handwriting_spread", file, Sample(dataset, SPREAD, 0))["spread"]


def table_html(found: list[NumberEffect], digit: int, count: int) -> Markup:
    """Return a row for each number: how far it moves each measure, and which one most."""
    head = Markup("").join(
        Markup('<th scope="col" title="{}">{}, {}</th>').format(measure.about, measure.title, measure.unit)
        for measure in MEASURES.values()
    )
    rows = Markup("").join(_row(number, effect) for number, effect in enumerate(found, 1))
    return Markup(
        "<div class=effects><table><caption>Change from 0.25 below the network's own number to 0.25 above it, mean "
        "over {} test digits labeled {}. The darker, the more standard deviations from digit to digit.</caption>"
        "<thead><tr><th>Number</th>{}<th>It moves most</th></tr></thead><tbody>{}</tbody></table></div>"
    ).format(count, digit, head, rows)


def _row(number: int, effect: NumberEffect) -> Markup:
    cells = Markup("").join(
        Markup('<td style="background: color-mix(in srgb, {} {:.0f}%, transparent)">{}</td>').format(
            colors.CAPSULES.color, 100 * min(1.0, size / FULL), _signed(change, measure.digits)
        )
        for measure, change, size in zip(MEASURES.values(), effect.changes, effect.sizes, strict=True)
    )
    return Markup("<tr><th scope=row>{}</th>{}<td>{}</td></tr>").format(number, cells, _most(effect))


def _signed(change: float, digits: int) -> str:
    text = f"{abs(change):.{digits}f}"
    return text if float(text) == 0 else f"{numbers.MINUS if change < 0 else '+'}{text}"


def _most(effect: NumberEffect) -> str:
    if effect.is_faint:
        return "hardly anything"
    share = effect.share
    interval = numbers.percent_range(share.low, share.high, 0)
    return f"{MEASURES[effect.most].title.lower()}, in {numbers.percent(share.value, 0)} of the digits ({interval})"


def notices(found: list[NumberEffect], digit: int, count: int) -> list[str]:
    """Return the sentences about a digit's numbers."""
    keys = list(MEASURES)
    number, key = max(
        ((number, key) for number in range(len(found)) for key in keys),
        key=lambda pair: found[pair[0]].sizes[keys.index(pair[1])],
    )
    strongest = found[number]
    clear = [effect for effect in found if not effect.is_faint and effect.share.low > 0.5]
    measure = MEASURES[key]
    change = _signed(strongest.changes[keys.index(key)], measure.digits)
    return [
        f"Number **{number + 1}** of capsule {digit} does most to one measure: {measure.title.lower()} changes by "
        f"**{change}{numbers.SPACE}{measure.unit}** on average, {strongest.sizes[keys.index(key)]:.1f} standard "
        "deviations of what differs from digit to digit.",
        f"**{len(clear)} of {len(found)}** numbers move one measure most in clearly more than half of the {count} "
        "digits. The others move several, or what none of the four measures: training asks for no single meaning.",
        "Each digit's capsule has numbers of its own: number 1 of a 3 need not do what number 1 of a 7 does.",
    ]

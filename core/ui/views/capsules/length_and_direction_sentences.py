"""What length and direction did while digits were moved: the figures of both networks, and sentences on them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.insight.robustness import Share, largest_step, mean
from core.insight.transforms import Axis
from core.runs.measurement_cache import Arrays
from core.ui.display import numbers
from core.ui.views.capsules import length_and_direction_charts
from core.ui.views.capsules.length_and_direction_measurement import NETWORKS, Motion

STAYS = 0.05  # a mean length that falls by less stays
EVEN = 2.0  # a direction turns smoothly if its largest step is at most so many times the mean one


def words(axis: Axis) -> list[str]:
    """Return an axis' values with their unit: "−7.5°", "3 px"."""
    space = "" if axis.unit == "°" else numbers.SPACE
    return [f"{value:g}{space}{axis.unit}".replace("-", numbers.MINUS) for value in axis.values]


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
    told = words(axis)
    return f"from {told[first]} to {told[last]}" if first < last else "only where it is unmoved"


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

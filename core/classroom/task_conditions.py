"""Conditions of a task: a figure, a sign and a number, as in "accuracy >= 0.985"."""

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from core.data import DataError, info
from core.layers.calculator import analyze, totals
from core.layers.equal_parameters import without_decoder
from core.layers.setting_checks import LayerError
from core.runs.run import FINISHED, Run
from core.training.experiment import Experiment

RUN_FIGURES = ("accuracy", "parameters", "multiplications", "whole_seconds")
LARGER_IS_BETTER = {"accuracy"}
TOLERANCE = 1e-9  # a sum of weights is zero up to rounding
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": lambda value, number: math.isclose(value, number, rel_tol=TOLERANCE, abs_tol=TOLERANCE),
}
_CONDITION = re.compile(r"(>=|<=|>|<|=)\s*(-?\d[\d_]*(?:\.\d+)?)")
Figures = Mapping[str, float]


class ConditionError(ValueError):
    """Raised for a text that is no condition; the message completes a sentence."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a figure must be."""

    figure: str
    sign: str
    number: float

    @classmethod
    def read(cls, figure: str, text: object) -> Self:
        """Return the condition on a figure. Raises ConditionError.

        >>> Condition.read("accuracy", ">= 0.985").holds({"accuracy": 0.99})
        True
        """
        match = _CONDITION.fullmatch(text.strip()) if isinstance(text, str) else None
        if match is None:
            raise ConditionError('must be a sign and a number, such as ">= 0.985"; the signs are >=, <=, >, < and =')
        return cls(figure, match[1], float(match[2]))

    def holds(self, figures: Figures) -> bool:
        """Return whether the figure is known and as it must be."""
        return self.figure in figures and _SIGNS[self.sign](figures[self.figure], self.number)


def of_run(run: Run) -> dict[str, float]:
    """Return the figures of a finished run; none of any other."""
    if run.state != FINISHED:
        return {}
    found = {
        "accuracy": run.summary.get("test_accuracy"),
        "whole_seconds": run.summary.get("whole_seconds"),
        **cost(run.experiment),
    }
    return {name: float(value) for name, value in found.items() if value is not None}


@lru_cache(maxsize=2_000)
def cost(experiment: Experiment) -> dict[str, int]:
    """Return parameters and multiplications for one picture, as the pages show them: without a decoder."""
    try:
        sums = totals(analyze(without_decoder(experiment.layers), info(experiment.data).shape))
    except (LayerError, DataError):
        return {}
    return {"parameters": sums.parameters, "multiplications": sums.macs}

"""Where the logits of a network are, and which endings are none; by what their softmax can reach."""

import math
import re

import numpy as np
import pytest

from core.layers.calculator import analyze
from core.layers.cifar_networks import NETWORKS
from core.layers.logits import RISING, Ending, ending
from core.layers.specs import (
    Activation,
    ActivationKind,
    AdaptivePool,
    BatchNorm,
    CapsuleLengths,
    Conv,
    Dropout,
    Flatten,
    GlobalPool,
    Layer,
    Linear,
    Network,
    Pool,
    PReLU,
    PrimaryCapsules,
    Residual,
    RoutedCapsules,
)
from core.training.presets import PRESETS

SOFTMAX, LOG_SOFTMAX = Activation("softmax"), Activation("log_softmax")
BODY = (Flatten(), Linear(64), Activation(), Linear(10))
FULL = (Conv(10, 28),)  # one number a filter
CAPSULES = (Conv(16, 9), PrimaryCapsules(4, 8), RoutedCapsules(10, 8), CapsuleLengths())


def of(layers: Network, shape: tuple[int, int, int] = (1, 28, 28)) -> Ending:
    return ending(analyze(layers, shape))


@pytest.mark.parametrize(
    ("layers", "logits", "left_out"),
    [
        (BODY, 4, ()),
        ((*BODY, SOFTMAX), 4, (4,)),
        ((*BODY, SOFTMAX, Flatten()), 4, (4,)),
        ((*BODY, SOFTMAX, Dropout(0.3), Dropout(0.1)), 4, (4, 5, 6)),
        ((*FULL, SOFTMAX, Flatten()), 1, (1,)),
        ((Conv(10, 5), GlobalPool(), SOFTMAX, Flatten()), 2, (2,)),
        ((Conv(10, 5), GlobalPool(), SOFTMAX, GlobalPool("max"), Flatten()), 2, (2,)),
        ((*FULL, SOFTMAX, AdaptivePool("average", 1), Flatten()), 1, (1,)),
        ((*FULL, Flatten()), 2, ()),
        ((*BODY, Activation("leaky_relu")), 5, ()),
        ((*BODY, BatchNorm()), 5, ()),
        ((Flatten(), Linear(10), SOFTMAX, Linear(10)), 4, ()),  # a softmax within is a layer like any other
    ],
)
def test_a_last_softmax_over_all_classes_is_left_out(layers: Network, logits: int, left_out: tuple[int, ...]) -> None:
    found = of(layers)
    assert (found.logits, found.left_out, found.is_softmax) == (logits, left_out, bool(left_out))
    assert found.fault is None
    assert bool(found.note) == found.is_softmax
    assert ("Softmax" in found.note) == found.is_softmax


@pytest.mark.parametrize(
    ("last", "left_out", "is_log", "note"),
    [
        ((LOG_SOFTMAX,), (4,), True, ""),
        ((LOG_SOFTMAX, LOG_SOFTMAX), (4, 5), True, ""),
        ((LOG_SOFTMAX, SOFTMAX), (4, 5), False, "Softmax"),
        ((LOG_SOFTMAX, Dropout(0.2)), (4, 5), True, "LogSoftmax.* Dropout"),
        ((Dropout(0.2), LOG_SOFTMAX), (5,), True, "Dropout: .* probability 0.2"),
        ((Activation("relu"), LOG_SOFTMAX), (5,), True, "ReLU"),
        ((Activation("logsigmoid"),), (), False, ""),
    ],
)
def test_the_input_of_a_last_log_softmax_is_the_logits(
    last: tuple[Layer, ...], left_out: tuple[int, ...], is_log: bool, note: str
) -> None:
    found = of((*BODY, *last))
    assert (found.left_out, found.is_log, found.fault) == (left_out, is_log, None)
    assert re.search(note or "^$", found.note), found.note


@pytest.mark.parametrize("behind", [SOFTMAX, LOG_SOFTMAX, Dropout(0.3), Flatten()])
def test_what_follows_the_lengths_of_capsules_is_to_go_not_they(behind: Layer) -> None:
    fault = of((*CAPSULES, behind)).fault
    assert fault is not None
    assert fault[0] == len(CAPSULES)


@pytest.mark.parametrize("last", [LOG_SOFTMAX, Activation("logsigmoid")])
def test_a_relu_of_numbers_below_0_is_always_0(last: Layer) -> None:
    fault = of((*BODY, last, Activation("relu"))).fault
    assert fault is not None
    assert fault[0] == 5
    assert "0 for every picture" in fault[1]


@pytest.mark.parametrize(
    "network", [*(p.experiment.layers for p in PRESETS.values()), *(n for _, n in NETWORKS.values())]
)
def test_the_apps_own_networks_end_in_plain_logits_or_in_lengths(network: Network) -> None:
    for shape in ((1, 28, 28), (3, 32, 32)):
        found = of(network, shape)
        assert (found.logits, found.left_out, found.fault) == (len(network), (), None)
        assert found.is_lengths == bool(found.note) == (network[-1] == CapsuleLengths())


def surest(low: float, high: float, classes: int) -> float:
    """Of a softmax, where one number is `high` and the others are `low`."""
    powers = np.exp(np.array([high, *[low] * (classes - 1)]))
    return float(powers[0] / powers.sum())


@pytest.mark.parametrize(
    ("layers", "place", "name", "low", "high"),
    [
        ((*BODY, Activation("sigmoid")), 4, "Sigmoid", 0, 1),
        ((*BODY, Activation("tanh")), 4, "Tanh", -1, 1),
        ((*BODY, Activation("relu6")), 4, "ReLU6", 0, 6),
        ((*BODY, SOFTMAX, SOFTMAX), 4, "Softmax", 0, 1),
        ((*BODY, Activation("tanh"), SOFTMAX), 4, "Tanh", -1, 1),
        ((*BODY, Activation("tanh"), LOG_SOFTMAX), 4, "Tanh", -1, 1),
        ((*BODY, SOFTMAX, LOG_SOFTMAX), 4, "Softmax", 0, 1),
        ((*BODY, Activation("sigmoid"), PReLU()), 4, "Sigmoid", 0, 1),
        ((*CAPSULES, Activation("hardsigmoid")), 4, "Hardsigmoid", 0.5, 0.6667),
        ((*BODY, Activation("sigmoid"), Activation("relu")), 4, "Sigmoid", 0, 1),
        ((*BODY, Activation("tanh"), Activation("relu")), 5, "ReLU", 0, 1),
        ((*BODY, Activation("tanh"), Dropout(0.5)), 4, "Tanh", -1, 1),
        ((*FULL, Activation("sigmoid"), Flatten()), 1, "Sigmoid", 0, 1),
        ((Conv(10, 5), Activation("tanh"), Pool("max", 2), GlobalPool(), Flatten()), 1, "Tanh", -1, 1),
        ((Conv(10, 5), SOFTMAX, GlobalPool(), Flatten()), 1, "Softmax", 0, 1),  # a mean of probabilities
        ((Conv(5, 28), SOFTMAX, AdaptivePool("max", (1, 2)), Flatten()), 1, "Softmax", 0, 1),  # over five of ten
        ((*BODY, Activation("tanh"), Residual((Linear(10), Activation("sigmoid")))), 5, "Residual", -1, 2),
    ],
)
def test_numbers_between_two_bounds_are_no_logits(
    layers: Network, place: int, name: str, low: float, high: float
) -> None:
    fault = of(layers).fault
    assert fault is not None
    index, reason = fault
    assert index == place
    assert reason.startswith(name)
    assert f"between {low} and {high}".replace("-", "−") in reason
    assert f" {100 * surest(low, high, 10):.1f}\u202f%" in reason
    assert f"Remove this {name}" in reason


def test_what_a_bounded_ending_can_reach_depends_on_the_classes() -> None:
    fault = of((Flatten(), Linear(2), Activation("sigmoid"))).fault
    assert fault is not None
    assert f"{100 * math.e / (math.e + 1):.1f}\u202f%" in fault[1]


@pytest.mark.parametrize(
    ("last", "words"),
    [
        ((Activation("relu"),), "ReLU.* none is below 0. A class"),
        ((Activation("relu"), SOFTMAX), "Softmax.* ReLU"),
        ((Activation("elu"),), "ELU, so none is below −1. It learns better"),
        ((Activation("gelu"), Dropout(0.0)), "GELU, so none is below −0.17"),
        ((Activation("silu"),), "SiLU, so none is below −0.2785"),
        ((Dropout(0.4),), "Dropout: .* probability 0.4"),
        ((Dropout(0.4), SOFTMAX), "Softmax.* Dropout"),
        ((SOFTMAX, Dropout(0.4)), "Softmax.* and the Dropout after it"),
    ],
)
def test_an_ending_that_learns_badly_is_said(last: tuple[Layer, ...], words: str) -> None:
    found = of((*BODY, *last))
    assert found.fault is None
    assert re.search(words, found.note), found.note


@pytest.mark.parametrize("kind", list(RISING))
@pytest.mark.parametrize("value", [-800.0, -1.0, 0.0, 0.5, 3.0])
def test_a_bounded_number_is_bounded_behind_an_activation_that_rises(kind: ActivationKind, value: float) -> None:
    torch = pytest.importorskip("torch")
    function = getattr(torch.nn.functional, kind)
    assert RISING[kind](value) == pytest.approx(float(function(torch.tensor(value))), abs=1e-4)


@pytest.mark.parametrize(("kind", "lowest"), [("elu", -1.0), ("gelu", -0.17), ("silu", -0.2785)])
def test_the_bounds_are_those_of_the_functions(kind: str, lowest: float) -> None:
    torch = pytest.importorskip("torch")
    function = {"elu": torch.nn.ELU(), "gelu": torch.nn.GELU(), "silu": torch.nn.SiLU()}[kind]
    assert float(function(torch.linspace(-50, 50, 100_001)).min()) == pytest.approx(lowest, abs=5e-5)


def test_a_dropout_before_the_last_weights_is_no_ending() -> None:
    assert of((Flatten(), Linear(64), Dropout(0.5), Linear(10))).note == ""
    assert of((Conv(10, 5), Dropout(0.5), GlobalPool(), Flatten())).note == ""

"""The numbers in a formula are computed, and give what the calculator says."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.layers.calculator import LayerError, Row, analyze
from core.layers.formulas.notation import BEGIN, END
from core.layers.specs import (
    Activation,
    BatchNorm,
    BlurPool,
    CapsuleDecoder,
    CapsuleLengths,
    Conv,
    ConvTranspose,
    Dropout,
    Flatten,
    GlobalPool,
    Linear,
    Network,
    Pool,
    PrimaryCapsules,
    Residual,
    RoutedCapsules,
)
from tests.examples import examples


def lines(row: Row) -> dict[str, list[str]]:
    """What is left of the first = in each line, and the sides of the others."""
    body = row.formula.removeprefix(BEGIN).removesuffix(END)
    body = body.replace(r" \\ &= ", " = ")  # the second half of a broken line
    sides = (line.replace("&=", "=").split(" = ") for line in body.split(r" \\ "))
    return {left.strip(): rest for left, *rest in sides}


def value(expression: str) -> float:
    """A numeric expression in LaTeX, computed."""
    text = re.sub(r"\\text\{[^}]*\}", "", expression).replace("{,}", "")
    text = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", text)
    for latex, python in {
        r"\left\lfloor": "math.floor(",
        r"\right\rfloor": ")",
        r"\left\lceil": "math.ceil(",
        r"\right\rceil": ")",
        r"\cdot": "*",
    }.items():
        text = text.replace(latex, python)
    return float(eval(text, {"math": math, "__builtins__": {}}))  # the text is our own formula, with digits in it alone


def numeric(sides: list[str]) -> list[str]:
    """The sides that hold no letters."""
    return [side for side in sides if not re.search(r"(?<!\\)\b[A-Z]|\\gamma|x", re.sub(r"\\[a-z]+|\{,\}", " ", side))]


@examples(300)
@given(data=st.data())
def test_every_number_in_every_formula_is_right(
    stacks: st.SearchStrategy[tuple[Network, tuple[int, int, int]]], data: st.DataObject
) -> None:
    layers, shape = data.draw(stacks)
    try:
        rows = analyze(layers, shape)
    except LayerError as error:
        rows = analyze(layers[: error.index], shape)
    for row in rows:
        told = lines(row)
        expected = {r"\text{parameters}": row.parameters, r"\text{MACs}": row.macs, r"\text{biases}": row.biases}
        expected |= {r"\text{weights}": row.weights, r"\text{capsules}": row.output_shape[0]}
        if row.plane is not None:
            expected |= {rf"{axis}_{{\text{{out}}}}": n for axis, n in zip("HW", row.plane, strict=True)}
            expected[r"D_{\text{out}}"] = row.output_shape[0]
        else:
            expected[r"N_{\text{out}}"] = row.output_shape[0]
        for left, sides in told.items():
            if left in expected:
                numbers = numeric(sides)
                assert numbers, (left, sides)
                assert [value(side) for side in numbers] == [expected[left]] * len(numbers), (left, sides)
        if row.parameters:
            assert r"\text{parameters}" in told


def formula(layer: object, shape: tuple[int, int, int], *before: object) -> str:
    return analyze((*before, layer), shape)[-1].formula  # type: ignore[arg-type]


def test_the_notes_own_formulas() -> None:
    assert formula(Conv(24, 5), (1, 28, 28)) == (
        r"\begin{aligned} W_{\text{out}} &= \frac{W_{\text{in}} - F + 2P}{S} + 1"
        r" \\ &= \frac{28 - 5 + 2 \cdot 0}{1} + 1 = 24"
        r" \\ \text{parameters} &= K \cdot F \cdot F \cdot D_{\text{in}} + K"
        r" \\ &= 24 \cdot 5 \cdot 5 \cdot 1 + 24 = 624"
        r" \\ \text{MACs} &= K \cdot F \cdot F \cdot D_{\text{in}} \cdot H_{\text{out}} \cdot W_{\text{out}}"
        r" \\ &= 24 \cdot 5 \cdot 5 \cdot 1 \cdot 24 \cdot 24 = 345{,}600 \end{aligned} \,"
    )


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (formula(Conv(96, 11, stride=4), (3, 224, 224)), r"= \left\lfloor 53.25 \right\rfloor + 1 = 54"),
        (
            formula(Conv(8, 3, groups=2, bias=False), (4, 9, 9)),
            r"D_{\text{in}} / G \\ &= 8 \cdot 3 \cdot 3 \cdot 4 / 2 = 144",
        ),
        (formula(Conv(8, (3, 5)), (4, 9, 9)), r"H_{\text{out}} &= \frac{H_{\text{in}} - F_h + 2P}{S} + 1"),
        (formula(Conv(8, 3, dilation=2), (4, 9, 9)), r"W_{\text{in}} - D(F - 1) - 1 + 2P"),
        (formula(Conv(8, 3, padding="same"), (4, 9, 9)), r"W_{\text{out}} &= W_{\text{in}} = 9"),
        (
            formula(ConvTranspose(8, 4, stride=2, padding=1), (3, 8, 8)),
            r"(W_{\text{in}} - 1)S - 2P + F \\ &= (8 - 1) \cdot 2",
        ),
        (
            formula(Pool("max", 2, 3, 1, ceil=True), (1, 5, 5)),
            r"+ 1 - 1 = 2 \text{ (a last window would start in the padding)}",
        ),
        (formula(BlurPool(), (16, 25, 25)), r"\left\lceil \frac{25}{2} \right\rceil = 13"),
        (formula(BlurPool(3, (1, 2)), (4, 9, 8)), r"\left\lceil \frac{H_{\text{in}}}{S_h} \right\rceil"),
        (formula(GlobalPool(), (7, 5, 5)), r"W_{\text{out}} &= 1 \text{ for any input size}"),
        (
            formula(Flatten(), (16, 5, 5)),
            r"D_{\text{in}} \cdot H_{\text{in}} \cdot W_{\text{in}} \\ &= 16 \cdot 5 \cdot 5 = 400",
        ),
        (
            formula(Linear(120), (16, 5, 5), Flatten()),
            r"N_{\text{in}} \cdot N_{\text{out}} + N_{\text{out}} \\ &= 400 \cdot 120",
        ),
        (
            formula(PrimaryCapsules(32), (256, 20, 20)),
            r"\text{capsules} &= T \cdot H_{\text{out}} \cdot W_{\text{out}} \\ &= 32 \cdot 6 \cdot 6 = 1{,}152",
        ),
        (
            formula(RoutedCapsules(10), (256, 20, 20), PrimaryCapsules(32)),
            r"I \cdot J \cdot D \cdot E \\ &= 1{,}152 \cdot 10 \cdot 8 \cdot 16 = 1{,}474{,}560",
        ),
        (
            formula(RoutedCapsules(10, shared=True), (256, 20, 20), PrimaryCapsules(32)),
            r"J \cdot D \cdot E = 10 \cdot 8 \cdot 16 = 1{,}280",
        ),
        (
            formula(RoutedCapsules(10, iterations=1), (1, 9, 9), PrimaryCapsules(2)),
            r"c_{ij} &= \frac{1}{J} = \frac{1}{10}",
        ),
        (
            formula(CapsuleDecoder(), (1, 28, 28), PrimaryCapsules(2), RoutedCapsules(10)),
            r"160 \cdot 512 + 512 \cdot 1{,}024 + 1{,}024 \cdot 784 = 1{,}409{,}024",
        ),
        (
            formula(CapsuleLengths(), (1, 9, 9), PrimaryCapsules(2)),
            r"y_j &= \lVert v_j \rVert = \sqrt{v_{j1}^2 + \dots + v_{j,8}^2}",
        ),
        (formula(BatchNorm(), (64, 5, 5)), r"2 D_{\text{in}} = 2 \cdot 64 = 128"),
        (formula(Activation("relu"), (64, 5, 5)), r"y &= \max(0, x)"),
        (formula(Dropout(0.25), (64, 5, 5)), r"\text{ with probability } 0.25 \text{, else } \frac{x}{1 - 0.25}"),
        (formula(Dropout(1), (64, 5, 5)), r"\text{ with probability } 1 \text{, else } 0"),
        (
            formula(Residual((Conv(4, 3, padding=1), BatchNorm())), (4, 9, 9)),
            r"y &= F(x) + x \\ \text{parameters} &= 148 + 8",
        ),
        (
            formula(Residual((Conv(4, 3, padding=1),)), (4, 9, 9)),
            r"\text{parameters} &= 148 \\ \text{MACs} &= 11{,}664",
        ),
        (
            formula(Residual((Conv(5, 1),), (Conv(5, 1),)), (4, 9, 9)),
            r"F(x) + G(x) \\ \text{parameters} &= 25 + 25 = 50",
        ),
    ],
)
def test_each_kind_in_its_letters(text: str, part: str) -> None:
    assert part in text

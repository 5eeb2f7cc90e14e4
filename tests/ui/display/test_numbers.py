"""Numbers as the app writes them."""

import math

import pytest

from core.ui.display import numbers

THIN, MINUS = "\u202f", "\u2212"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (numbers.count(1_474_560), "1,474,560"),
        (numbers.count(-3), f"{MINUS}3"),
        (numbers.percent(0.98534), f"98.53{THIN}%"),
        (numbers.percent(1.0, 0), f"100{THIN}%"),
        (numbers.percent_range(0.9824, 0.98791), f"98.24 to 98.79{THIN}%"),
        (numbers.rounded(12_345.6), "12,300"),
        (numbers.rounded(0.05217), "0.0522"),
        (numbers.rounded(0), "0"),
        (numbers.rounded(math.inf), "—"),
        (numbers.scientific(2.22e-16), "2.2 × 10⁻¹⁶"),
        (numbers.scientific(-1e6), f"{MINUS}1 × 10⁶"),
        (numbers.scientific(0), "0"),
        (numbers.short(1_163_520), f"1.16{THIN}M"),
        (numbers.short(784), "784"),
        (numbers.rate(60_712.3), f"60,700{THIN}images/s"),
        (numbers.duration(4.62), f"4.6{THIN}s"),
        (numbers.duration(59.7), f"1{THIN}min 0{THIN}s"),
        (numbers.duration(83), f"1{THIN}min 23{THIN}s"),
        (numbers.duration(4_000), f"1{THIN}h 6{THIN}min"),
        (numbers.duration(math.nan), "—"),
    ],
)
def test_units_separators_and_digits(written: str, expected: str) -> None:
    assert written == expected


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([[0.5, 0.25, 0.0]], [["0.50", "0.25", "0.00"]]),
        ([[1.0, -2.0, -0.0]], [["1", "−2", "0"]]),
        ([[1 / 9, -1e-9, 1 / 16]], [["0.111", "0.000", "0.062"]]),
        ([[-1e-17, 12.5], [3.0, -0.1]], [["0.0", "12.5"], ["3.0", "−0.1"]]),
    ],
)
def test_a_grid_has_one_number_of_decimals_and_no_negative_zero(
    values: list[list[float]], texts: list[list[str]]
) -> None:
    assert numbers.grid(values) == texts


def test_no_sign_before_a_zero() -> None:
    assert numbers.fixed(-0.004, 2) == "0.00"
    assert numbers.fixed(-0.006, 2) == "−0.01"
    assert numbers.percent(-0.00001).startswith("0.00")
    assert numbers.points(-0.00001) == "0.00 points"
    assert numbers.points(0.00001) == "0.00 points"
    assert numbers.points(-0.0091) == "−0.91 points"


@pytest.mark.parametrize(
    ("value", "text"), [(0.12, "+0.1"), (-0.04, "0.0"), (0.04, "0.0"), (-0.06, "−0.1"), (0.0, "0.0"), (12.0, "+12.0")]
)
def test_a_zero_has_no_sign(value: float, text: str) -> None:
    assert numbers.signed(value, 1) == text

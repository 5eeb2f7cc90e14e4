"""Write numbers: with units, thousands separators, a real minus sign, and no more digits than are significant."""

import math
from collections.abc import Iterable
from typing import SupportsFloat

SPACE = "\u202f"  # narrow and unbreakable, between a number and its unit
MINUS = "\u2212"


def count(number: SupportsFloat) -> str:
    """Return a number rounded to a whole one: 1474560 -> "1,474,560"."""
    return f"{round(float(number)):,}".replace("-", MINUS)


def percent(fraction: float, digits: int = 2) -> str:
    """Return a fraction as a percentage: 0.9853 -> "98.53 %"."""
    return f"{fixed(100 * fraction, digits)}{SPACE}%"


def percent_range(low: float, high: float, digits: int = 2) -> str:
    """Return an interval of two fractions: "98.24 to 98.79 %"."""
    return f"{fixed(100 * low, digits)} to {percent(high, digits)}"


def points(fraction: float, digits: int = 2) -> str:
    """Return a signed difference of two percentages: 0.0091 -> "+0.91 points"."""
    return f"{signed(100 * fraction, digits)} points"


def rounded(number: float, digits: int = 3) -> str:
    """Return a number with `digits` significant digits: 12345.6 -> "12,300"; 0.05217 -> "0.0522"."""
    if number == 0 or not math.isfinite(number):
        return "0" if number == 0 else "—"
    places = digits - 1 - math.floor(math.log10(abs(number)))
    return f"{round(number, places):,.{max(places, 0)}f}".replace("-", MINUS)


def fixed(number: float, digits: int) -> str:
    """Return a number with so many decimals, and no sign before a zero: -0.004 -> "0.00"."""
    text = f"{number:.{digits}f}"
    return (text if any(character in "123456789" for character in text) else text.removeprefix("-")).replace("-", MINUS)


def signed(number: float, digits: int) -> str:
    """Return a number with so many decimals and its sign, a zero without: 0.12 -> "+0.1", -0.04 -> "0.0"."""
    text = fixed(number, digits)
    return f"+{text}" if number > 0 and text != fixed(0, digits) else text


def grid(values: Iterable[Iterable[float]], digits: int = 3) -> list[list[str]]:
    """Return a grid's numbers with one number of decimals, the fewest that say them all: 0.5, 0.25 -> "0.50", "0.25".

    Args:
        values: the numbers, by rows.
        digits: the most decimals.
    """
    lines = [[float(value) for value in line] for line in values]
    numbers = [value for line in lines for value in line]
    enough = (few for few in range(digits) if all(abs(value - round(value, few)) < 1e-9 for value in numbers))
    decimals = next(enough, digits)
    return [[fixed(value, decimals) for value in line] for line in lines]


def scientific(number: float) -> str:
    """Return a very small or large number in two digits: 2.2e-16 -> "2.2 × 10⁻¹⁶"; 1e-06 -> "1 × 10⁻⁶"; 0 -> "0"."""
    if number == 0 or not math.isfinite(number):
        return rounded(number)
    digits, exponent = f"{number:.1e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digits.removesuffix('.0')} × 10{raised}".replace("-", MINUS)


def short(number: float) -> str:
    """Return a large count in three digits: 1163520 -> "1.16 M", 784 -> "784"."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= size:
            return f"{rounded(number / size)}{SPACE}{letter}"
    return count(number)


def rate(images_per_second: float) -> str:
    """Return a speed: 12345.6 -> "12,300 images/s"."""
    return f"{rounded(images_per_second)}{SPACE}images/s"


def duration(seconds: float) -> str:
    """Return a duration: 4.62 -> "4.6 s"; 83 -> "1 min 23 s"; 4000 -> "1 h 7 min"."""
    if not math.isfinite(seconds) or seconds < 0:
        return "—"
    if seconds < 9.95:
        return f"{seconds:.1f}{SPACE}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}{SPACE}s"
    if whole < 3600:
        return f"{whole // 60}{SPACE}min {whole % 60}{SPACE}s"
    return f"{whole // 3600}{SPACE}h {whole % 3600 // 60}{SPACE}min"

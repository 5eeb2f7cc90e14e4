"""Whole numbers in a text, however long."""

import re


def whole_numbers(text: str) -> tuple[int, ...]:
    """Return the whole numbers in a text; of one beyond any limit only the first digits, which are beyond it as well.

    Examples:
        >>> whole_numbers("(10, 784)")
        (10, 784)
    """
    return tuple(int(digits[:16]) for digits in re.findall(r"\d+", text))

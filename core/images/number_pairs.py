"""Settings that are one number or two: a stride, a padding, a dilation."""

import numpy as np

Size = int | tuple[int, int]


def check_pair(name: str, value: Size, error: type[ValueError], *, least: int = 1) -> tuple[int, int]:
    """Return a setting as (vertical, horizontal).

    Args:
        name: Its name, for the message.
        value: One number for both axes, or (vertical, horizontal).
        error: What to raise.
        least: The smallest number that is allowed.

    Returns:
        (vertical, horizontal).

    Raises:
        ValueError: Not both are whole numbers from `least`; of the class `error`.

    Examples:
        >>> check_pair("stride", 2, ValueError), check_pair("stride", (2, 1), ValueError)
        ((2, 2), (2, 1))
    """
    pair = value if isinstance(value, tuple) else (value, value)
    if len(pair) != 2 or not all(isinstance(number, int | np.integer) and number >= least for number in pair):
        raise error(
            f"The {name} must be a whole number from {least}, or two of them (vertical, horizontal); got {value!r:.40}."
        )
    return pair

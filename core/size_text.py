"""Write sizes one way in the whole app: "3 × 32 × 32" in tables and code, "64 planes of 4 × 4" in sentences."""

import math
import re
from collections.abc import Iterable, Sequence

UNITS = ((2**50, "PiB"), (2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))


def format_shape(sizes: Iterable[object], *, thousands: str = ",") -> str:
    """Return sizes with multiplication signs between them.

    Args:
        sizes: A picture's or an output's (C, H, W), a plane's or a window's (H, W), or one number;
            text that a person entered instead of a number is left as it is.
        thousands: Separator of thousands, "," or "" for files that programs read.

    Returns:
        The sizes in the order given.

    Examples:
        >>> format_shape((3, 32, 32))
        '3 × 32 × 32'
        >>> format_shape((4096,))
        '4,096'
    """
    return " × ".join(f"{size:{thousands}}" if isinstance(size, int) else str(size) for size in sizes)


def with_article(sizes: Iterable[object]) -> str:
    """Return sizes with their article, as they are read aloud.

    Examples:
        >>> with_article((11, 11)), with_article((8, 8)), with_article((28, 28))
        ('an 11 × 11', 'an 8 × 8', 'a 28 × 28')
    """
    text = format_shape(sizes)
    article = "an" if re.match(r"8|1[18]\b", text) else "a"
    return f"{article} {text}"


def describe_shape(shape: Sequence[int]) -> str:
    """Return the shape of a layer's output in words.

    Args:
        shape: (C, H, W), (capsules, dimensions), or (N,) after a Flatten.

    Returns:
        The number of planes or capsules and their size, or the number of values.

    Examples:
        >>> describe_shape((64, 4, 4))
        '64 planes of 4 × 4'
        >>> describe_shape((1, 28, 28))
        '1 plane of 28 × 28'
        >>> describe_shape((10, 16))
        '10 capsules of 16 numbers'
        >>> describe_shape((120,))
        '120 numbers'
    """
    count, *plane = shape
    if not plane:
        return f"{count:,} number{'s' * (count != 1)}"
    if len(plane) == 1:
        return f"{count:,} capsule{'s' * (count != 1)} of {plane[0]:,} number{'s' * (plane[0] != 1)}"
    return f"{count:,} plane{'s' * (count != 1)} of {format_shape(plane)}"


def format_bytes(size: int) -> str:
    """Return a number of bytes in the unit that fits, in three digits.

    Args:
        size: Bytes.

    Returns:
        The number and its unit, with a narrow unbreakable space between them.

    Examples:
        >>> format_bytes(401_408), format_bytes(238_418 * 2**30)
        ('392\u202fKiB', '233\u202fTiB')
    """
    for unit, name in UNITS:
        if size >= unit:
            value = size / unit
            places = 2 - math.floor(math.log10(value))
            return f"{round(value, places):,.{max(places, 0)}f}\u202f{name}"
    return f"{size}\u202fB"

"""The settings of a single convolution, checked, from a link or from a browser."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import gcd
from typing import Any, Self

from core.ui.state.url_values import Field, Flag, Number, Refused

WIDTHS = (4, 256)  # px
MAX_WINDOW = 11  # px, of window F and padding P
MAX_STRIDE = 8
MAX_DILATION = 6
MAX_PLANES = 512
FIELDS: dict[str, Field] = {
    "c_w": Number("Width W_in (px)", *WIDTHS),
    "c_d": Number("Depth D_in", 1, MAX_PLANES),
    "c_k": Number("Filters K", 1, MAX_PLANES),
    "c_f": Number("Window F (px)", 1, MAX_WINDOW),
    "c_s": Number("Stride S (px)", 1, MAX_STRIDE),
    "c_p": Number("Padding P (px)", 0, MAX_WINDOW),
    "c_dilation": Number("Dilation D (px)", 1, MAX_DILATION),
    "c_groups": Number("Groups G", 1, MAX_PLANES),
    "c_bias": Flag("Bias"),
}


@dataclass(frozen=True, slots=True)
class OneLayerState:
    """A convolution and its input, each field named as in the URL."""

    c_w: int = 8
    c_d: int = 3
    c_k: int = 8
    c_f: int = 3
    c_s: int = 2
    c_p: int = 0
    c_dilation: int = 1
    c_groups: int = 1
    c_bias: str = "true"

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """Return the settings in `values`: missing or invalid ones have their defaults, and all fit together."""
        default = cls()
        read = {name: _value(name, values.get(name), getattr(default, name)) for name in FIELDS}
        read["c_dilation"] = min(read["c_dilation"], read["c_w"] - 1)
        read["c_f"] = min(read["c_f"], max_window(read["c_w"], read["c_dilation"]))
        read["c_p"] = min(read["c_p"], max_padding(read["c_f"], read["c_dilation"]))
        common = gcd(read["c_d"], read["c_k"])
        read["c_groups"] = max(n for n in range(1, read["c_groups"] + 1) if common % n == 0)
        read["c_bias"] = FIELDS["c_bias"].write(read["c_bias"] in (True, "true"))
        return cls(**read)


def max_window(width: int, dilation: int) -> int:
    """Return the largest F that fits an unpadded picture."""
    return min(MAX_WINDOW, (width - 1) // dilation + 1)


def max_padding(kernel: int, dilation: int) -> int:
    """Return the largest P for which every window contains at least one pixel of the picture."""
    return min(MAX_WINDOW, dilation * (kernel - 1))


def _value(name: str, given: object, default: Any) -> Any:
    if given is None:
        return default
    try:
        return FIELDS[name].read(str(given))
    except Refused:
        return default

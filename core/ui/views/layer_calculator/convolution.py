"""A single convolution, as the component shows it, with what the tools below it ask."""

from dataclasses import dataclass
from typing import Self

from core.layers.calculator import Row, analyze
from core.layers.specs import Conv
from core.ui.components.one_layer.state import OneLayerState, max_padding, max_window


@dataclass(frozen=True, slots=True)
class ConvolutionSettings:
    """A convolution and the size of its square input."""

    layer: Conv
    width: int  # W_in, px
    depth: int  # D_in, planes

    @classmethod
    def of(cls, state: OneLayerState) -> Self:
        """Return the layer that the component shows."""
        conv = Conv(
            state.c_k,
            state.c_f,
            state.c_s,
            state.c_p,
            state.c_dilation,
            state.c_groups,
            state.c_bias == "true",
        )
        return cls(conv, state.c_w, state.c_d)

    @property
    def row(self) -> Row:
        """Return its shapes and costs."""
        return analyze((self.layer,), (self.depth, self.width, self.width))[0]

    @property
    def kernel(self) -> int:
        """Return the window size F."""
        return _as_int(self.layer.kernel)

    @property
    def stride(self) -> int:
        """Return the stride S."""
        return _as_int(self.layer.stride)

    @property
    def padding(self) -> int:
        """Return the padding P."""
        return _as_int(self.layer.padding)

    @property
    def dilation(self) -> int:
        """Return the dilation D."""
        return _as_int(self.layer.dilation)

    @property
    def span(self) -> int:
        """Return the extent of the dilated window in pixels: D(F - 1) + 1."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def max_window(self) -> int:
        """Return the largest F that the slider offers."""
        return max_window(self.width, self.dilation)

    @property
    def max_padding(self) -> int:
        """Return the largest P that the slider offers."""
        return max_padding(self.kernel, self.dilation)

    @property
    def read_columns(self) -> int:
        """Return the number of columns of the picture that some window reads."""
        starts = range(-self.padding, self.width + self.padding - self.span + 1, self.stride)
        read = {start + self.dilation * tap for start in starts for tap in range(self.kernel)}
        return sum(0 <= column < self.width for column in read)

    @property
    def remainder(self) -> int:
        """Return the number of columns on the right of the padded picture that no window reaches."""
        return (self.width + 2 * self.padding - self.span) % self.stride


def _as_int(size: object) -> int:
    assert isinstance(size, int)  # this page's layer is square, with numeric padding
    return size

"""Random stacks of layers for the tests of every reading of a network."""

import pytest
from hypothesis import strategies as st

from core.layers import specs


def sizes(low: int, high: int) -> st.SearchStrategy[specs.Size]:
    number = st.integers(low, high)
    return st.one_of(number, st.tuples(number, number))


KINDS = st.sampled_from(["max", "average"])
CHANNELS = st.sampled_from([1, 2, 3, 4, 6, 8, 12])
GROUPS = st.sampled_from([1, 1, 1, 2, 3, 4])
IN_SPACE = st.one_of(
    st.builds(
        specs.Conv,
        filters=CHANNELS,
        kernel=sizes(1, 7),
        stride=sizes(1, 3),
        padding=st.one_of(sizes(0, 4), st.just("same")),
        dilation=sizes(1, 3),
        groups=GROUPS,
        bias=st.booleans(),
    ),
    st.builds(
        specs.ConvTranspose,
        filters=CHANNELS,
        kernel=sizes(1, 5),
        stride=sizes(1, 3),
        padding=sizes(0, 3),
        dilation=sizes(1, 2),
        groups=GROUPS,
        bias=st.booleans(),
        output_padding=sizes(0, 2),
    ),
    st.builds(
        specs.Pool,
        kind=KINDS,
        kernel=sizes(1, 5),
        stride=st.one_of(st.none(), sizes(1, 4)),
        padding=sizes(0, 2),
        ceil=st.booleans(),
    ),
    st.builds(specs.BlurPool, kernel=st.integers(1, 7), stride=sizes(1, 4)),
    st.builds(specs.AdaptivePool, kind=KINDS, size=sizes(1, 6)),
    st.builds(specs.GlobalPool, kind=KINDS),
)
ANYWHERE = st.one_of(
    st.builds(
        specs.Activation,
        kind=st.sampled_from(["relu", "relu6", "leaky_relu", "elu", "gelu", "silu", "tanh", "softmax"]),
    ),
    st.just(specs.BatchNorm()),
    st.builds(specs.Dropout, p=st.floats(0, 1)),
)
FLAT = st.one_of(st.builds(specs.Linear, units=st.integers(1, 30), bias=st.booleans()), ANYWHERE)


@st.composite
def networks(draw: st.DrawFn) -> tuple[specs.Network, tuple[int, int, int]]:
    """(layers, input shape): a trunk, then often a Flatten and a head. Many of them cannot be."""
    trunk = draw(st.lists(st.one_of(IN_SPACE, IN_SPACE, ANYWHERE), max_size=5))
    head = [specs.Flatten(), *draw(st.lists(FLAT, max_size=4))] if draw(st.booleans()) else []
    shape = (draw(CHANNELS), draw(st.integers(1, 40)), draw(st.integers(1, 40)))
    return (*trunk, *head), shape


@pytest.fixture(scope="session")
def stacks() -> st.SearchStrategy[tuple[specs.Network, tuple[int, int, int]]]:
    """The strategy behind `networks`, to be drawn from with `st.data()`."""
    return networks()

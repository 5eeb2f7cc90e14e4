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
        dilation=st.one_of(st.just(1), sizes(1, 2)),
    ),
    st.builds(specs.LPPool, norm=st.sampled_from([1, 2]), kernel=sizes(1, 4), ceil=st.booleans()),
    st.builds(specs.Upsample, scale=sizes(1, 3), kind=st.sampled_from(["nearest", "bilinear", "bicubic"])),
    st.builds(specs.PixelShuffle, factor=st.integers(1, 2)),
    st.builds(
        specs.Pad,
        rows=sizes(0, 3),
        columns=sizes(0, 3),
        kind=st.sampled_from(["zeros", "reflect", "replicate", "circular"]),
    ),
    st.builds(specs.InstanceNorm, affine=st.booleans()),
    st.builds(specs.BlurPool, kernel=st.integers(1, 7), stride=sizes(1, 4)),
    st.builds(specs.AdaptivePool, kind=KINDS, size=sizes(1, 6)),
    st.builds(specs.GlobalPool, kind=KINDS),
)
ANYWHERE = st.one_of(
    st.builds(
        specs.Activation,
        kind=st.sampled_from(["relu", "relu6", "leaky_relu", "elu", "gelu", "silu", "tanh", "softmax"]),
    ),
    st.builds(specs.BatchNorm, affine=st.booleans()),
    st.builds(specs.GroupNorm, groups=GROUPS, affine=st.booleans()),
    st.builds(specs.LayerNorm, axes=st.integers(1, 3)),
    st.builds(specs.PReLU),
    st.builds(specs.Dropout, p=st.floats(0, 1)),
)
FIRST_CAPSULES = st.builds(
    specs.PrimaryCapsules,
    types=st.integers(1, 3),
    dimensions=st.integers(1, 4),
    kernel=sizes(1, 5),
    stride=sizes(1, 3),
    padding=sizes(0, 2),
)
CAPSULES = st.one_of(
    st.builds(
        specs.RoutedCapsules,
        capsules=st.integers(1, 5),
        dimensions=st.integers(1, 5),
        iterations=st.integers(0, 3),
        through=st.booleans(),
        shared=st.booleans(),
    ),
    st.builds(specs.CapsuleDecoder, first=st.integers(1, 6), second=st.integers(1, 6)),
)
FLAT = st.one_of(st.builds(specs.Linear, units=st.integers(1, 30), bias=st.booleans()), ANYWHERE)


@st.composite
def networks(draw: st.DrawFn) -> tuple[specs.Network, tuple[int, int, int]]:
    """(layers, input shape): a trunk, then often a Flatten and a head, or capsules. Many of them cannot be."""
    trunk = draw(st.lists(st.one_of(IN_SPACE, IN_SPACE, ANYWHERE), max_size=5))
    ends = st.sampled_from([None, (), (specs.Flatten(), specs.CapsuleLengths())])
    head: list[specs.Layer] = []
    if (end := draw(ends)) is not None:
        capsules = [draw(FIRST_CAPSULES), *draw(st.lists(CAPSULES, max_size=3))] if end else []
        flat = draw(st.sampled_from(end or (specs.Flatten(),)))
        head = [*capsules, flat, *draw(st.lists(FLAT, max_size=4))]
    shape = (draw(CHANNELS), draw(st.integers(1, 40)), draw(st.integers(1, 40)))
    return (*trunk, *head), shape


@pytest.fixture(scope="session")
def stacks() -> st.SearchStrategy[tuple[specs.Network, tuple[int, int, int]]]:
    """The strategy behind `networks`, to be drawn from with `st.data()`."""
    return networks()

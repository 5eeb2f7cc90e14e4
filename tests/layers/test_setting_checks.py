"""What is refused: invalid settings, and layers that do not fit their input, with the nearest that works."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.layers.calculator import LayerError, analyze
from core.layers.specs import (
    Activation,
    BatchNorm,
    Conv,
    ConvTranspose,
    Dropout,
    Flatten,
    GlobalPool,
    Layer,
    Linear,
    Pool,
)
from tests.examples import examples
from tests.layers.windows import WINDOWS


@pytest.mark.parametrize(
    ("layers", "shape", "index", "parts"),
    [
        (
            (Conv(8, 5), Pool("max", 2), Conv(8, 3), Conv(8, 5)),
            (1, 14, 14),
            3,
            ("layer 4: ", "5 × 5 kernel", "3 × 3 input", "padding 1", "at most 3"),
        ),
        (
            (Conv(8, 3, dilation=4),),
            (1, 5, 5),
            0,
            (
                "layer 1: ",
                "3 × 3 kernel",
                "9 × 9",
                "5 × 5 input",
                "padding 2",
                "dilation of at most 2",
                "kernel of at most 2",
            ),
        ),
        (
            (Pool("max", 5),),
            (1, 4, 9),
            0,
            ("layer 1: ", "5 × 5 pooling window", "4 × 9 input", "padding 1", "at most 4"),
        ),
        (
            (Pool("max", 3, padding=2),),
            (1, 9, 9),
            0,
            ("layer 1: ", "padding 2", "3 × 3 window", "padding of at most 1", "kernel of at least 4"),
        ),
        (
            (Conv(8, 3, groups=4),),
            (6, 9, 9),
            0,
            ("layer 1: ", "groups 4", "6 input channels", "use 2."),
        ),
        (
            (Conv(9, 3, groups=2),),
            (6, 9, 9),
            0,
            ("layer 1: ", "groups 2", "9 filters", "use 1 or 3."),
        ),
        (
            (Conv(8, 3, stride=2, padding="same"),),
            (6, 9, 9),
            0,
            ("layer 1: ", 'padding "same"', "not 2", "stride 1", "padding 1"),
        ),
        (
            (ConvTranspose(8, 3, stride=2, output_padding=2),),
            (6, 9, 9),
            0,
            ("layer 1: ", "output_padding 2", "at most 1."),
        ),
        (
            (ConvTranspose(8, 1, padding=2),),
            (6, 3, 3),
            0,
            ("layer 1: ", "padding 2", "3 × 3", "at most 1."),
        ),
        (
            (Conv(16, 3), Linear(10)),
            (1, 7, 7),
            1,
            ("layer 2: ", "16 planes of 5 × 5", "Flatten before it"),
        ),
        (
            (Flatten(), Conv(8, 3)),
            (1, 28, 28),
            1,
            ("layer 2: ", "784 numbers", "before the Flatten"),
        ),
    ],
)
def test_a_refusal_says_where_what_and_the_nearest_that_works(
    layers: tuple[Layer, ...], shape: tuple[int, int, int], index: int, parts: tuple[str, ...]
) -> None:
    with pytest.raises(LayerError) as caught:
        analyze(layers, shape)
    assert caught.value.index == index
    assert [part for part in parts if part not in str(caught.value)] == []


@examples(300)
@given(layer=WINDOWS, size=st.integers(1, 6))
def test_every_remedy_for_a_window_that_does_not_fit_works(layer: Conv | Pool, size: int) -> None:
    try:
        analyze([layer], (1, size, size))
    except LayerError as error:
        remedies = re.findall(
            r"(padding|dilation|kernel)(?: of at most)? (\d+)(?=,| or|\.)", str(error).partition(": use")[2]
        )
        assert remedies
        for name, value in remedies:
            changed = replace(layer, **{name: int(value)})
            analyze([changed], (1, size, size))
            nearer = int(value) + (-1 if name == "padding" else 1)  # and the next value toward what was asked does not
            if nearer >= 0 and not (isinstance(layer, Pool) and layer.ceil):
                with pytest.raises(LayerError):
                    analyze([replace(layer, **{name: nearer})], (1, size, size))


@pytest.mark.parametrize(
    "value", [-3, 0, 10**9, 2.5, 3.0, "3", True, None, (3,), (3, 3, 4), (3, -1), [3, 4, 5], float("nan")]
)
@pytest.mark.parametrize("field", ["filters", "kernel", "stride", "dilation", "groups"])
def test_values_that_make_no_sense_are_refused_by_name(field: str, value: object) -> None:
    layer = Conv(**{"filters": 4, "kernel": 3, field: value})  # type: ignore[arg-type]
    with pytest.raises(LayerError, match=f"layer 2: {field} must be a whole number.* from 1 to .*; got"):
        analyze([BatchNorm(), layer], (4, 28, 28))


@pytest.mark.parametrize(
    "layer",
    [
        Conv(4, 3, padding="valid"),  # type: ignore[arg-type]
        Conv(4, 3, padding=-1),
        Conv(4, 3, bias=1),  # type: ignore[arg-type]
        ConvTranspose(4, 3, padding="same"),  # type: ignore[arg-type]
        Pool("median", 2),  # type: ignore[arg-type]
        Pool("max", 2, ceil="yes"),  # type: ignore[arg-type]
        Pool("max", None),  # type: ignore[arg-type]
        GlobalPool("mean"),  # type: ignore[arg-type]
        Activation("__import__"),  # type: ignore[arg-type]
        Linear(10**9),
        Dropout(-0.1),
        Dropout(float("nan")),
        Dropout("0.5"),  # type: ignore[arg-type]
        "Conv(4, 3)",
        None,
        Conv,
    ],
)
def test_what_is_no_layer_or_no_setting_is_refused(layer: Layer) -> None:
    with pytest.raises(LayerError, match="layer 1: "):
        analyze([layer], (1, 28, 28))


@pytest.mark.parametrize(
    "shape", [(1, 28), (1, 28, 28, 1), (0, 28, 28), (1, 28, -28), (1, 28.0, 28), "abc", (1, 10**9, 1)]
)
def test_a_picture_that_cannot_be_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(LayerError, match=r"\(channels, height, width\)") as caught:
        analyze([Flatten()], shape)
    assert caught.value.index is None

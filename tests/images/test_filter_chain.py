import json

import numpy as np
import pytest

from core.images.convolution import convolve
from core.images.filter_chain import MAX_FILTERS, Chain, Filter
from core.images.kernel_catalogue import CATALOGUE
from core.images.kernels import KernelError
from core.images.pictures import to_gray
from core.images.sample_pictures import sample


def taken(key, **settings):
    return Filter((CATALOGUE[key].kernel().tolist(),), name=key, **settings)


def test_filters_run_in_order():
    image = sample("cat", 48)
    chain = Chain(
        (taken("gaussian"), taken("sobel_x", padding="reflect", flip=True), taken("box", stride=2, dilation=2))
    )
    stages = chain.run(image)
    assert len(stages) == 4
    np.testing.assert_array_equal(stages[0], image)
    blurred = convolve(image, CATALOGUE["gaussian"].kernel())
    edges = convolve(blurred, CATALOGUE["sobel_x"].kernel(), padding="reflect", flip=True)
    np.testing.assert_array_equal(stages[3], convolve(edges, CATALOGUE["box"].kernel(), stride=2, dilation=2))


def test_luminance_and_depth():
    image = sample("cat", 48)
    gray = Chain((taken("box"),), gray=True).run(image)
    np.testing.assert_array_equal(gray[0], to_gray(image))
    assert gray[1].shape == image.shape[:2]
    grids = tuple(np.random.default_rng(n).normal(size=(3, 5)).tolist() for n in range(3))
    deep = Chain((Filter(grids, flip=True), taken("box"))).run(image)
    turned = np.stack([np.array(grid)[::-1, ::-1] for grid in grids], axis=2)
    np.testing.assert_allclose(deep[1], convolve(image, turned), atol=1e-6)
    assert deep[2].ndim == 2
    with pytest.raises(KernelError, match=r"Filter 2: .* 3 kernels .* 1:"):
        Chain((taken("box"), Filter(grids)), gray=True).run(image)


def test_a_link_brings_everything_back():
    chain = Chain((taken("log", stride=2), Filter((((0.1, -1e-9),),) * 3, 1, "wrap", True, 3)), gray=True)
    assert Chain.from_json(chain.to_json()) == chain
    assert Chain.from_json("{}") == Chain()
    assert Filter(([[1, 2]],)) == Filter((((1.0, 2.0),),)), "whole numbers and floats write one link"
    json.loads(Chain((taken("unsharp"),) * MAX_FILTERS).to_json())


def test_the_largest_chain_there_is_fits_in_a_link():
    grids = tuple(tuple(map(tuple, -np.random.default_rng(n).random((11, 11)) * 1e-7)) for n in range(3))
    chain = Chain((Filter(grids, padding="reflect", name="diagonal_down"),) * MAX_FILTERS)
    assert Chain.from_json(chain.to_json()) == chain


def step(**settings):
    return json.dumps({"filters": [{"grids": [[[1]]]} | settings]})


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "null", "nonsense", "[" * 40_000, "x" * 60_000),
        *('{"filters": 3}', '{"filters": [3]}', '{"filters": [{}]}', '{"gray": "yes"}', '{"unknown": 1}'),
        *(step(grids=grids) for grids in (7, [], [[[1]]] * 2, [[[1], [1, 2]]], [[[1]], [[1]], [[1, 2]]], [[[0] * 12]])),
        *(step(grids=[[[weight]]]) for weight in (float("nan"), 1e308, "a", None, [1], {})),
        *(step(stride=stride) for stride in (0, True, 1.5, "2", 10**9)),
        *(step(dilation=dilation) for dilation in (0, 10**6, None)),
        *(step(padding=padding) for padding in ("same", ["zero"], 0)),
        *(step(flip=1), step(name="sharpest"), step(name=[]), step(exec="1")),
        json.dumps({"filters": [{"grids": [[[1]]]}] * 5}),
    ],
)
def test_a_damaged_link_is_a_sentence(text):
    with pytest.raises(KernelError) as refusal:
        Chain.from_json(text)
    assert str(refusal.value).endswith(".")
    assert len(str(refusal.value)) < 250

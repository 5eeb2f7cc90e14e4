"""What is too large to be trained here is refused by arithmetic; what the app offers is not."""

import time
from typing import Any

import pytest

from core.layers.builders import cnn, mlp
from core.layers.calculator import LayerError, analyze, totals
from core.layers.cifar_networks import NETWORKS
from core.layers.layer_count import layer_count
from core.layers.limits import MAX_BATCH_ACTIVATION_BYTES, MAX_BATCH_WORK, TooLargeError, check_size, is_cheap, size_of
from core.layers.network_json import network_from_json
from core.layers.specs import Activation, AdaptivePool, BatchNorm, Conv, Flatten, GlobalPool, Linear, Pool, Residual
from core.training.presets import PRESETS

DIGIT, PICTURE = (1, 28, 28), (3, 32, 32)
END = (GlobalPool(), Flatten(), Linear(10))


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_within_the_limits(name: str) -> None:
    experiment = PRESETS[name].experiment
    shape = PICTURE if experiment.data == "cifar10" else DIGIT
    assert totals(check_size(experiment.layers, shape, experiment.batch_size)).parameters > 0


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_of_the_cifar_page_is_within_the_limits_at_a_batch_of_500(name: str) -> None:
    check_size(NETWORKS[name][1], PICTURE, 500)


def test_the_largest_networks_of_the_mnist_page_are_within_the_limits_at_its_largest_batch() -> None:
    check_size(cnn(blocks=4, filters=64, kernel=7, batch_norm=True), DIGIT, 1024)
    check_size(mlp([2048] * 3), DIGIT, 1024)


@pytest.mark.parametrize(
    ("layers", "shape", "words"),
    [
        ((Conv(10_000, 1), *END), DIGIT, r"30.0\s?MiB for one picture.* 16.0\s?MiB"),
        ((Conv(10_000, 1), BatchNorm(), Activation(), *END), DIGIT, r"89.8\s?MiB"),
        ((Conv(6_000, 1), *END), PICTURE, r"23.5\s?MiB"),
        ((Flatten(), Linear(32_000), Linear(10)), DIGIT, "25,440,010 parameters.* 25,000,000"),
        (
            (Conv(640, 3, padding=1), *(Conv(640, 3, padding=1) for _ in range(4)), *END),
            (3, 32, 32),
            "15.1 billion",
        ),
        ((*(Pool("average", 27, stride=1, padding=13) for _ in range(40)), Conv(64, 1), *END), DIGIT, None),
        ((Conv(256, 1), *(Pool("max", 27, 1, 13) for _ in range(14)), *END), DIGIT, "2.0 billion"),
    ],
)
def test_what_is_too_large_is_refused_with_what_to_change(layers: Any, shape: Any, words: str | None) -> None:
    if words is None:
        check_size(layers, shape)
        return
    with pytest.raises(TooLargeError, match=words):
        check_size(layers, shape)


def test_a_batch_is_refused_with_the_largest_that_is_not() -> None:
    layers = NETWORKS["resnet-18"][1]
    with pytest.raises(TooLargeError, match=r"2,000 pictures .* 528"):
        check_size(layers, PICTURE, 2000)
    size = size_of(check_size(layers, PICTURE, 528))
    assert size.activation_bytes * 528 <= MAX_BATCH_ACTIVATION_BYTES < size.activation_bytes * 529
    assert size.work * 528 <= MAX_BATCH_WORK


def test_what_is_tried_before_anybody_asks_is_short() -> None:
    for name in ("mnist-mlp", "mnist-cnn", "mnist-cnn-995", "cifar-70", "cifar-80", "cifar-90", "cifar-exercise"):
        experiment = PRESETS[name].experiment
        shape = PICTURE if experiment.data == "cifar10" else DIGIT
        assert is_cheap(experiment.layers, shape, experiment.batch_size), name
    assert not is_cheap(NETWORKS["resnet-18"][1], PICTURE, 128)
    assert not is_cheap((Linear(3),), DIGIT, 1)


@pytest.mark.clock
def test_layers_within_blocks_count_and_too_many_are_refused_before_any_is_read() -> None:
    inner = {"layer": "Activation"}
    data: list[object] = [{"layer": "Residual", "body": [inner] * 999} for _ in range(38)]
    assert layer_count(data) == 38_000
    began = time.process_time()
    with pytest.raises(ValueError, match=r"1,000 layers.* 38,000"):
        network_from_json(data)
    block = Residual((Activation(),) * 999)
    with pytest.raises(LayerError, match=r"layer 2: .* 38,000"):
        analyze((block,) * 38, DIGIT)
    assert time.process_time() - began < 0.5
    assert len(analyze((Residual((Activation(),) * 998), Flatten()), DIGIT)) == 2


@pytest.mark.clock
def test_the_costliest_paths_of_a_thousand_layers_are_read_in_a_second() -> None:
    layers = tuple(AdaptivePool("average", 30 + place % 2) for place in range(990))
    began = time.process_time()
    check_size((*layers, *END), DIGIT)
    assert time.process_time() - began < 2

"""What cannot learn is refused before a training starts, in words; what can is not."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

import core.data
from core.layers.cifar_networks import NETWORKS
from core.layers.setting_checks import LayerError
from core.layers.specs import (
    Activation,
    AdaptivePool,
    BatchNorm,
    Conv,
    ConvTranspose,
    Dropout,
    Flatten,
    GlobalPool,
    Linear,
    Network,
    Pool,
    Residual,
)
from core.training import measured_memory
from core.training.devices import Device
from core.training.experiment import Experiment, ExperimentError
from core.training.experiment_checks import check_trainable, examples, smallest_batch
from core.training.loop import train
from core.training.presets import PRESETS
from core.training.session import Session

DIGIT, PHOTOGRAPH = (1, 28, 28), (3, 32, 32)
CPU = Device("cpu", "float32", "")
SMALL = Experiment(layers=(Flatten(), Linear(10)), data="mnist-5k", train_images=64, epochs=1, batch_size=16)

REFUSED: list[tuple[Network, str]] = [
    ((AdaptivePool("average", (2, 5)), Flatten()), "no weights.* add a fully connected layer"),
    ((Pool("max", 14), Pool("average", (2, 1)), AdaptivePool("max", (1, 10)), Flatten()), "no weights"),
    ((AdaptivePool("max", (2, 5)), Flatten(), Activation("softmax")), "no weights"),
    ((Residual((AdaptivePool("average", 28),)), AdaptivePool("average", (5, 2)), Flatten()), "no weights"),
    ((Flatten(), Dropout(1.0), Linear(10)), "layer 2: Dropout with probability 1"),
    ((Flatten(), Linear(10), Dropout(1)), "layer 3: Dropout with probability 1"),
    (
        (Residual((Conv(1, 3, padding=1), Dropout(1.0))), Flatten(), Linear(10)),
        "layer 1: in its body, layer 2: Dropout",
    ),
    (
        (Residual((Conv(1, 1),), (Residual((Dropout(1.0),)),)), Flatten(), Linear(10)),
        "layer 1: in its shortcut, layer 1: in its body, layer 1: Dropout",
    ),
    ((Activation("softmax"), Flatten(), Linear(10)), "layer 1: a Softmax over a single channel"),
    ((Conv(1, 28), Flatten(), Activation("softmax"), Linear(10)), "layer 3: a Softmax over a single channel"),
    ((Conv(4, 1, stride=100, padding=3), Flatten(), Linear(10)), "layer 1: its windows are all in the padding"),
    ((Conv(4, (1, 3), stride=(50, 1), padding=(2, 1)), Flatten(), Linear(10)), "all in the padding"),
    ((Flatten(), Linear(10), Activation("sigmoid")), "layer 3: Sigmoid keeps .* 23.2\u202f%"),
    ((Flatten(), Linear(10), Activation("tanh"), Activation("softmax")), "layer 3: Tanh keeps .* 45.1\u202f%"),
]


@pytest.mark.parametrize(("layers", "words"), REFUSED)
def test_what_cannot_learn_is_refused_before_it_starts(layers: Network, words: str) -> None:
    with pytest.raises(LayerError, match=words):
        check_trainable(layers, DIGIT)
    events = train(replace(SMALL, layers=layers), "cpu", threads=1)
    with pytest.raises(LayerError, match=words):
        next(events)  # the first would be `Started`


@pytest.mark.parametrize(
    "layers",
    [
        (Flatten(), Linear(10)),
        (Flatten(), Linear(10), Activation("softmax")),
        (Flatten(), Linear(10), Activation("relu")),
        (Flatten(), Dropout(0.99), Linear(10)),
        (AdaptivePool("average", (2, 5)), Flatten(), BatchNorm()),
        (ConvTranspose(2, 3, stride=2), Activation("softmax"), Flatten(), Linear(10)),
        (Conv(10, 28), Flatten()),
        (Conv(4, 3, padding=3), Residual((Conv(4, 1),)), GlobalPool(), Flatten(), Linear(10)),
    ],
)
def test_what_can_learn_is_trained(layers: Network) -> None:
    assert [row.layer for row in check_trainable(layers, DIGIT)] == list(layers)
    events = list(train(replace(SMALL, layers=layers), "cpu", threads=1))
    assert events[-1].kind == "finished"


def own() -> Iterator[tuple[Network, tuple[int, int, int]]]:
    """Every network that the app offers by name, with its pictures' shape."""
    for preset in PRESETS.values():
        yield preset.experiment.layers, PHOTOGRAPH if "cifar" in preset.experiment.data else DIGIT
    for _, layers in NETWORKS.values():
        yield layers, PHOTOGRAPH


@pytest.mark.parametrize(("layers", "shape"), list(own()))
def test_the_apps_own_networks_can_learn(layers: Network, shape: tuple[int, int, int]) -> None:
    check_trainable(layers, shape)


# ---------------------------------------------------------------------- batch norm


@pytest.mark.parametrize(
    ("layers", "least"),
    [
        ((Flatten(), Linear(8), BatchNorm(), Linear(10)), 2),
        ((Conv(8, 28), BatchNorm(), Flatten(), Linear(10)), 2),
        ((Conv(8, 3), GlobalPool(), BatchNorm(), Flatten(), Linear(10)), 2),
        ((GlobalPool(), Residual((Conv(1, 1), BatchNorm())), Flatten(), Linear(10)), 2),
        ((GlobalPool(), Residual((Conv(4, 1),), (Conv(4, 1), BatchNorm())), Flatten(), Linear(10)), 2),
        ((Conv(8, (28, 27)), BatchNorm(), Flatten(), Linear(10)), 1),  # planes of two pixels
        ((Conv(8, 3), BatchNorm(), Flatten(), Linear(10)), 1),
        ((Flatten(), Linear(10)), 1),
    ],
)
def test_the_smallest_batch_is_what_torch_trains_on(layers: Network, least: int) -> None:
    assert smallest_batch(layers, DIGIT) == least
    alone = replace(SMALL, layers=layers, batch_size=1, train_images=10)
    if least == 1:
        assert list(train(alone, "cpu", threads=1))[-1].kind == "finished"
    else:
        with pytest.raises(ExperimentError, match=r"layer \d: BatchNorm .* batch size of at least 2"):
            next(train(alone, "cpu", threads=1))
    assert list(train(replace(alone, batch_size=2), "cpu", threads=1))[-1].kind == "finished"


def test_smaller_pictures_first_count_for_the_smallest_batch() -> None:
    """26 x 26 after the first layer are 4 x 4 where the pictures begin with 6 x 6, and 1 x 1 after the pooling."""
    layers = (Conv(4, 3), Pool("max", 4), BatchNorm(), GlobalPool(), Flatten(), Linear(10))
    small = replace(SMALL, layers=layers, batch_size=1, low_res_fraction=0.5, small_size=6)
    assert (smallest_batch(layers, DIGIT), smallest_batch(layers, DIGIT, (1, 6, 6))) == (1, 2)
    with pytest.raises(ExperimentError, match="layer 3: BatchNorm"):
        examples(small, core.data.info("mnist-5k"))
    assert examples(replace(small, low_res_fraction=0.0), core.data.info("mnist-5k")) == 64
    assert examples(replace(small, batch_size=2), core.data.info("mnist-5k")) == 64


@pytest.mark.parametrize(
    ("pictures", "steps"), [(33, 2), (34, 3), (32, 2)], ids=["one is left over", "two are", "none is"]
)
def test_a_last_batch_of_one_picture_is_left_out_where_it_has_no_variance(pictures: int, steps: int) -> None:
    layers = (Flatten(), Linear(8), BatchNorm(), Linear(10))
    uneven = replace(SMALL, layers=layers, train_images=pictures, epochs=2, short_batch=True)
    assert Session(uneven, CPU).steps_per_epoch == steps
    assert list(train(uneven, "cpu", threads=1))[-1].kind == "finished"
    low_res_fraction = replace(
        uneven,
        layers=(Conv(4, 3), Pool("max", 4), BatchNorm(), GlobalPool(), Flatten(), Linear(10)),
        low_res_fraction=0.5,
        small_size=6,
    )
    assert Session(low_res_fraction, CPU).steps_per_epoch == steps
    assert list(train(low_res_fraction, "cpu", threads=1))[-1].kind == "finished"


def test_a_search_for_a_batch_that_fits_stops_at_the_smallest() -> None:
    tried: list[int] = []

    def never(batch: int) -> None:
        tried.append(batch)
        raise MemoryError

    assert "Not even 2 pictures" in str(measured_memory.refuse(16, never, CPU, smallest=2))
    assert tried == [8, 4, 2]


# ---------------------------------------------------------------------- frozen weights


def test_switches_that_freeze_every_weight_are_refused() -> None:
    only = (Conv(10, 5, bias=False), GlobalPool(), Flatten())
    info = core.data.info("mnist-5k")
    frozen = replace(SMALL, layers=only, whitening=True)
    with pytest.raises(ExperimentError, match="freezes all weights"):
        examples(frozen, info)
    assert examples(replace(frozen, whitening=False), info) == 64
    assert examples(replace(frozen, layers=(Conv(10, 5), GlobalPool(), Flatten())), info) == 64  # its biases learn
    normed = (AdaptivePool("average", (2, 5)), Flatten(), BatchNorm())
    session = Session(replace(SMALL, layers=normed, norm_scale=False), CPU)
    assert [p.requires_grad for p in session.network.parameters()] == [False, True]

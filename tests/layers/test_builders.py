"""The contenders: what they are made of, and that the published recipes are among them."""

import pytest

from core.layers.builders import cnn, cnn_of_blocks, mlp, with_blur_pooling
from core.layers.calculator import analyze, totals
from core.layers.equal_parameters import width_for_parameters
from core.layers.specs import Activation, BatchNorm, BlurPool, Conv, Dropout, Flatten, Linear, Pool


def parameters(layers: tuple, shape: tuple[int, int, int] = (1, 28, 28)) -> int:
    return totals(analyze(layers, shape)).parameters


def test_an_mlp_is_a_flatten_and_fully_connected_layers() -> None:
    assert mlp([512, 256], dropout=0.2) == (
        Flatten(),
        *(Linear(512), Activation("relu"), Dropout(0.2)),
        *(Linear(256), Activation("relu"), Dropout(0.2)),
        Linear(10),
    )
    assert mlp([]) == (Flatten(), Linear(10))
    assert parameters(mlp([800])) == 784 * 800 + 800 + 800 * 10 + 10


def test_a_cnn_halves_the_picture_and_doubles_the_depth() -> None:
    rows = analyze(cnn(blocks=3, filters=8, kernel=3), (1, 28, 28))
    assert [row.output_shape for row in rows if isinstance(row.layer, Pool)] == [(8, 14, 14), (16, 7, 7), (32, 3, 3)]


@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("blocks", [1, 2, 3, 4])
def test_every_kernel_fits_every_number_of_blocks(blocks: int, kernel: int) -> None:
    rows = analyze(cnn(blocks, 4, kernel, pool="average", dropout=0.1, dense=0, batch_norm=True), (1, 28, 28))
    assert all(row.input_shape[1:] == row.output_shape[1:] for row in rows if isinstance(row.layer, Conv))
    assert rows[-1].output_shape == (10,)


def test_the_published_recipes_are_members_of_the_family() -> None:
    assert cnn_of_blocks([(24, 5), (32, 3)], padded=False) == (
        *(Conv(24, 5), Pool("max", 2), Activation("relu")),
        *(Conv(32, 3), Pool("max", 2), Activation("relu")),
        *(Flatten(), Linear(256), Activation("relu"), Linear(10)),
    )
    assert cnn_of_blocks([(24, 5), (48, 3)], padded=False, batch_norm=True, dropout=0.3, dense=64)[:8] == (
        *(Conv(24, 5), Pool("max", 2), BatchNorm(), Activation("relu")),
        *(Conv(48, 3), Pool("max", 2), BatchNorm(), Activation("relu")),
    )


def test_a_blur_pooled_network_is_as_large() -> None:
    plain = cnn_of_blocks([(16, 3), (32, 5)], padded=False, batch_norm=True, dense=128)
    blurred = with_blur_pooling(plain)
    assert blurred[:4] == (Conv(16, 3), Pool("max", 2, stride=1), BlurPool(3, 2), BatchNorm())
    assert parameters(blurred) == parameters(plain)
    shapes = [[row.output_shape for row in analyze(layers, (1, 28, 28))] for layers in (plain, blurred)]
    assert set(shapes[0]) <= set(shapes[1])
    assert with_blur_pooling((Pool("average", 2),)) == (Pool("average", 2),)
    with pytest.raises(ValueError, match="padd"):
        with_blur_pooling((Pool("max", 3, 2, padding=1),))


@pytest.mark.parametrize("depth", [1, 2, 4])
@pytest.mark.parametrize("target", [1, 7_851, 50_000, 123_456, 5_000_000])
def test_no_other_width_comes_nearer_to_a_budget(target: int, depth: int) -> None:
    width = width_for_parameters(target, depth)
    off = [abs(parameters(mlp([w] * depth)) - target) for w in (width, width + 1, max(width - 1, 1))]
    assert off[0] == min(off)


def test_an_mlp_without_hidden_layers_has_no_width() -> None:
    with pytest.raises(ValueError, match="at least 1 hidden layer"):
        width_for_parameters(1000, 0)

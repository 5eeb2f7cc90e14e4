"""Blur pooling in torch: the same as in numpy, nothing learned, and less moved by a shift than what it replaces."""

import numpy as np
import pytest
import torch

from core.images.blur_pooling import blur_pool
from core.images.pooling import pool
from core.layers.calculator import LayerError, analyze
from core.layers.parse import ParseError, parse
from core.layers.specs import BlurPool, Conv, Network, Pool
from core.nets.network import build


@pytest.mark.parametrize("kind", ["max", "average"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("blur", [1, 2, 3, 4, 5, 7])
def test_torch_and_numpy_blur_alike(kind: str, stride: int, blur: int) -> None:
    planes = torch.rand(2, 3, 13, 16, generator=torch.Generator().manual_seed(blur))
    network = build((Pool(kind, 2, stride=1), BlurPool(blur, stride)), (3, 13, 16))
    ours = network(planes).numpy()  # (N, C, H', W')
    theirs = np.stack(
        [blur_pool(plane.permute(1, 2, 0).numpy(), kind, 2, stride, blur).transpose(2, 0, 1) for plane in planes]
    )
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_a_blur_of_one_row_is_subsampling_alone() -> None:
    planes = torch.rand(1, 2, 9, 9)
    assert torch.equal(build((BlurPool(1, 2),), (2, 9, 9))(planes), planes[:, :, ::2, ::2])


def test_nothing_is_learned_and_nothing_is_stored() -> None:
    module = build((BlurPool(5),), (3, 9, 9))
    assert not list(module.parameters())
    assert not module.state_dict()
    assert [tuple(buffer.shape) for buffer in module.buffers()] == [(1, 1, 5, 5)]
    assert analyze((BlurPool(5),), (3, 9, 9))[0].macs == 5 * 5 * 3 * 5 * 5


@pytest.mark.parametrize("precision", [torch.bfloat16, torch.float16])
def test_it_runs_in_the_short_formats(precision: torch.dtype) -> None:
    planes = torch.rand(1, 2, 8, 8)
    module = build((BlurPool(3),), (2, 8, 8))
    torch.testing.assert_close(module(planes.to(precision)).float(), module(planes), atol=0.01, rtol=0)


def test_a_shift_of_one_pixel_moves_the_answers_of_max_pooling_more() -> None:
    """The claim, in numbers: on a picture and on the same moved by a pixel, what blur pooling answers differs less."""
    picture = torch.rand(1, 1, 33, 33, generator=torch.Generator().manual_seed(0))

    def moved_by(layers: Network) -> float:
        network = build(layers, (1, 32, 32))
        return float((network(picture[..., :32, :32]) - network(picture[..., :32, 1:])).abs().mean())

    assert moved_by((Pool("max", 2, stride=1), BlurPool(3))) < 0.6 * moved_by((Pool("max", 2),))
    assert pool(picture[0, 0].numpy(), "max").shape == (16, 16)


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (BlurPool(8), "kernel of blur pooling must be a whole number from 1 to 7; got 8"),
        (BlurPool((3, 5)), "kernel of blur pooling must be a whole number from 1 to 7"),  # type: ignore[arg-type]
        (BlurPool(3, 0), "stride must be"),
        (BlurPool(7), "7 × 7 .* 3 pixels .* 3 × 3: .* at most 5"),
    ],
)
def test_what_does_not_fit_is_refused(layer: BlurPool, said: str) -> None:
    with pytest.raises(LayerError, match=said):
        analyze((Conv(2, 3), layer), (1, 5, 5))


def test_the_largest_kernel_that_is_offered_fits() -> None:
    assert analyze((BlurPool(5),), (1, 3, 3))[0].output_shape == (1, 2, 2)


def test_it_is_read_as_antialiased_cnns_writes_it() -> None:
    text = "nn.Sequential(nn.MaxPool2d(2, stride=1), antialiased_cnns.BlurPool(3, stride=2))"
    assert parse(text, (3, 9, 9)) == (Pool("max", 2, 1), BlurPool(4, 2))
    with pytest.raises(ParseError, match=r"channels of BlurPool is 2.* write 3"):
        parse("nn.Sequential(nn.Conv2d(3, 3, 1), BlurPool(2))", (3, 9, 9))
    with pytest.raises(ParseError, match="pad_type of BlurPool must be 'reflect'"):
        parse("nn.Sequential(BlurPool(3, pad_type='zero'))", (3, 9, 9))

import numpy as np
import pytest
import torch

from core.layers.specs import Conv, Flatten, Linear
from core.nets.network import build
from core.training.experiment import Experiment, ExperimentError
from core.training.initialization import prepare
from core.training.whitening import directions, patches, whitening_filters


def pictures(n: int = 60) -> torch.Tensor:
    """Smooth noise in three related colors: neighbors vary together."""
    noise = torch.randn(n, 3, 20, 20, generator=torch.Generator().manual_seed(0))
    noise[:, 1] += noise[:, 0]
    return torch.nn.functional.avg_pool2d(noise, 3, 1) * 3


@pytest.mark.parametrize("kernel", [(2, 2), (3, 3), (2, 4)])
def test_whitened_patches_have_the_identity_as_covariance(kernel: tuple[int, int]) -> None:
    images = pictures()
    filters = directions(images, kernel, even=0)
    answers = torch.nn.functional.conv2d(images.double(), filters)  # (N, D, H', W'): what the layer would answer
    rows = answers.permute(0, 2, 3, 1).reshape(-1, len(filters)).numpy()
    np.testing.assert_allclose(np.cov(rows.T), np.eye(len(filters)), atol=1e-6)


def test_patches_are_those_of_the_pictures() -> None:
    images = pictures(2)
    rows = patches(images, (2, 3))
    assert rows.shape == (2 * 17 * 16, 18)
    torch.testing.assert_close(rows[17].float(), images[0, :, 1:3, 1:4].flatten())


def test_the_main_directions_come_first_and_then_their_negatives() -> None:
    filters = whitening_filters(pictures(), (2, 2), 8)
    assert filters.shape == (8, 3, 2, 2)
    assert torch.equal(filters[4:], -filters[:4])
    lengths = filters[:4].flatten(1).norm(dim=1)
    assert (lengths.diff() > 0).all()  # divided by ever smaller deviations
    with pytest.raises(ValueError, match="at most 24"):
        whitening_filters(pictures(), (2, 2), 25)


@pytest.mark.parametrize(
    ("first", "message"),
    [((Flatten(), Linear(10)), "begins with a convolution"), ((Conv(25, 2), Flatten(), Linear(10)), "at most 24")],
)
def test_a_network_it_does_not_suit_is_refused(first: tuple[object, ...], message: str) -> None:
    experiment = Experiment(layers=first, whitening=True)  # type: ignore[arg-type]
    with pytest.raises(ExperimentError, match=message):
        prepare(build(experiment.layers, (3, 20, 20)), experiment, pictures())

"""Learned filters against hand-made ones: the cosine, turned signs, every size and mix, chance, and color."""

import numpy as np
import pytest
from scipy.spatial.distance import cosine

from core.images.kernel_catalogue import CATALOGUE
from core.insight.filter_similarity import EXCLUDED, by_chance, closest, color_share, hand_made

MIXES = {"in gray": (1 / 3, 1 / 3, 1 / 3), "red against green": (1.0, -1.0, 0.0)}


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 11])
@pytest.mark.parametrize("mixes", [None, MIXES])
def test_the_catalogue_in_every_size(size: int, mixes: dict | None) -> None:
    found = hand_made(size, mixes)
    assert {one.weights.shape for one in found} <= {(1 if mixes is None else 3, size, size)}
    assert all(np.isfinite(one.weights).all() for one in found)
    if size % 2 == 0:
        learned = np.random.default_rng(0).normal(size=found[0].weights.shape)
        assert 0 < closest(learned, found).cosine_similarity < 1
    if size > 1:
        titles = {one.title.split(", ")[0] for one in found}
        wanted = {entry.title.split(",")[0] for key, entry in CATALOGUE.items() if key not in EXCLUDED}
        assert titles >= wanted - ({"Laplacian of Gaussian"} if size == 3 else set())


def test_a_hand_made_filter_is_most_like_itself() -> None:
    for one in hand_made(3):
        if not one.title.startswith("Identity"):
            match = closest(2.5 * one.weights, hand_made(3))
            assert match.cosine_similarity == pytest.approx(1)
            assert np.abs(cosine(match.weights.ravel(), one.weights.ravel())) < 1e-9


def test_turned_signs_are_said_and_done() -> None:
    sobel = CATALOGUE["sobel_x"].kernel()
    match = closest(-sobel[None], hand_made(3))
    assert match.title == "Sobel x, signs flipped"
    np.testing.assert_allclose(match.weights[0], -sobel)


def test_the_likeness_is_the_cosine_of_scipy() -> None:
    learned = np.random.default_rng(3).normal(size=(3, 5, 5))
    match = closest(learned, hand_made(5, MIXES))
    assert match.cosine_similarity == pytest.approx(1 - cosine(match.weights.ravel(), learned.ravel()))
    others = [abs(1 - cosine(one.weights.ravel(), learned.ravel())) for one in hand_made(5, MIXES)]
    assert match.cosine_similarity == pytest.approx(max(others))


def test_a_small_kernel_is_found_in_a_large_filter_in_its_middle_and_enlarged() -> None:
    candidates = hand_made(7)
    middle = np.pad(CATALOGUE["sobel_y"].kernel(), 2)
    assert closest(middle[None], candidates).title == "Sobel y"
    y, _ = np.mgrid[-1:1:7j, -1:1:7j]
    assert closest(y[None], candidates).title.endswith("y, enlarged")


def test_filters_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        closest(np.zeros((1, 5, 5)), hand_made(3))


def test_a_filter_of_zeros_is_like_nothing() -> None:
    assert closest(np.zeros((1, 3, 3)), hand_made(3)).cosine_similarity == 0


def test_chance_finds_less_the_more_weights_there_are() -> None:
    small, large = by_chance((1, 3, 3), hand_made(3)), by_chance((1, 7, 7), hand_made(7))
    assert 0.3 < large < small < 0.9
    assert by_chance((1, 3, 3), hand_made(3)) == small


def test_the_share_of_color() -> None:
    grid = np.random.default_rng(1).normal(size=(4, 4))
    assert color_share(np.stack([grid] * 3)) == pytest.approx(0)
    assert color_share(np.stack([grid, -grid, 0 * grid])) == pytest.approx(1)
    assert color_share(np.stack([grid, 0 * grid, 0 * grid])) == pytest.approx(2 / 3)
    assert color_share(np.zeros((3, 2, 2))) == 0

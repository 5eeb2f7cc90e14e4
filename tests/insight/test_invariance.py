"""Moves against torchvision's, and networks that are invariant by design beside ones that are not."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2 import functional as vision

from core.data.mnist_40 import pad_to_frame
from core.insight import invariance, robustness
from core.insight.loaded_network import Loaded, load
from core.insight.pretrained import network
from core.insight.transforms import AXES, SHIFTS, AffineTransform, sample_indices
from core.layers.specs import (
    Activation,
    BlurPool,
    CapsuleDecoder,
    CapsuleLengths,
    Conv,
    Flatten,
    GlobalPool,
    Linear,
    Network,
    Pool,
    PrimaryCapsules,
    RoutedCapsules,
)
from core.nets.network import build
from core.training.augmentation.normalization import Normalization
from core.training.devices import Device
from core.training.experiment import Experiment

CPU = Device("cpu", "float32", "")
BRIGHT = 40  # squares of more pixels than this are "large", which is what the made networks tell


def squares(count: int = 12) -> tuple[Tensor, np.ndarray]:
    """White squares of 4 to 9 px in the middle of 28 x 28, and whether they are large."""
    pictures = torch.zeros(count, 1, 28, 28, dtype=torch.uint8)
    sides = [4 + place % 6 for place in range(count)]
    for picture, side in zip(pictures, sides, strict=True):
        picture[0, 14 - side // 2 : 14 - side // 2 + side, 14 - side // 2 : 14 - side // 2 + side] = 255
    return pictures, np.array([int(side * side > BRIGHT) for side in sides])


def made(layers: Network, *weights: float) -> Loaded:
    """A network of given layers, its last Linear's two units telling small from large by a threshold."""
    experiment = Experiment(layers=layers)
    built = nn.Sequential(*invariance_modules(layers))
    return Loaded(experiment, built.eval(), (1, 28, 28), Normalization((0.0,), (1.0,)), CPU)


def invariance_modules(layers: Network) -> list[nn.Module]:
    modules = list(build(layers, (1, 28, 28)))
    with torch.no_grad():
        for module in modules:
            if isinstance(module, nn.Conv2d):
                module.weight.fill_(1.0 / module.weight[0].numel())
                module.bias.zero_()
    return modules


def by_sum() -> Loaded:
    """Sums all ink and compares it with a threshold: where the ink lies cannot matter."""
    loaded = made((GlobalPool("average"), Flatten(), Linear(2)))
    with torch.no_grad():
        loaded.network[-1].weight.copy_(torch.tensor([[0.0], [784.0]]))
        loaded.network[-1].bias.copy_(torch.tensor([0.0, -float(BRIGHT)]))
    return loaded


def by_place() -> Loaded:
    """Looks at one pixel that only large squares in the middle cover."""
    loaded = made((Flatten(), Linear(2)))
    with torch.no_grad():
        loaded.network[-1].weight.zero_()
        loaded.network[-1].weight[1, 28 * 17 + 17] = 1.0
        loaded.network[-1].bias.copy_(torch.tensor([0.0, -0.5]))
    return loaded


def whole_map(loaded: Loaded, pictures: Tensor) -> np.ndarray:
    return invariance.shift_map(loaded, pictures)


def one_by_one(loaded: Loaded, pictures: Tensor) -> np.ndarray:
    """Every shift by itself, of pictures that are moved first."""
    rows = [invariance.answers(loaded, pictures, [AffineTransform(dx=dx, dy=dy) for dx in SHIFTS]) for dy in SHIFTS]
    return np.stack(rows)


def test_an_invariant_network_keeps_every_answer_wherever_the_ink_lies() -> None:
    pictures, labels = squares()
    answers = whole_map(by_sum(), pictures)
    assert answers.shape == (17, 17, len(pictures))
    assert (answers == labels).all()
    assert robustness.consistency(answers).value == 1.0
    assert robustness.lost_on_map(answers, labels, 8) == robustness.Share(0.0, 0.0, 0.0)
    assert (robustness.consistency_map(answers) == 1).all()


def test_a_network_that_looks_at_one_place_is_lost_as_soon_as_the_ink_leaves_it() -> None:
    pictures, labels = squares()
    answers = whole_map(by_place(), pictures)
    assert (answers[8, 8] == labels).all()
    large = labels == 1
    assert not answers[0, 0].any()  # moved to the upper left by 8 px, every square has left the pixel
    assert robustness.accuracy(answers[0, 0], labels).value == pytest.approx(1 - large.mean())
    assert robustness.lost_on_map(answers, labels, 8).value == pytest.approx(large.mean())
    assert robustness.consistency(answers).value < 1
    assert robustness.consistency_map(answers).min() < 0.9


def test_turning_and_scaling_leave_the_invariant_network_its_answers_where_the_sum_stays() -> None:
    pictures, labels = squares()
    quarter = [AffineTransform(rotate=angle) for angle in (-180, -90, 90, 180)]
    assert (invariance.answers(by_sum(), pictures, quarter) == labels).all()
    doubled = invariance.answers(by_sum(), pictures, [AffineTransform(scale=2.0)])[0]
    assert doubled.all()  # the sum has grown fourfold: the smallest square is large now
    halved = invariance.answers(by_sum(), pictures, [AffineTransform(scale=0.5)])[0]
    assert not halved.any()


@pytest.mark.parametrize(
    "move",
    [
        AffineTransform(rotate=30),
        AffineTransform(rotate=-75, scale=1.4),
        AffineTransform(shear=20),
        AffineTransform(scale=0.6, dx=3, dy=-2),
        AffineTransform(rotate=15, scale=0.8, shear=-12, dx=-4, dy=5),
    ],
)
def test_moves_are_torchvisions_affine(move: AffineTransform) -> None:
    picture = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 255
    theirs = vision.affine(
        picture, move.rotate, [int(move.dx), int(move.dy)], move.scale, [move.shear, 0.0], InterpolationMode.BILINEAR
    )
    torch.testing.assert_close(invariance.transform(picture, [move]), theirs, atol=0.05, rtol=0)


def test_a_whole_shift_changes_no_value_and_a_blur_is_torchvisions() -> None:
    picture = torch.randint(0, 256, (1, 1, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    shifted = invariance.transform(picture, [AffineTransform(dx=3, dy=-5)])
    assert torch.equal(shifted[..., :23, 3:], picture[..., 5:, :25].float())
    assert not shifted[..., 23:, :].any()
    assert not shifted[..., :3].any()
    theirs = vision.gaussian_blur(picture.float(), [9, 9], [1.25, 1.25])
    torch.testing.assert_close(invariance.transform(picture, [AffineTransform(blur=1.25)]), theirs, atol=0.2, rtol=0)


def test_each_picture_of_a_batch_has_its_own_move() -> None:
    picture = torch.rand(1, 28, 28, generator=torch.Generator().manual_seed(1)) * 255
    moves = [AffineTransform(), AffineTransform(blur=2), AffineTransform(dx=1.5), AffineTransform(rotate=10, blur=1)]
    together = invariance.transform(picture.expand(4, 1, 28, 28), moves)
    for one, move in zip(together, moves, strict=True):
        alone = invariance.transform(picture[None], [move])[0]
        torch.testing.assert_close(one, alone, atol=1.0, rtol=0)  # bilinear at whole places rounds its weights
    torch.testing.assert_close(together[0], picture, atol=0.01, rtol=0)


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """float32, in which no close call is turned by rounding."""
    monkeypatch.setattr(invariance, "fastest", lambda loaded: loaded)


@pytest.mark.parametrize("name", ["mnist-mlp", "mnist-cnn", "mnist-cnn-blur", "mnist-40-cnn-blur", "mnist-capsule"])
def test_windows_of_shared_layers_answer_as_the_moved_pictures_do(name: str, exact: None) -> None:
    loaded = load(network(name).file)
    pictures, _ = invariance.some_pictures(12, 0)
    if loaded.shape[1] == 40:
        pictures = torch.from_numpy(pad_to_frame(pictures.numpy()))
    assert (invariance.shift_map(loaded, pictures) == one_by_one(loaded, pictures)).all()


@pytest.mark.parametrize("name", ["mnist-cnn", "mnist-cnn-moved", "mnist-cnn-blur"])
def test_the_fastest_number_format_finds_the_same_accuracies(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = load(network(name).file)
    pictures, labels = invariance.some_pictures(100, 0)
    quick = invariance.shift_map(loaded, pictures)
    monkeypatch.setattr(invariance, "fastest", lambda loaded: loaded)
    plain = invariance.shift_map(loaded, pictures)
    assert (quick == plain).mean() > 0.995  # in bf16 a close call may go the other way
    assert np.abs((quick == labels).mean(axis=2) - (plain == labels).mean(axis=2)).max() < 0.04
    assert abs((quick == labels).mean() - (plain == labels).mean()) < 0.001


@pytest.mark.parametrize(
    "layers",
    [
        (Conv(3, 3), Pool("max", 2), Conv(3, 2), Pool("average", 3, stride=2), Flatten(), Linear(10)),
        (Conv(2, 5), Pool("max", 3), Conv(2, 3, padding=1), Pool("max", 2, stride=1), Flatten(), Linear(10)),
        (Pool("max", 2), Pool("max", (2, 3)), Conv(2, 3, stride=2), Flatten(), Linear(10)),
        (Conv(4, 3, padding=1), Pool("max", 3, ceil=True), Flatten(), Linear(10)),
        (Pool("max", 2), BlurPool(3, 2), Conv(4, 3), BlurPool(4, 1), Flatten(), Linear(10)),
        (Conv(3, (3, 5)), BlurPool(5, (2, 3)), Activation("relu"), Flatten(), Linear(10)),
        (Conv(10, 28), Activation("relu"), Flatten()),
        (Conv(4, 5, stride=(2, 3), dilation=2), Activation("relu"), Flatten(), Linear(10)),
        (
            *(Conv(6, 5, stride=2), Activation("relu"), PrimaryCapsules(2, 4, kernel=5, stride=(2, 1))),
            *(RoutedCapsules(10, 6), CapsuleDecoder(8, 8), CapsuleLengths()),
        ),
    ],
)
def test_any_mix_of_shared_and_separate_layers(layers: Network, exact: None) -> None:
    torch.manual_seed(0)
    modules = nn.Sequential(*build(layers, (1, 28, 28))).eval()
    loaded = Loaded(Experiment(layers=layers), modules, (1, 28, 28), Normalization((0.1,), (0.3,)), CPU)
    pictures, _ = invariance.some_pictures(12, 0)
    quick = invariance.shift_map(loaded, pictures)[::5]
    plain = one_by_one(loaded, pictures)[::5]
    assert len(np.unique(plain)) > 1
    assert (quick == plain).mean() > 0.999  # sums in another order may turn a tie


def test_pictures_in_color() -> None:
    loaded = load(network("cifar-cnn").file)
    pictures, _ = invariance.some_pictures(3, 0, "cifar10-standin")
    assert (invariance.shift_map(loaded, pictures) == one_by_one(loaded, pictures)).mean() > 0.99


def test_a_network_of_shuffled_pixels_is_moved_before_the_shuffle() -> None:
    loaded = by_place()
    shuffled = replace(loaded, normalization=Normalization((0.0,), (1.0,), shuffled=True))
    pictures, _ = squares()
    assert (invariance.shift_map(shuffled, pictures) == one_by_one(shuffled, pictures)).all()


def test_equal_seeds_choose_equal_digits() -> None:
    assert (sample_indices(1000, 50, 3) == sample_indices(1000, 50, 3)).all()
    assert (sample_indices(1000, 50, 3) != sample_indices(1000, 50, 4)).any()
    assert (sample_indices(10, 50, 3) == np.arange(10)).all()
    pictures, labels = invariance.some_pictures(100, 0)
    assert pictures.shape == (100, 1, 28, 28)
    assert labels.shape == (100,)


def test_a_convolution_moves_along_and_a_global_pooling_holds_still() -> None:
    loaded = made((Conv(1, 3), Pool("average", 2), GlobalPool("average"), Flatten(), Linear(2)))
    pictures, _ = squares()
    change, misfit = invariance.layers_moved(loaded, pictures, 4)
    assert misfit[0] < 0.02 < 0.5 < change[0]  # equivariant: it has moved, and along
    assert misfit[1] < 0.02
    assert change[2] < 1e-3  # invariant
    assert np.isnan(misfit[3:]).all()
    odd = invariance.layers_moved(loaded, pictures, 1)[1]
    assert odd[0] < 0.02 < odd[1]  # half a pixel of the pooled plane can only be met by interpolating


def test_primary_capsules_move_along_in_their_planes() -> None:
    layers = (PrimaryCapsules(2, 3, kernel=5, stride=2), RoutedCapsules(2, 4), CapsuleLengths())
    torch.manual_seed(0)
    modules = nn.Sequential(*build(layers, (1, 28, 28))).eval()
    loaded = Loaded(Experiment(layers=layers), modules, (1, 28, 28), Normalization((0.0,), (1.0,)), CPU)
    pictures, _ = squares()
    change, misfit = invariance.layers_moved(loaded, pictures, 4)
    assert misfit[0] < 1e-5 < 0.5 < change[0]  # two whole steps of the capsules' stride
    assert np.isnan(misfit[1:]).all()
    (lengths,) = invariance.planes(loaded, pictures[0], [AffineTransform(dx=dx) for dx in (0, 2)], [0])
    assert lengths.shape == (2, 2, 12, 12)
    np.testing.assert_allclose(lengths[1, :, :, 1:], lengths[0, :, :, :-1], atol=1e-6)
    assert lengths.max() < 1


def test_planes_under_moves() -> None:
    loaded = made((Conv(3, 3), Pool("max", 2), Flatten(), Linear(2)))
    pictures, _ = squares()
    conv, pool = invariance.planes(loaded, pictures[0], [AffineTransform(dx=dx) for dx in (0, 2)], [0, 1])
    assert conv.shape == (2, 3, 26, 26)
    assert pool.shape == (2, 3, 13, 13)
    np.testing.assert_allclose(conv[1, :, :, 2:], conv[0, :, :, :-2], atol=1e-6)
    np.testing.assert_allclose(pool[1, :, :, 1:], pool[0, :, :, :-1], atol=1e-6)


@pytest.mark.parametrize("wrong", [{"dx": 13}, {"scale": 0.1}, {"blur": float("nan")}, {"rotate": True}])
def test_moves_past_their_limits_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        AffineTransform(**wrong)


def test_a_move_travels_as_a_list() -> None:
    move = AffineTransform(dx=1, rotate=30, blur=0.5)
    assert AffineTransform.from_list(move.to_list()) == move
    with pytest.raises(ValueError, match="6 numbers"):
        AffineTransform.from_list([1.0])
    assert all(axis.still in axis.values and axis.move(axis.still) == AffineTransform() for axis in AXES.values())


@pytest.mark.slow
@pytest.mark.realdata
@pytest.mark.usefixtures("whole_data")
@pytest.mark.parametrize("name", ["mnist-mlp", pytest.param("mnist-cnn", marks=pytest.mark.nightly)])
def test_the_readme_tells_what_the_pages_map_finds(name: str) -> None:
    """The page's own function on its map's middle row and column, over the whole test set."""
    trained = network(name)
    loaded = load(trained.file)
    pictures, labels = invariance.some_pictures(10_000, 0)
    assert len(labels) == 10_000
    answers = np.zeros((17, 17, len(labels)), np.uint8)  # of the map, what the losses are taken from
    for move in (AffineTransform(), *(move for px in robustness.DISTANCES for move in robustness.directions(px))):
        answers[8 + int(move.dy), 8 + int(move.dx)] = invariance.answers(loaded, pictures, [move])[0]
    for distance in robustness.DISTANCES:
        found, told = robustness.lost_on_map(answers, labels, distance), trained.lost[distance]
        for ours, theirs in zip((found.value, found.low, found.high), (told.value, told.low, told.high), strict=True):
            assert ours == pytest.approx(theirs, abs=0.001)  # another processor's bf16 turns a close call or two

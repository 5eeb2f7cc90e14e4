"""The GPU's own way of drawing and training: that nothing waits for it, and that the CPU's stays as it was.

Most of this runs without a GPU. torch's "meta" device has shapes and no numbers, so that whatever would wait for a
number of the GPU's raises an error on it; and pictures that only say they are not on the CPU take the GPU's way on it.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torchvision.transforms.v2.functional import _color

from core.layers.specs import Activation, BatchNorm, Conv, Dropout, Flatten, Linear, Network, Pool
from core.training import checkpoints
from core.training.augmentation import specs
from core.training.augmentation.batch import apply, augment, mix
from core.training.augmentation.color import _rgb
from core.training.augmentation.normalization import Normalization
from core.training.augmentation.pipeline import PRESETS as PIPELINES
from core.training.augmentation.pipeline import Pipeline
from core.training.augmentation.sampling import Batch, Drawn, constant, draw
from core.training.augmentation.specs import KINDS, MIXING
from core.training.augmentation.step import Step
from core.training.devices import Device, choose
from core.training.events import Checkpoint, Event, Finished, Progress
from core.training.experiment import Experiment
from core.training.loop import Interrupt, train
from core.training.presets import PRESETS
from core.training.session import Session

POLICIES = ("AutoAugment", "RandAugment", "TrivialAugment")  # picture by picture, as torchvision does them
MOVING = specs.Affine(shift=3, rotate=30, scale=0.2, shear=20)
BUSY: dict[str, Step] = {name: MOVING if name == "Affine" else kind() for name, kind in KINDS.items()}
del BUSY["Normalize"]
STANDIN = {"mnist": "mnist-5k", "cifar10": "cifar10-standin"}
COLOR = Normalization((0.5, 0.4, 0.3), (0.2, 0.25, 0.3))
CNN: Network = (Conv(8, 5), Pool("max", 2), BatchNorm(), Activation(), Flatten(), Dropout(0.2), Linear(10))
SMALL = Experiment(layers=CNN, data="mnist-5k", train_images=600, epochs=2, batch_size=50, learning_rate=0.01)


def small(name: str) -> Experiment:
    """A preset's experiment on few pictures, or for the name of a step the 94 % recipe's with that step alone."""
    experiment = PRESETS[name if name in PRESETS else "cifar-94"].experiment
    if name in BUSY:
        experiment = replace(experiment, augmentation=Pipeline((BUSY[name],)))
    return replace(experiment, data=STANDIN[experiment.data], train_images=600, batch_size=100, epochs=2)


def pictures(n: int = 40, channels: int = 3) -> Tensor:
    """Random pictures in [0, 1], (n, channels, 32, 28)."""
    return torch.rand((n, channels, 32, 28), generator=torch.Generator().manual_seed(7))


# ---------------------------------------------------------------------- the CPU, as it was

# Of 50 pictures of 32 x 28, seed 4, by commit 2b66e18: see `figure`.
DRAWN = {
    "Rotation": 4257.003265380859,
    "Affine": 17047.53780055046,
    "ResizedCrop": 171361.0,
    "PaddedCrop": -240.0,
    "HorizontalFlip": 456.0,
    "VerticalFlip": 456.0,
    "Perspective": -3828.4451816817455,
    "Elastic": 4466.998301386833,
    "ColorJitter": 66703.73240669444,
    "Grayscale": 78.0,
    "Blur": 1218.6601500585675,
    "Noise": 1313704394930.0,
    "Erasing": 205685.0,
    "AutoAugment": 1313704394930.0,
    "RandAugment": 1313704394930.0,
    "TrivialAugment": 1313704394930.0,
    "Mixup": 1313704394930.0,
    "CutMix": 1313704394930.0,
}
# Six steps' batches of 100 digits over two epochs, seed 0, by the same commit. These steps move whole pixels and round
# nothing, so that every machine has the same bytes.
BATCHES = {
    "none": "ec8ff49f37d04771",
    "records": "011cde37cb7f4de5",
    "standard": "9e8a6f271c7b7408",
}


def figure(drawn: Mapping[str, Tensor]) -> float:
    """One number of all that was drawn, and of where it stands."""
    total = 0.0
    for place, name in enumerate(sorted(drawn)):
        numbers = drawn[name].double().flatten()
        total += float((numbers * (torch.arange(len(numbers)) % 97 + 1)).sum()) * (place + 1)
    return total


@pytest.mark.parametrize("name", BUSY)
def test_the_cpu_draws_the_numbers_that_it_always_drew(name: str) -> None:
    drawn = draw(BUSY[name], Batch(50, 32, 28, torch.Generator().manual_seed(4)))
    assert figure(drawn) == pytest.approx(DRAWN[name], rel=1e-6)


@pytest.mark.parametrize("name", BATCHES)
def test_the_cpu_trains_on_the_batches_that_it_always_had(name: str) -> None:
    experiment = replace(small("mnist-mlp"), augmentation=PIPELINES[name])
    session = Session(experiment, choose("cpu", "float32"))
    seen = hashlib.sha256()
    for step in (0, 1, 5, 6, 7, 11):
        session.step = step
        images, labels = session._batch(0.0)
        seen.update(images.contiguous().numpy().tobytes() + labels.numpy().tobytes())
    assert seen.hexdigest()[:16] == BATCHES[name]


# ---------------------------------------------------------------------- the GPU's way, without a GPU


class Elsewhere(Tensor):
    """Pictures that say they are not on the CPU."""

    is_cpu = False


@pytest.mark.parametrize("name", sorted(set(BUSY) - {*POLICIES, "Mixup", "CutMix"}))
def test_the_gpus_way_of_a_step_gives_the_same_pictures(name: str) -> None:
    images, step = pictures(), BUSY[name]
    drawn = draw(step, Batch(40, 32, 28, torch.Generator().manual_seed(3)))
    black = torch.zeros(3, 1, 1)
    there = apply(images.as_subclass(Elsewhere), step, drawn, black)
    assert torch.allclose(there.as_subclass(Tensor), apply(images, step, drawn, black), atol=1e-5)
    assert not torch.allclose(there.as_subclass(Tensor), images, atol=1e-2)


def test_hue_saturation_and_value_become_red_green_and_blue_as_in_torchvision() -> None:
    hsv = _color._rgb_to_hsv(pictures())
    assert torch.allclose(_rgb(hsv), _color._hsv_to_rgb(hsv), atol=1e-5)
    gray = torch.full((1, 3, 2, 2), 0.3)
    assert torch.allclose(_rgb(_color._rgb_to_hsv(gray)), gray)


class Meta(torch.Generator):
    """A generator of a device without numbers."""

    device = torch.device("meta")


class Crossings(TorchDispatchMode):
    """Notes each operation that takes numbers from the CPU to another device, or back."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        taken = {t.device.type for t in tree_leaves((args, kwargs)) if isinstance(t, Tensor) and t.ndim}
        made = {t.device.type for t in tree_leaves(out) if isinstance(t, Tensor)}
        if taken and made and taken != made:
            self.found.append(str(func))
        return out


def _on_meta(experiment: Experiment, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A session on a device whose numbers cannot be read."""
    monkeypatch.setattr(Device, "generator", lambda device, seed: Meta().manual_seed(seed))
    monkeypatch.setattr("core.training.session.autocast", lambda device: nullcontext())
    return Session(replace(experiment, whitening=False, optimizer="muon"), Device("meta", "float32", ""))


@pytest.mark.parametrize("name", [*PRESETS, *sorted(set(BUSY) - {*POLICIES, "Noise"})])
def test_a_step_copies_nothing_and_waits_for_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    session = _on_meta(small(name), monkeypatch)
    session.train_step()  # fills what is kept on the device
    session.step = session.steps_per_epoch  # where the next order is drawn
    with Crossings() as crossings:
        session.train_step()  # int(), tolist(), nonzero() and copies to the CPU raise here
    assert session.order.device.type == "meta"
    assert crossings.found == []


def test_what_would_wait_is_noticed() -> None:
    """The test above can fail: both kinds of waiting are seen on this device."""
    numbers = torch.rand(3, device="meta")
    for wait in (lambda: int(numbers[0]), numbers.tolist, numbers.nonzero, lambda: numbers.to("cpu")):
        with pytest.raises((RuntimeError, NotImplementedError)):
            wait()
    with Crossings() as crossings:
        torch.tensor([1.0, 2.0]).to("meta")
    assert crossings.found == ["aten._to_copy.default"]


def test_constants_are_kept_apart_by_number_format() -> None:
    here = torch.device("cpu")
    assert constant((1.0, 2.0), here) is constant((1.0, 2.0), here)
    assert constant((1, 2), here, torch.int64).dtype == torch.int64
    assert constant((1.0, 2.0), here).dtype == torch.float32


# ---------------------------------------------------------------------- with a GPU


@contextmanager
def _no_waiting() -> Iterator[None]:
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")


@pytest.fixture
def repeatable(monkeypatch: pytest.MonkeyPatch) -> None:
    """cuDNN adds up in one order only: otherwise its fastest ways may round differently from run to run."""
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", True)


def _weights(events: list[Event]) -> dict[str, Tensor]:
    last = [event for event in events if isinstance(event, Checkpoint)][-1]
    return {name: tensor for name, tensor in last.tensors.items() if name.startswith("model.")}


MIXED = replace(
    SMALL,
    optimizer="muon",
    learning_rate=0.1,
    averaging="ema",
    augmentation=Pipeline((MOVING, specs.HorizontalFlip(alternating=True), specs.Noise(), specs.CutMix())),
)


@pytest.mark.cuda
@pytest.mark.parametrize("experiment", [SMALL, MIXED], ids=["adamw", "muon"])
def test_a_gpus_run_equals_itself(experiment: Experiment, repeatable: None) -> None:
    first, second = (_weights(list(train(experiment, "cuda"))) for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.cuda
@pytest.mark.parametrize("experiment", [SMALL, MIXED], ids=["adamw", "muon"])
@pytest.mark.parametrize("stop_step", [5, 12, 17])
def test_a_gpus_resumed_run_equals_the_uninterrupted_one(
    experiment: Experiment, stop_step: int, repeatable: None, tmp_path: Path
) -> None:
    whole = _weights(list(train(experiment, "cuda")))
    events = train(experiment, "cuda")
    for event in events:
        if isinstance(event, Progress) and event.step == stop_step:
            break
    checkpoint = events.throw(Interrupt())
    assert isinstance(checkpoint, Checkpoint)
    checkpoints.save(tmp_path / "checkpoint.safetensors", checkpoint)
    resumed = _weights(list(train(experiment, "cuda", tmp_path / "checkpoint.safetensors")))
    assert all(torch.equal(resumed[name], whole[name]) for name in whole)


@pytest.mark.cuda
@pytest.mark.parametrize("name", [*PRESETS, *sorted(set(BUSY) - {*POLICIES})])
def test_the_gpu_is_not_waited_for_in_a_step(name: str) -> None:
    session = Session(small(name), choose("cuda", "auto"))
    for _ in range(2):
        session.train_step()
    with _no_waiting():
        for _ in range(8):  # the next epoch's order is drawn among them
            session.train_step()
    assert session.order.is_cuda
    assert math.isfinite(float(session.train_step()[0]))


@pytest.mark.cuda
@pytest.mark.parametrize("name", BUSY)
def test_every_step_runs_on_the_gpu_and_keeps_shape_format_and_range(name: str) -> None:
    images = COLOR(pictures(200).mul(255).byte().cuda(), torch.bfloat16)
    labels, pipeline = torch.arange(200, device="cuda") % 10, Pipeline((BUSY[name],))

    def changed(seed: int) -> Tensor:
        generator = torch.Generator("cuda").manual_seed(seed)
        rows = torch.arange(200, device="cuda")
        once = augment(images, pipeline, generator, COLOR, epoch=seed, indices=rows)
        mixed, targets = mix(once, labels, pipeline, generator, 10)
        assert targets.shape == ((200, 10) if isinstance(BUSY[name], MIXING) else (200,))
        return mixed

    once = changed(1)
    assert (once.shape, once.dtype, once.device) == (images.shape, images.dtype, images.device)
    assert torch.equal(once, changed(1))
    assert not torch.equal(once, changed(2))
    mean, std = (torch.tensor(values).cuda().view(-1, 1, 1) for values in (COLOR.mean, COLOR.std))
    shown = once.float() * std + mean
    assert float(shown.min()) > -0.02
    assert float(shown.max()) < 1.02


@pytest.mark.cuda
@pytest.mark.parametrize("name", sorted(set(BUSY) - {*POLICIES, "Noise", "Mixup", "CutMix"}))
def test_the_gpu_does_a_step_as_the_cpu_does(name: str) -> None:
    images, step = pictures(), BUSY[name]
    drawn = draw(step, Batch(40, 32, 28, torch.Generator().manual_seed(3)))
    black = torch.zeros(3, 1, 1)
    there = apply(images.cuda(), step, {key: value.cuda() for key, value in drawn.items()}, black.cuda())
    assert torch.allclose(there.cpu(), apply(images, step, drawn, black), atol=1e-3)


# What each drawn number lies between, for pictures of 32 x 28.
RANGES: dict[str, dict[str, tuple[float, float]]] = {
    "Rotation": {"angle": (-15, 15)},
    "Affine": {"angle": (-30, 30), "dx": (-3, 3), "dy": (-3, 3), "scale": (0.8, 1.2), "shear": (-20, 20)},
    "ResizedCrop": {"top": (0, 31), "left": (0, 27), "height": (1, 32), "width": (1, 28)},
    "PaddedCrop": {"dx": (-4, 4), "dy": (-4, 4)},
    "Elastic": {"displacement": (-1, 1)},
    "ColorJitter": {"order": (0, 3), "brightness": (0.6, 1.4), "hue": (-0.1, 0.1)},
    "Blur": {"sigma": (0.1, 1.5)},
    "Erasing": {"top": (0, 31), "left": (0, 27), "height": (0, 32), "width": (0, 28)},
}


def _within(name: str, generator: torch.Generator) -> Drawn:
    drawn = draw(BUSY[name], Batch(20_000, 32, 28, generator))
    for key, (low, high) in RANGES[name].items():
        numbers = drawn[key].double()
        assert low - 1e-5 <= float(numbers.min()), key
        assert float(numbers.max()) <= high + 1e-5, key
    return drawn


@pytest.mark.parametrize("name", RANGES)
def test_numbers_lie_within_their_range(name: str) -> None:
    _within(name, torch.Generator().manual_seed(5))


@pytest.mark.cuda
@pytest.mark.parametrize("name", RANGES)
def test_the_gpu_draws_from_the_same_distributions(name: str) -> None:
    from scipy.stats import ks_2samp

    here = _within(name, torch.Generator().manual_seed(5))
    there = _within(name, torch.Generator("cuda").manual_seed(5))
    for key in RANGES[name]:
        assert there[key].is_cuda
        a, b = (drawn[key].double().flatten()[:20_000].cpu().numpy() for drawn in (here, there))
        assert ks_2samp(a, b).pvalue > 1e-4, key


@pytest.mark.cuda
def test_the_gpu_learns_with_numbers_of_its_own() -> None:
    *_, last = train(replace(small("cifar-70"), epochs=4), "cuda")
    assert isinstance(last, Finished)
    assert last.test_accuracy > 0.5

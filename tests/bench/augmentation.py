"""What augmentation costs: `python tests/bench/augmentation.py`.

Shift, flip, rotate and scale on 1,000 CIFAR-10 pictures at once, against torchvision.transforms.v2 picture by picture
in a DataLoader without workers; then every step alone. Contenders take turns in one run, so that a busy neighbor slows
both alike; medians. Nothing is held against the DataLoader: its pictures are float32 tensors already, so that none is
decoded, and both have one thread, with which the DataLoader is faster than with two, and the whole batch slower.
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch: see core.training.devices

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core import data
from core.training.augmentation.batch import augment
from core.training.augmentation.pipeline import Pipeline
from core.training.augmentation.specs import KINDS, MIXING, Affine, HorizontalFlip
from core.training.augmentation.torchvision_reference import transform

PICTURES, ROUNDS = 1000, 3
FOUR = Pipeline((Affine(shift=4, rotate=15, scale=0.2), HorizontalFlip(0.5)))


class Pictures(Dataset[Tensor]):
    """(C, H, W) pictures, each transformed when it is asked for."""

    def __init__(self, images: Tensor, change: Callable[[Tensor], Tensor]) -> None:
        self.images, self.change = images, change

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Tensor:
        return self.change(self.images[index])


@dataclass(frozen=True, slots=True)
class Rate:
    """Pictures a second of the clock, and a second of processor time, which a busy neighbor does not take away."""

    images_per_second: float
    images_per_processor_second: float


def measured(act: Callable[[], object], rounds: int) -> list[tuple[float, float]]:
    """Seconds of the clock and of the processor, for each of some rounds after the first."""
    spent = []
    for _ in range(rounds):
        clock, processor = time.perf_counter(), time.process_time()
        act()
        spent.append((time.perf_counter() - clock, time.process_time() - processor))
    return spent


def against_torchvision(images: Tensor, pipeline: Pipeline, rounds: int) -> tuple[Rate, Rate]:
    """On the whole batch, and through a DataLoader."""
    h, w = images.shape[2:]
    loader = DataLoader(Pictures(images, v2.Compose([transform(step, h, w) for step in pipeline.steps])), PICTURES)
    generator = torch.Generator().manual_seed(0)
    whole: list[tuple[float, float]] = []
    single: list[tuple[float, float]] = []
    augment(images, pipeline, generator)
    for _ in range(rounds):
        whole += measured(lambda: augment(images, pipeline, generator), 3)
        single += measured(lambda: list(loader), 1)
    return _rate(whole, len(images)), _rate(single, len(images))


def _rate(spent: list[tuple[float, float]], images: int) -> Rate:
    clock, processor = zip(*spent, strict=True)
    return Rate(images / median(clock), images / median(processor))


def main() -> None:
    """Both tables, as Markdown."""
    dataset = data.load("cifar10")
    images = torch.from_numpy(dataset.train_images[:PICTURES].copy()).float() / 255
    torch.set_num_threads(1)
    print(f"{dataset.info.title}, {PICTURES:,} pictures, torch {torch.__version__}, one thread each, medians\n")
    print("| steps | whole batch, images/s | picture by picture, images/s | times faster | in processor time |")
    print("| --- | ---: | ---: | ---: | ---: |")
    named = {"shift, flip, rotate, scale": FOUR}
    for name, kind in KINDS.items():
        named[name] = Pipeline((Affine(4, 15, 0.2, 10) if kind is Affine else kind(),))
    for name, pipeline in named.items():
        if isinstance(pipeline.steps[0], MIXING):
            continue
        whole, single = against_torchvision(images, pipeline, ROUNDS if pipeline is FOUR else 1)
        faster = whole.images_per_second / single.images_per_second
        cheaper = whole.images_per_processor_second / single.images_per_processor_second
        rates = f"{whole.images_per_second:,.0f} | {single.images_per_second:,.0f}"
        print(f"| {name} | {rates} | {faster:.1f} | {cheaper:.1f} |", flush=True)


if __name__ == "__main__":
    main()

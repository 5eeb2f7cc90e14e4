"""What augmentation costs: `python tests/bench/augmentation.py`.

Shift, flip, rotate and scale on 1,000 CIFAR-10 pictures at once, against torchvision.transforms.v2 picture by picture
in a DataLoader without workers; then every step alone. Contenders take turns in one run, so that a busy neighbor slows
both alike; medians. Nothing is held against the DataLoader: its pictures are float32 tensors already, so that none is
decoded, and it has one thread, with which it is faster than with two, which wait for each other at every small tensor.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch: see core.training.devices

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core import data
from core.training.augmentation import augment
from core.training.pipeline import Pipeline
from core.training.steps import KINDS, MIXING, Affine, HorizontalFlip
from core.training.vision import transform

PICTURES, ROUNDS = 1000, 7
FOUR = Pipeline((Affine(shift=4, rotate=15, scale=0.2), HorizontalFlip(0.5)))


class Pictures(Dataset[Tensor]):
    """(C, H, W) pictures, each transformed when it is asked for."""

    def __init__(self, images: Tensor, change: Callable[[Tensor], Tensor]) -> None:
        self.images, self.change = images, change

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Tensor:
        return self.change(self.images[index])


def against_torchvision(images: Tensor, pipeline: Pipeline, rounds: int) -> tuple[float, float]:
    """Images a second: on the whole batch, and through a DataLoader."""
    h, w = images.shape[2:]
    loader = DataLoader(Pictures(images, v2.Compose([transform(step, h, w) for step in pipeline.steps])), PICTURES)
    whole, single, threads = [], [], torch.get_num_threads()
    for turn in range(rounds + 1):
        torch.set_num_threads(threads)
        began = time.perf_counter()
        augment(images, pipeline, torch.Generator().manual_seed(turn))
        torch.set_num_threads(1)
        between = time.perf_counter()
        for _ in loader:
            pass
        if turn:
            whole.append(between - began)
            single.append(time.perf_counter() - between)
    torch.set_num_threads(threads)
    return len(images) / median(whole), len(images) / median(single)


def main() -> None:
    """Both tables, as Markdown."""
    dataset = data.load("cifar10")
    images = torch.from_numpy(dataset.train_images[:PICTURES].copy()).float() / 255
    threads = torch.get_num_threads()
    print(f"{dataset.info.title}, {PICTURES:,} pictures, torch {torch.__version__}, {threads} threads, medians\n")
    print("| steps | whole batch, images/s | picture by picture, images/s | times faster |")
    print("| --- | ---: | ---: | ---: |")
    named = {"shift, flip, rotate, scale": FOUR}
    named |= {
        name: Pipeline((kind() if kind is not Affine else Affine(4, 15, 0.2, 10),)) for name, kind in KINDS.items()
    }
    for name, pipeline in named.items():
        if isinstance(pipeline.steps[0], MIXING):
            continue
        whole, single = against_torchvision(images, pipeline, ROUNDS if pipeline is FOUR else 3)
        print(f"| {name} | {whole:,.0f} | {single:,.0f} | {whole / single:.1f} |", flush=True)


if __name__ == "__main__":
    main()

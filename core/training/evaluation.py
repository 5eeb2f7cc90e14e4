"""Asking a network: its probabilities, and how well it does on a split. Averages over views where the recipe does."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.training.devices import Device

EVALUATION_BATCH = 250  # small enough that a layer's output stays in the processor's cache


@dataclass(frozen=True, slots=True)
class Score:
    """How well a network does on labeled pictures."""

    loss: float  # mean cross-entropy, in nats
    accuracy: float
    per_class: tuple[float | None, ...]  # the accuracy on each class's pictures; None for a class without any


def autocast(device: Device) -> torch.autocast:
    """The device's number format for the forward pass; weights stay float32."""
    return torch.autocast(device.name, dtype=device.dtype, enabled=device.precision != "float32")


def views(images: Tensor, test_time: str) -> Iterator[tuple[Tensor, float]]:
    """The views of (N, C, H, W) that are asked for an answer, and the weight of each; the weights add up to 1.

    "mirror": the picture and its mirror image. "mirror+shift": these two, and both again moved by a pixel to the upper
    left and the lower right with reflected borders, which weigh half (as in the CIFAR-10 speed records).
    """
    if test_time == "none":
        yield images, 1.0
    elif test_time == "mirror":
        yield images, 0.5
        yield images.flip(-1), 0.5
    else:
        height, width = images.shape[-2:]
        padded = functional.pad(images, (1, 1, 1, 1), mode="reflect")
        moved = (padded[..., :height, :width], padded[..., 2 : height + 2, 2 : width + 2])
        for view, weight in ((images, 0.25), *((shifted, 0.125) for shifted in moved)):
            yield view, weight
            yield view.flip(-1), weight


def logits(network: nn.Module, images: Tensor, device: Device, test_time: str = "none") -> Tensor:
    """The network's answers before the softmax, (N, classes) float32: the mean over the views."""
    answers: list[Tensor] = []
    with autocast(device):
        for view, weight in views(images, test_time):
            shown = view.contiguous(memory_format=torch.channels_last)
            answers.append(network(shown).float() * weight)
    return torch.stack(answers).sum(dim=0) if len(answers) > 1 else answers[0]


def predict(network: nn.Module, images: Tensor, device: Device, test_time: str = "none") -> Tensor:
    """The network's probabilities, (N, classes) float32 on the CPU, for normalized pictures (N, C, H, W)."""
    network.eval()
    with torch.inference_mode():
        found = torch.cat([logits(network, batch, device, test_time) for batch in images.split(EVALUATION_BATCH)])
    return found.softmax(dim=1).cpu()


def score(
    network: nn.Module, images: Tensor, labels: Tensor, classes: int, device: Device, test_time: str = "none"
) -> Score:
    """Loss and accuracy over all of `images` (N, C, H, W), normalized, with `labels` (N,)."""
    network.eval()
    loss = torch.zeros((), device=device.name)
    right = torch.zeros(classes, device=device.name, dtype=torch.int64)
    with torch.inference_mode():
        batches = zip(images.split(EVALUATION_BATCH), labels.split(EVALUATION_BATCH), strict=True)
        for pictures, truth in batches:
            answers = logits(network, pictures, device, test_time)
            loss += functional.cross_entropy(answers, truth, reduction="sum")
            right += torch.bincount(truth[answers.argmax(dim=1) == truth], minlength=classes)
        there = torch.bincount(labels, minlength=classes)
    hits, counts = right.tolist(), there.tolist()
    per_class = tuple(hit / count if count else None for hit, count in zip(hits, counts, strict=True))
    return Score(float(loss) / len(labels), sum(hits) / len(labels), per_class)

"""Evaluate a network: its class probabilities, loss and accuracy, optionally averaged over views of each picture."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.training import objective
from core.training.devices import Device

EVALUATION_BATCH = 250  # small enough that a layer's output stays in the processor's cache
GPU_BATCH = 2000


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """A network's loss and accuracy on labeled pictures, averaged over the requested views and with each one alone."""

    loss: float  # mean cross-entropy, in nats; of capsules the margin loss
    accuracy: float
    one_view_loss: float
    one_view_accuracy: float
    per_class: tuple[float | None, ...]  # the accuracy on each class's pictures; None for a class without any
    probabilities: Tensor  # (N, classes) float32 on the CPU, averaged over the views


def autocast(device: Device) -> torch.autocast:
    """Return the context of a forward pass in the device's number format; weights stay float32."""
    return torch.autocast(device.name, dtype=device.dtype, enabled=device.precision != "float32")


def views(images: Tensor, test_time: str) -> Iterator[tuple[Tensor, float]]:
    """Yield the views of (N, C, H, W) that are averaged at test time, each with its weight; the weights sum to 1.

    The unchanged picture comes first. "mirror": the picture and its mirror image. "mirror+shift": these two, and both
    again shifted by a pixel to the upper left and the lower right with reflected borders, at half the weight (as in the
    CIFAR-10 speed records).
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


def logits(network: nn.Module, images: Tensor, device: Device, test_time: str = "none") -> tuple[Tensor, Tensor]:
    """Return the network's logits or lengths, (N, classes) float32: averaged, and of the picture alone."""
    alone: Tensor | None = None
    with autocast(device):
        for view, weight in views(images, test_time):
            output = network(view.contiguous(memory_format=torch.channels_last)).float()
            if alone is None:
                alone, mean = output, output * weight
            else:
                mean += output * weight
    assert alone is not None, "there is at least one view"
    return mean, alone


def batch_size(device: Device) -> int:
    """Return how many pictures are evaluated at once on a device."""
    return EVALUATION_BATCH if device.name == "cpu" else GPU_BATCH


def predict(network: nn.Module, images: Tensor, device: Device, test_time: str = "none") -> Tensor:
    """Return the network's probabilities, (N, classes) float32 on the CPU, for normalized pictures (N, C, H, W)."""
    network.eval()
    with torch.inference_mode():
        found = torch.cat([logits(network, batch, device, test_time)[0] for batch in images.split(batch_size(device))])
    return objective.probabilities(network, found).cpu()


def reconstruct(network: nn.Sequential, images: Tensor, device: Device) -> Tensor | None:
    """Return pictures as a capsule network's decoder redraws them, each from its longest capsule.

    Args:
        network: The network.
        images: (N, C, H, W), normalized.
        device: Where the network is.

    Returns:
        (N, C, H, W) float32 on the CPU, from 0 to 1; None if the network has no decoder.
    """
    decoder = objective.decoder(network)
    if decoder is None:
        return None
    network.eval()
    with torch.inference_mode(), autocast(device):
        capsules = network[:-1](images.contiguous(memory_format=torch.channels_last))
        longest = network[-1](capsules).argmax(dim=1)
        return decoder.pictures(capsules, longest).reshape(images.shape).cpu()


class Evaluation:
    """An evaluation in progress: iterate over it to evaluate one batch at a time, then read `score`."""

    def __init__(
        self,
        network: nn.Module,
        images: Tensor,
        labels: Tensor,
        normalized: Callable[[Tensor], Tensor],
        classes: int,
        device: Device,
        test_time: str = "none",
    ) -> None:
        """Evaluate nothing yet.

        Args:
            network: The network.
            images: (N, C, H, W) uint8.
            labels: (N,).
            normalized: Prepares a batch of pictures for the network.
            classes: How many classes there are.
            device: Where the network is.
            test_time: Which views are averaged, as for `views`.
        """
        self._network, self._device, self._test_time = network, device, test_time
        self._images, self._labels, self._normalized, self._classes = images, labels, normalized, classes
        self._outputs: list[tuple[Tensor, Tensor]] = []  # averaged, and of the picture alone

    def __iter__(self) -> Iterator[float]:
        """Evaluate one batch at a time, and yield the fraction that is done."""
        self._network.eval()
        done = 0
        for pictures in self._images.split(batch_size(self._device)):
            with torch.inference_mode():
                ready = self._normalized(pictures)
                self._outputs.append(logits(self._network, ready, self._device, self._test_time))
            done += len(pictures)
            yield done / len(self._images)

    @property
    def score(self) -> Score:
        """The score, once all batches are done."""
        averaged, alone = (torch.cat([pair[which] for pair in self._outputs]) for which in (0, 1))
        labels, classes = self._labels, self._classes
        hits = torch.bincount(labels[averaged.argmax(dim=1) == labels], minlength=classes).tolist()
        counts = torch.bincount(labels, minlength=classes).tolist()
        return Score(
            loss=float(objective.loss(self._network, averaged, labels)),
            accuracy=sum(hits) / len(labels),
            one_view_loss=float(objective.loss(self._network, alone, labels)),
            one_view_accuracy=int((alone.argmax(dim=1) == labels).sum()) / len(labels),
            per_class=tuple(hit / count if count else None for hit, count in zip(hits, counts, strict=True)),
            probabilities=objective.probabilities(self._network, averaged).cpu(),
        )

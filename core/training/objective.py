"""What a network is trained for, and what its outputs mean: cross-entropy of logits, or the margin loss of capsules."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.nets.capsule import CapsuleDecoder, CapsuleLengths, margin_loss, reconstruction_loss
from core.training.augmentation.normalization import Normalization


def ends_in_lengths(network: nn.Module) -> bool:
    """Return whether a network's outputs are lengths of capsules, not logits."""
    return isinstance(network, nn.Sequential) and len(network) > 0 and isinstance(network[-1], CapsuleLengths)


def decoder(network: nn.Module) -> CapsuleDecoder | None:
    """Return the decoder of a capsule network, which stands before its lengths; None where it has none."""
    before = network[-2] if isinstance(network, nn.Sequential) and len(network) > 1 else None
    return before if ends_in_lengths(network) and isinstance(before, CapsuleDecoder) else None


def probabilities(network: nn.Module, outputs: Tensor) -> Tensor:
    """Return the network's estimates (N, classes), from 0 to 1, for its outputs.

    A softmax of logits sums to 1 over the classes; the lengths of capsules stand for themselves and do not.
    """
    return outputs if ends_in_lengths(network) else outputs.softmax(dim=1)


def loss(network: nn.Module, outputs: Tensor, targets: Tensor, label_smoothing: float = 0.0) -> Tensor:
    """Return the mean loss of outputs, without a reconstruction.

    Args:
        network: The network; its last layer tells which loss it is.
        outputs: (N, classes) float32.
        targets: Labels (N,), or parts of each class (N, classes).
        label_smoothing: How much of the target is spread over all classes.
    """
    if not ends_in_lengths(network):
        return functional.cross_entropy(outputs, targets, label_smoothing=label_smoothing)
    classes = outputs.shape[1]
    parts = functional.one_hot(targets, classes).to(outputs.dtype) if targets.ndim == 1 else targets
    return margin_loss(outputs, parts * (1 - label_smoothing) + label_smoothing / classes)


@torch.no_grad()
def right(outputs: Tensor, targets: Tensor) -> Tensor:
    """Return how many predictions (N, classes) are right; with mixed labels, the sum of the predicted parts."""
    answers = outputs.argmax(dim=1)
    if targets.ndim == 1:
        return (answers == targets).sum().float()
    return targets.gather(1, answers.unsqueeze(1)).sum()


class Objective:
    """The loss of a network's training step.

    `trunk` is the part of the network to run, and `finish` turns its output into the network's outputs and the loss.
    """

    def __init__(self, network: nn.Sequential, normalization: Normalization, label_smoothing: float) -> None:
        """Prepare for a network, whose modules are shared.

        Args:
            network: Up to its logits.
            normalization: That of its pictures: a decoder draws them as they were before.
            label_smoothing: As for `loss`.
        """
        self.network, self.normalization, self.label_smoothing = network, normalization, label_smoothing
        self.decoder = decoder(network)
        self.trunk: nn.Sequential = network[:-1] if self.decoder is not None else network

    def finish(self, output: Tensor, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Return the network's outputs (N, classes) float32, and the mean loss.

        Args:
            output: The trunk's output.
            images: (N, C, H, W), normalized.
            targets: As for `loss`.
        """
        if self.decoder is None:
            outputs = output.float()
            return outputs, loss(self.network, outputs, targets, self.label_smoothing)
        outputs = self.network[-1](output)
        shown = targets if targets.ndim == 1 else targets.argmax(dim=1)
        drawn = self.decoder.pictures(output, shown)
        wanted = self.normalization.pixels(images).flatten(1)
        return outputs, loss(self.network, outputs, targets, self.label_smoothing) + reconstruction_loss(drawn, wanted)

"""Capsule layers as torch modules: vectors whose length tells that a part is there, and whose direction tells how.

Sabour, Frosst and Hinton, "Dynamic routing between capsules", 2017. A layer of capsules puts out (N, capsules,
dimensions). The prediction of each capsule for each capsule of the next layer is never stored: sums and agreements of
predictions are matrix products of the poses with the weights, which takes half the memory and less time.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.layers.margin_loss import ABSENT, ABSENT_WEIGHT, PRESENT
from core.layers.specs import Size

EPSILON = 1e-12  # inside the root of a length, whose gradient at 0 would be infinite
INITIAL_DEVIATION = 0.05  # of a transformation's weights
RECONSTRUCTION_WEIGHT = 0.0005  # of the squared error, summed over the pixels


def squash(vectors: Tensor) -> Tensor:
    """Shorten vectors to a length below 1 and keep their directions: v = |s|^2 / (1 + |s|^2) * s / |s|.

    Args:
        vectors: (..., dimensions). Those of a short number format are squashed, and returned, as float32.

    Returns:
        The same shape. A vector of length 1 becomes 0.5 long, one of length 3 becomes 0.9 long, and 0 stays 0.

    Examples:
        >>> squash(torch.tensor([[3.0, 0.0], [0.0, 0.0]]))
        tensor([[0.9000, 0.0000],
                [0.0000, 0.0000]])
    """
    if vectors.dtype in (torch.bfloat16, torch.float16):
        vectors = vectors.float()
    square = vectors.square().sum(dim=-1, keepdim=True)
    return vectors * (square / (1 + square) * torch.rsqrt(square + EPSILON))


def lengths(vectors: Tensor) -> Tensor:
    """Return the lengths (...) of vectors (..., dimensions), with a finite gradient at 0."""
    long: Tensor = vectors.float() if vectors.dtype in (torch.bfloat16, torch.float16) else vectors
    return long.square().sum(dim=-1).add(EPSILON).sqrt()


def route(poses: Tensor, weights: Tensor, iterations: int = 3, *, through: bool = False) -> tuple[Tensor, Tensor]:
    """Route capsules to the next layer's by agreement.

    Capsule i predicts capsule j as its pose times W_ij. Each iteration takes the sums of the predictions, weighted by
    the coupling coefficients and squashed, and raises the logits of those that agree with their sum. The coefficients
    are a softmax of the logits over the next layer's capsules: what one capsule gives away sums to 1.

    Args:
        poses: (N, I, D), one layer's capsules.
        weights: (J, I, D, E), or (J, 1, D, E) if all capsules share the transformations.
        iterations: How often the coefficients are computed; with 0 or 1 all of them are 1 / J.
        through: Let gradients flow through the iterations before the last, as the authors' code does. Otherwise the
            coefficients are constants.

    Returns:
        The next layer's capsules (N, J, E), and the coefficients of the last iteration (N, I, J).
    """
    parts = _autocast(poses).transpose(1, 2).contiguous()  # (N, D, I): capsules last, along which sums are fast
    matrices = _autocast(weights).transpose(1, 2)  # (J, D, I, E)
    logits = poses.new_zeros(weights.shape[0], *poses.shape[:2])  # (J, N, I)
    coefficients: Tensor | None = None  # all are the same
    with torch.set_grad_enabled(through and torch.is_grad_enabled()):
        for _ in range(iterations - 1):
            vectors = squash(_sums(coefficients, parts, matrices))
            logits = logits + _agreements(vectors.to(parts.dtype), parts, matrices)
            coefficients = logits.softmax(dim=0)
    vectors = squash(_sums(coefficients, parts, matrices))
    return vectors.transpose(0, 1), logits.softmax(dim=0).permute(1, 2, 0)


def _autocast(values: Tensor) -> Tensor:
    """Return values in the number format that autocast gives to matrix products here, if it is on."""
    kind = values.device.type
    if not torch.amp.is_autocast_available(kind) or not torch.is_autocast_enabled(kind):
        return values
    return values.to(torch.get_autocast_dtype(kind))


def _sums(coefficients: Tensor | None, parts: Tensor, matrices: Tensor) -> Tensor:
    """Return the weighted sums of all predictions, (J, N, E), for coefficients (J, N, I); None: all are 1 / J."""
    shared = matrices.shape[2] == 1
    if coefficients is None:
        given = parts.sum(dim=2) if shared else parts.flatten(1)  # (N, D), or (N, D * I)
        return (given @ matrices.flatten(1, 2)) / len(matrices)
    weighted = coefficients.to(parts.dtype).unsqueeze(2) * parts  # (J, N, D, I)
    return (weighted.sum(dim=3) if shared else weighted.flatten(2)) @ matrices.flatten(1, 2)


def _agreements(vectors: Tensor, parts: Tensor, matrices: Tensor) -> Tensor:
    """Return the dot products of all predictions with the capsules (J, N, E) that they predict: (J, N, I)."""
    back = vectors @ matrices.flatten(1, 2).transpose(1, 2)  # (J, N, D * I), or (J, N, D) if shared
    agreements: Tensor = (back.unflatten(2, (-1, matrices.shape[2])) * parts).sum(dim=2)
    return agreements


class PrimaryCapsules(nn.Conv2d):
    """A convolution whose planes are read as vectors: (N, C, H, W) -> (N, types * H' * W', dimensions), squashed.

    The planes of a type are neighbors, as in (types, dimensions, H', W'); capsules are ordered by type, row, column.
    """

    def __init__(self, channels: int, types: int, dimensions: int, kernel: Size, stride: Size, padding: Size) -> None:
        """Create the layer, with torch's own random weights.

        Args:
            channels: Planes of the input.
            types: Kinds of capsules; each is there once at every position.
            dimensions: Numbers of a capsule.
            kernel: Filter size.
            stride: Step between filter positions.
            padding: Zeros around the input.
        """
        super().__init__(channels, types * dimensions, kernel, stride, padding)
        self.dimensions = dimensions

    def forward(self, planes: Tensor) -> Tensor:
        """Return the capsules."""
        return self.read(super().forward(planes))

    def read(self, planes: Tensor) -> Tensor:
        """Return the capsules of the convolution's own planes."""
        vectors = planes.unflatten(1, (-1, self.dimensions))  # (N, types, dimensions, H', W')
        return squash(vectors.movedim(2, -1).flatten(1, 3))


class RoutedCapsules(nn.Module):
    """Capsules that are found by routing from those of the layer before: (N, I, D) -> (N, J, E)."""

    def __init__(
        self,
        inputs: tuple[int, ...],
        capsules: int,
        dimensions: int,
        iterations: int = 3,
        through: bool = False,
        shared: bool = False,
    ) -> None:
        """Create the layer with normally distributed weights.

        Args:
            inputs: (I, D), the capsules and dimensions of the layer before.
            capsules: J.
            dimensions: E.
            iterations: As for `route`.
            through: As for `route`.
            shared: One transformation for each of the J capsules, whichever capsule predicts (Gu and Tresp 2019).
        """
        super().__init__()
        self.iterations, self.through = iterations, through
        count, size = inputs
        self.weight = nn.Parameter(torch.randn(capsules, 1 if shared else count, size, dimensions) * INITIAL_DEVIATION)

    def forward(self, poses: Tensor) -> Tensor:
        """Return the capsules."""
        return self.routed(poses)[0]

    def routed(self, poses: Tensor, iterations: int | None = None) -> tuple[Tensor, Tensor]:
        """Return the capsules (N, J, E) and the coupling coefficients (N, I, J), optionally of other iterations."""
        return route(poses, self.weight, self.iterations if iterations is None else iterations, through=self.through)

    def extra_repr(self) -> str:
        """Return the arguments for the module's repr."""
        count, inputs, size, dimensions = self.weight.shape
        return f"({inputs}, {size}), {count}, {dimensions}, iterations={self.iterations}"


class CapsuleLengths(nn.Module):
    """The length of each capsule, its estimate that the class is there: (N, J, E) -> (N, J)."""

    def forward(self, vectors: Tensor) -> Tensor:
        """Return the lengths."""
        return lengths(vectors)


class CapsuleDecoder(nn.Module):
    """A decoder that redraws the picture from one capsule. The network itself passes through it unchanged.

    Training has it draw the true class's capsule, so that a capsule's numbers must describe what is shown.
    """

    def __init__(self, inputs: tuple[int, ...], first: int, second: int, pixels: int) -> None:
        """Create the decoder.

        Args:
            inputs: (J, E), the capsules and dimensions of the layer before.
            first: Units of the first hidden layer.
            second: Units of the second one.
            pixels: C * H * W of the picture.
        """
        super().__init__()
        count, size = inputs
        self.layers = nn.Sequential(
            nn.Linear(count * size, first),
            nn.ReLU(),
            nn.Linear(first, second),
            nn.ReLU(),
            nn.Linear(second, pixels),
        )

    def forward(self, vectors: Tensor) -> Tensor:
        """Return the capsules as they are."""
        return vectors

    def pictures(self, vectors: Tensor, classes: Tensor) -> Tensor:
        """Redraw pictures from one capsule each.

        Args:
            vectors: (N, J, E).
            classes: (N,), the capsule that is kept; all others are set to 0.

        Returns:
            (N, pixels) float32, from 0 to 1.
        """
        mask = functional.one_hot(classes, vectors.shape[1]).to(vectors.dtype)
        return torch.sigmoid(self.layers((vectors * mask.unsqueeze(-1)).flatten(1)).float())


def margin_loss(lengths: Tensor, targets: Tensor) -> Tensor:
    """Return the margin loss, summed over classes, mean over the batch.

    A class that is shown costs max(0, 0.9 - length)^2, one that is not 0.5 max(0, length - 0.1)^2.

    Args:
        lengths: (N, classes).
        targets: (N, classes), from 0 to 1; several classes may be shown.

    Examples:
        >>> margin_loss(torch.tensor([[0.5, 0.5]]), torch.tensor([[1.0, 0.0]]))
        tensor(0.2400)
    """
    shown = (PRESENT - lengths).clamp(min=0).square()
    absent = (lengths - ABSENT).clamp(min=0).square()
    return (targets * shown + ABSENT_WEIGHT * (1 - targets) * absent).sum(dim=1).mean()


def reconstruction_loss(drawn: Tensor, pictures: Tensor) -> Tensor:
    """Return the squared error of redrawn pictures (N, pixels), summed over the pixels, mean over the batch, weighted.

    Args:
        drawn: From 0 to 1.
        pictures: What they should be, from 0 to 1.
    """
    return RECONSTRUCTION_WEIGHT * (drawn - pictures).square().sum(dim=1).mean()

"""Muon: momentum with orthogonalized steps for matrices and filters, Nesterov's SGD for everything else.

K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks" (2024), with the renormalized weights and
the coefficients of the CIFAR-10 speed record (airbench94_muon).
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from core.training.eager_optimizers import EagerOptimizer

COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # of the polynomial that drives singular values toward 1 fastest from 0
ITERATIONS = 3  # of Newton and Schulz's iteration: singular values end between about 0.7 and 1.2, which is near enough
EPSILON = 1e-7


def orthogonalized(matrix: Tensor, rounds: int = ITERATIONS) -> Tensor:
    """Return approximately the orthogonal matrix nearest to `matrix` (m, n): every singular value near 1.

    Newton and Schulz's iteration X <- (a + b X X^T + c (X X^T)^2) X needs only products of matrices and no
    decomposition. All its factors are polynomials of one matrix, X X^T: they are multiplied among themselves, on the
    smaller side and in float32 at least, and with X once, at the end. The result has the number format of `matrix`.
    """
    a, b, c = COEFFICIENTS
    x: Tensor = matrix / (matrix.norm() + EPSILON)  # the largest singular value is at most 1
    upright = x.shape[0] > x.shape[1]
    if upright:
        x = x.mT
    gram = (x @ x.mT).to(torch.promote_types(x.dtype, torch.float32))  # (m, m)
    factors: Tensor | None = None
    for round_ in range(rounds):
        factor = torch.addmm(gram, gram, gram, beta=b, alpha=c)
        factor.diagonal().add_(a)
        factors = factor if factors is None else factor @ factors
        if round_ < rounds - 1:
            gram = factor @ gram @ factor
    if factors is not None:
        x = factors.to(x.dtype) @ x
    return x.mT if upright else x


def as_matrix(weight: Tensor) -> Tensor:
    """Return a layer's weight as a matrix with a row for each filter or unit: (K, C, F, F) -> (K, F * F * C).

    A channels_last weight is not copied.
    """
    return weight.permute(0, 2, 3, 1).reshape(len(weight), -1) if weight.ndim == 4 else weight.reshape(len(weight), -1)


def as_weight(matrix: Tensor, like: Tensor) -> Tensor:
    """Undo `as_matrix`."""
    if like.ndim != 4:
        return matrix.reshape(like.shape)
    k, c, h, w = like.shape
    return matrix.reshape(k, h, w, c).permute(0, 3, 1, 2)


class Muon(EagerOptimizer):
    """Muon for parameter groups with "orthogonal": True, Nesterov's SGD for the others.

    A weight that Muon updates is first scaled to the length sqrt(K) of a matrix with K rows of length 1, so that steps
    of one length turn it by the same angle throughout training.
    """

    def __init__(self, groups: list[dict[str, Any]], dtype: torch.dtype = torch.float32) -> None:
        """Take the groups: each has params, lr, momentum and orthogonal; those of Nesterov's also weight_decay.

        Args:
            groups: The parameter groups.
            dtype: The number format of the iteration: bf16 is precise enough where it is faster.
        """
        super().__init__(groups, {"orthogonal": False, "momentum": 0.0, "weight_decay": 0.0})
        self.dtype = dtype

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """Update every parameter that has a gradient."""
        assert closure is None, "the loop computes the gradients"
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                gradient = weight.grad
                if group["weight_decay"]:
                    gradient = gradient.add(weight, alpha=group["weight_decay"])
                state = self.state[weight]
                if "momentum_buffer" not in state:
                    state["momentum_buffer"] = torch.zeros_like(weight)
                buffer = state["momentum_buffer"]
                buffer.mul_(group["momentum"]).add_(gradient)
                ahead = gradient.add(buffer, alpha=group["momentum"])  # Nesterov's look ahead
                if group["orthogonal"]:
                    weight.mul_(len(weight) ** 0.5 / (weight.norm() + EPSILON))
                    turned = orthogonalized(as_matrix(ahead).to(self.dtype)).to(weight.dtype)
                    ahead = as_weight(turned, weight)
                weight.add_(ahead, alpha=-group["lr"])

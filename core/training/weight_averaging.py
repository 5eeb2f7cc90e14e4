"""Average the weights over the steps, which often classifies better than the last weights do.

"ema": the exponential moving average (Polyak & Juditsky 1992). "lookahead": the weights step ahead, and every few steps
both they and the average meet in between (Zhang, Lucas, Hinton & Ba 2019, with the schedule of the CIFAR-10 records).
"""

import copy

import torch
from torch import nn

LOOKAHEAD_STEPS = 5


class Average:
    """The averaged network beside the one that trains; batch norm's running statistics are averaged with it."""

    def __init__(self, kind: str, decay: float, network: nn.Module) -> None:
        """Start the average at the network's weights.

        Args:
            kind: "ema" or "lookahead".
            decay: How much of the average one step keeps.
            network: The network that trains.
        """
        self.kind, self.decay = kind, decay
        self.network = copy.deepcopy(network).requires_grad_(False)

    @torch.no_grad()
    def update(self, network: nn.Module, step: int, done: float) -> None:
        """Take in the weights after step number `step` (from 1), with the fraction `done` of the run behind it."""
        if self.kind == "ema":
            # young averages forget faster, or they would remember their random beginning
            self._toward(network, 1 - min(self.decay, (1 + step) / (10 + step)))
        elif step % LOOKAHEAD_STEPS == 0 or done >= 1:
            self._toward(network, 1 - self.decay**LOOKAHEAD_STEPS * done**3 if done < 1 else 0.0)
            network.load_state_dict(self.network.state_dict())

    def _toward(self, network: nn.Module, share: float) -> None:
        """Move the average by `share` of the way to `network`."""
        current = network.state_dict()
        for name, mean in self.network.state_dict().items():
            if mean.is_floating_point():
                mean.lerp_(current[name], share)
            else:  # how many batches were seen
                mean.copy_(current[name])

"""Build optimizers by name."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from core.training import eager_optimizers
from core.training.experiment import Experiment
from core.training.initialization import head
from core.training.muon import Muon

Group = dict[str, Any]


def optimizer(experiment: Experiment, network: nn.Module, dtype: torch.dtype = torch.float32) -> torch.optim.Optimizer:
    """Return the experiment's optimizer over the network's parameters.

    Weight decay applies to matrices and filters alone: biases and batch norm's scales cannot overfit. Each group has a
    "multiple", the factor on the experiment's learning rate.

    Args:
        experiment: Its settings.
        network: Its parameters.
        dtype: The number format of Muon's iteration.
    """
    if experiment.optimizer == "muon":
        return Muon(_muon_groups(experiment, network), dtype)
    groups = _groups(experiment, network)
    rate = experiment.learning_rate
    match experiment.optimizer:
        case "adamw" | "adam":
            # Adam's own weight decay is a penalty in the gradient; AdamW's shrinks the weight itself.
            kind = eager_optimizers.AdamW if experiment.optimizer == "adamw" else eager_optimizers.Adam
            return kind(groups, lr=rate, betas=(experiment.momentum, experiment.beta2), fused=True)
        case "sgd" | "nesterov":
            nesterov = experiment.optimizer == "nesterov" and experiment.momentum > 0
            return eager_optimizers.SGD(groups, lr=rate, momentum=experiment.momentum, nesterov=nesterov, fused=True)
        case "adadelta":
            return eager_optimizers.Adadelta(groups, lr=rate)
        case name:
            raise ValueError(f"no optimizer {name!r}")


def kept_tensors(optimizer: torch.optim.Optimizer) -> list[dict[str, bool]]:
    """Return the state that the optimizer keeps of each parameter: names, and whether of the parameter's shape."""
    twins = [
        group | {"params": [nn.Parameter(torch.zeros([1] * p.ndim, device=p.device)) for p in group["params"]]}
        for group in optimizer.param_groups
    ]
    twin: torch.optim.Optimizer = type(optimizer)(twins)  # type: ignore[call-arg]  # all of ours have defaults
    for parameter in (parameters := [p for group in twin.param_groups for p in group["params"]]):
        parameter.grad = torch.zeros_like(parameter)
    twin.step()
    return [
        {name: t.ndim > 0 for name, t in twin.state[parameter].items() if isinstance(t, torch.Tensor)}
        for parameter in parameters
    ]


def _groups(experiment: Experiment, network: nn.Module) -> list[Group]:
    """Return groups of matrices and filters, and of the rest; the head has its own if it is scaled."""
    last = {id(p) for p in head(network)} if experiment.head_scale != 1 else set()
    learned = [p for p in network.parameters() if p.requires_grad]
    groups = _decayed([p for p in learned if id(p) not in last], experiment.weight_decay, 1.0)
    if last:
        # A layer whose answers are multiplied by s moves as one with s times the weights and s^2 times the rate under
        # SGD, whose steps are as long as the gradients, and s times the rate where steps have a length of their own.
        scale = experiment.head_scale ** (2 if experiment.optimizer in ("sgd", "nesterov") else 1)
        groups += _decayed([p for p in learned if id(p) in last], experiment.weight_decay / scale, scale)
    return groups


def _decayed(parameters: Iterable[nn.Parameter], decay: float, multiple: float) -> list[Group]:
    parameters = list(parameters)
    groups: list[Group] = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": decay, "multiple": multiple},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0, "multiple": multiple},
    ]
    return [group for group in groups if group["params"]]


def _muon_groups(experiment: Experiment, network: nn.Module) -> list[Group]:
    """Return Muon's group, filters and matrices but the last layer's, and Nesterov's, everything else."""
    last = {id(p) for p in head(network)}
    learned = [p for p in network.parameters() if p.requires_grad]
    hidden = [p for p in learned if p.ndim > 1 and id(p) not in last]
    rest = [p for p in learned if p.ndim <= 1 and id(p) not in last]
    nesterov = {"momentum": experiment.rest_momentum}
    groups: list[Group] = [
        {"params": hidden, "momentum": experiment.momentum, "orthogonal": True, "multiple": 1.0},
        {"params": rest, "multiple": experiment.non_matrix_lr_factor, **nesterov},
        *(
            group | nesterov
            for group in _decayed(
                [p for p in learned if id(p) in last], experiment.weight_decay, experiment.head_lr_factor
            )
        ),
    ]
    return [group | {"lr": experiment.learning_rate * group["multiple"]} for group in groups if group["params"]]

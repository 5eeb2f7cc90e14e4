"""Optimizers by name, and the learning rate at every step."""

import math

import torch

from core.training.experiment import Experiment


def optimizer(experiment: Experiment, network: torch.nn.Module) -> torch.optim.Optimizer:
    """The experiment's optimizer over the network's parameters.

    Weight decay falls on matrices and filters alone: biases and batch norm's scales have nothing to overfit with.
    """
    parameters = [p for p in network.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": experiment.weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    rate = experiment.learning_rate
    match experiment.optimizer:
        case "adamw" | "adam":
            # Adam's own weight decay is a penalty in the gradient; AdamW's shrinks the weight itself.
            kind = torch.optim.AdamW if experiment.optimizer == "adamw" else torch.optim.Adam
            return kind(groups, lr=rate, betas=(experiment.momentum, experiment.beta2), fused=True)
        case "sgd" | "nesterov":
            nesterov = experiment.optimizer == "nesterov" and experiment.momentum > 0
            return torch.optim.SGD(groups, lr=rate, momentum=experiment.momentum, nesterov=nesterov, fused=True)
        case "adadelta":
            return torch.optim.Adadelta(groups, lr=rate)
        case name:
            raise ValueError(f"no optimizer {name!r}")


def learning_rate(experiment: Experiment, step: int, steps: int, steps_per_epoch: int) -> float:
    """The rate of step `step` (from 0) of `steps`: a linear rise over the warm-up, then the schedule's fall."""
    warmup = experiment.warmup * steps
    if step < warmup:
        return experiment.learning_rate * (step + 1) / (warmup + 1)
    done = (step - warmup) / max(1.0, steps - warmup)  # 0 to 1 over the rest of the run
    match experiment.schedule:
        case "linear":
            factor = 1 - done
        case "cosine":
            factor = (1 + math.cos(math.pi * done)) / 2
        case "step":
            # the gamma of PyTorch's MNIST example, from the peak on: the warm-up is no part of the fall
            factor = 0.7 ** int((step - warmup) // steps_per_epoch)
        case _:
            factor = 1.0
    return experiment.learning_rate * factor

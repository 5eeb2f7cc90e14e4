"""Take a checkpoint of a session, and make a session go on from one, to the bit."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from core.training import checkpoints
from core.training.checkpoints import CheckpointError
from core.training.clock import Clock
from core.training.events import Checkpoint
from core.training.experiment import Experiment, ExperimentError
from core.training.optimizers import kept_tensors
from core.training.session import Session

Parts = dict[str, dict[str, Tensor]]  # a checkpoint's tensors by part: "model", "optimizer", "average"


def capture(session: Session, final: bool = False) -> Checkpoint:
    """Return copies of everything the next step depends on.

    Random numbers need no state: they follow from seed and step.
    """
    held: dict[str, Tensor] = {f"model.{name}": t for name, t in session.network.state_dict().items()}
    for index, state in session.optimizer.state_dict()["state"].items():
        held |= {f"optimizer.{index}.{name}": t for name, t in state.items() if isinstance(t, Tensor)}
    if session.average is not None:
        held |= {f"average.{name}": t for name, t in session.average.network.state_dict().items()}
    normalization = session.data.normalization
    return Checkpoint(
        step=session.step,
        epoch=session.step / session.steps_per_epoch,
        final=final,
        # safetensors stores plain rows, so channels_last is undone here and redone on loading
        tensors={name: t.detach().to("cpu", copy=True).contiguous() for name, t in held.items()},
        state={
            "experiment": session.experiment.to_json(),
            "data": session.data.info.name,
            "shape": list(session.data.info.shape),
            "mean": list(normalization.mean),
            "std": list(normalization.std),
            **session.clock.to_dict(),
            "scaler": session.scaler.state_dict(),
        },
    )


def timed_capture(session: Session, final: bool = False) -> Checkpoint:
    """Return a checkpoint, and count the time of making it as saving."""
    with session.clock.measure("save"):
        return capture(session, final)


def restore(session: Session, checkpoint: Checkpoint) -> None:
    """Make a session go on from a checkpoint.

    Raises:
        CheckpointError: The checkpoint is broken, or of another experiment or other data.
    """
    try:
        _restore(session, checkpoint)
    except CheckpointError:
        raise
    except (ArithmeticError, AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise CheckpointError("The checkpoint is broken: the run starts again.") from error


def start_from_weights(session: Session, weights: Path | None) -> None:
    """Load the weights that the parent run ended with.

    Args:
        session: Of an experiment with a parent run, before its first step.
        weights: The parent's file of weights; None where there is none.

    Raises:
        ExperimentError: The weights are missing, broken, or another run's.
    """
    parent = session.experiment.parent_run
    try:
        if weights is None:
            raise CheckpointError("no file")
        tensors, experiment = checkpoints.load_weights(weights)
        if experiment.key != parent:
            raise CheckpointError("another run's")
        checkpoints.put(session.network, tensors)
    except (CheckpointError, RuntimeError) as error:
        raise ExperimentError(
            f"This run starts from the weights of run {parent}, and they are not here: train that run first."
        ) from error
    if session.average is not None:
        session.average.network.load_state_dict(session.network.state_dict())


def _restore(session: Session, checkpoint: Checkpoint) -> None:
    state = checkpoint.state
    if not _is_of(session.experiment, state.get("experiment")) or state.get("data") != session.data.info.name:
        raise CheckpointError("This checkpoint belongs to another experiment, so the run cannot continue from it.")
    parts: Parts = {"model": {}, "optimizer": {}, "average": {}}
    for name, tensor in checkpoint.tensors.items():
        part, _, rest = name.partition(".")
        parts[part][rest] = tensor
    try:
        checkpoints.put(session.network, parts["model"])
        if session.average is not None:
            checkpoints.put(session.average.network, parts["average"])
    except RuntimeError as error:
        raise CheckpointError("This checkpoint's weights do not fit the network.") from error
    if checkpoint.step > session.steps:
        raise CheckpointError("The checkpoint is of a longer run: the run starts again.")
    held = session.optimizer.state_dict()
    for name, tensor in parts["optimizer"].items():
        index, _, item = name.partition(".")
        held["state"].setdefault(int(index), {})[item] = tensor
    # Before the first step there is no state, and a scaler skips steps that overflow.
    if parts["optimizer"] or (checkpoint.step and not session.scaler.is_enabled()):
        _check_optimizer(session.optimizer, held["state"])
    session.optimizer.load_state_dict(held)
    for parameter, kept in session.optimizer.state.items():
        for item, tensor in kept.items():
            if isinstance(tensor, Tensor) and tensor.shape == parameter.shape:
                # laid out as the parameter is: fused optimizers round differently over different layouts
                kept[item] = torch.empty_like(parameter, dtype=tensor.dtype).copy_(tensor)
    if state["scaler"]:
        session.scaler.load_state_dict(state["scaler"])
    session.step = checkpoint.step
    session.clock = Clock.from_dict(state)
    session.note_done()


def _is_of(experiment: Experiment, text: object) -> bool:
    """Return whether the text is the experiment's JSON, in today's form or an older one."""
    try:
        return isinstance(text, str) and Experiment.from_json(text) == experiment
    except ExperimentError:
        return False


def _check_optimizer(optimizer: torch.optim.Optimizer, held: Mapping[int, Mapping[str, Tensor]]) -> None:
    """Raise CheckpointError unless `held` has the tensors that the optimizer keeps of its parameters."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for index, (parameter, names) in enumerate(zip(parameters, kept_tensors(optimizer), strict=True)):
        shapes = {name: parameter.shape if shaped else torch.Size() for name, shaped in names.items()}
        found = held.get(index, {})
        fits = {name: tensor.shape for name, tensor in found.items()} == shapes
        if not fits or not all(tensor.is_floating_point() for tensor in found.values()):
            raise CheckpointError("The checkpoint's optimizer does not fit the network: the run starts again.")

"""Check what somebody submits before it is queued, and make the experiments that warm workers up. No torch."""

from dataclasses import replace

from core.data import DataError, info
from core.layers.limits import TooLargeError, is_cheap, size_of
from core.layers.setting_checks import LayerError
from core.runs.host_limits import HostLimits
from core.training.experiment import Experiment, ExperimentError
from core.training.experiment_checks import input_shapes, within_limits


def check_size(experiment: Experiment, limits: HostLimits) -> None:
    """Refuse a run beyond the app's limits or the host's. Other faults are reported by its worker.

    The work is counted with all pictures at full size, so that a phase of smaller ones is no way around the limit.

    Raises:
        ExperimentError: The run is too large; the message says what to change.
    """
    try:
        data = info(experiment.data)
        size = size_of(within_limits(experiment, data))
    except TooLargeError as error:
        raise ExperimentError(str(error)) from error
    except (LayerError, DataError):
        return
    if limits.parameters and size.parameters > limits.parameters:
        raise ExperimentError(
            f"The network has {size.parameters:,} parameters, and the limit of this host is {limits.parameters:,.0f}: "
            "use fewer filters or units."
        )
    images = min(experiment.train_images, max(data.train_images - experiment.held_out, 0)) * experiment.epochs
    if limits.work and size.work * images > limits.work:
        raise ExperimentError(
            f"The whole training needs {size.work * images:.2g} multiply-adds ({images:,} pictures of {size.work:,}), "
            f"and the limit of this host is {limits.work:.2g}: train fewer epochs or pictures, or use fewer filters."
        )


def warms_up(experiment: Experiment) -> bool:
    """Return whether a step of the experiment is so short that idle workers may try it before anybody submits it."""
    try:
        shapes = input_shapes(experiment, info(experiment.data))
        return all(is_cheap(experiment.layers, shape, experiment.batch_size) for shape in shapes)
    except DataError:
        return False


def warm_up_experiment(experiment: Experiment) -> Experiment:
    """Return the experiment that is tried in place of another: a step's cost does not depend on the other settings."""
    return replace(
        experiment,
        epochs=1,
        seed=0,
        learning_rate=1e-3,
        schedule="constant",
        warmup=0.0,
        time_budget=0.0,
        compiled=False,
        lr_changes=(),
        stop_step=0,
        parent_run="",
    )

"""Turn a change to a run, made during or after training, into an experiment of its own. No torch.

A run's key names everything its result depends on. So a run that was changed on its way is another experiment, which
says at which step what was changed. Trained from the beginning it would do the same.
"""

from dataclasses import replace

from core.training.experiment import LIMITS, MAX_LR_CHANGES, Experiment, ExperimentError


def with_rate(experiment: Experiment, step: int, rate: float) -> Experiment:
    """Return `experiment` with the peak learning rate `rate` from step `step` (0 the first) on.

    Raises:
        ExperimentError: The rate is outside its limits, or there are too many changes.
    """
    if len(experiment.lr_changes) == MAX_LR_CHANGES:
        raise ExperimentError(f"The learning rate of a run can be changed {MAX_LR_CHANGES} times.")
    low, high = LIMITS["learning_rate"]
    if not low <= rate <= high:
        raise ExperimentError(f"A learning rate is a number from {low:g} to {high:g}; got {rate:g}.")
    earlier = [change for change in experiment.lr_changes if change[0] < step]
    return replace(experiment, lr_changes=(*earlier, (step, rate)))


def stopped(experiment: Experiment, step: int) -> Experiment:
    """Return `experiment` stopped after `step` steps.

    Raises:
        ExperimentError: `step` is 0.
    """
    if step < 1:
        raise ExperimentError("Nothing has been learned yet: wait for the first step.")
    return replace(experiment, stop_step=step)


def continued(experiment: Experiment, epochs: int) -> Experiment:
    """Return `epochs` more from the weights of the finished run of `experiment`, with a schedule of their own.

    The pictures come in another order: the first epochs' orders were those of the seed before.
    """
    return replace(
        experiment,
        parent_run=experiment.key,
        epochs=epochs,
        seed=(experiment.seed + 1) % 2**31,
        lr_changes=(),
        stop_step=0,
        low_res_fraction=0.0,
    )

"""Sentences on the current runs, with their numbers, for the block "What to notice"."""

from collections.abc import Mapping, Sequence

from core.data import DatasetInfo
from core.runs.history_cache import Frames
from core.runs.run import FINISHED
from core.training.experiment import Experiment
from core.ui.backend import continued_runs
from core.ui.charts.curve_table import Curve
from core.ui.display import numbers, run_accuracies, word_meanings
from core.ui.display.run_accuracies import is_guessing
from core.ui.layout import page_frame
from core.ui.run_panels import since_last_run
from core.ui.run_panels.earlier_runs import EarlierRun
from core.ui.views.cifar import gap_chart, run_controls, run_titles, time_to_accuracy
from core.ui.views.cifar.page_texts import COURSE_NOTES

GUESSING_EPOCHS = 1.0
LARGE_GAP = 0.10


def notice(
    experiment: Experiment, frames: Mapping[str, Frames], earlier: Sequence[EarlierRun], info: DatasetInfo
) -> None:
    """Draw the block."""
    name = run_titles.short(experiment)
    outcome = since_last_run.outcome([name], [experiment], frames, run_controls.EARLIER_RUNS, earlier)
    latest = since_last_run.latest("ci", [experiment], run_controls.EARLIER_RUNS, earlier)
    page_frame.notice(
        *outcome,
        *(() if experiment.key in frames else latest),
        *sentences(experiment, frames, earlier, info),
        *word_meanings.of_networks([experiment.layers]),
    )


def sentences(
    experiment: Experiment, frames: Mapping[str, Frames], earlier: Sequence[EarlierRun], info: DatasetInfo
) -> list[str]:
    """Return two to four sentences on the current runs."""
    own = frames.get(experiment.key)
    if own is None or own.run.summary.get("test_accuracy") is None:
        question = (
            "Watch for the first accuracy: when does it reach 70 % on pictures that the network has never seen?"
            if own and own.run.active
            else "Press Train: how long does this device need to reach 70 % on pictures that it has never seen?"
        )
        return [
            question,
            f"According to {COURSE_NOTES}, about 70 % take a few minutes on a GPU, and 90 % and more can take close to "
            "a hundred hours.",
            _choosing(experiment, info),
        ]
    curve = Curve.of(own, "", "", "", start=continued_runs.start(experiment))
    return [
        _reached(own, curve, info),
        *_overfitting(curve),
        *_guessing(own),
        _chosen_on(own, info),
        *_compared(own, earlier),
    ][:4]


def _choosing(experiment: Experiment, info: DatasetInfo) -> str:
    return (
        f"{numbers.count(experiment.held_out)} of the {numbers.count(info.train_images)} training pictures are held "
        "out: choose settings by the accuracy on them. The test pictures are for reporting: each choice made on test "
        "accuracy makes it more optimistic."
    )


def _reached(own: Frames, curve: Curve, info: DatasetInfo) -> str:
    """Return the highest level that was reached, and when."""
    device = own.run.summary.get("device", "this device")
    for level in reversed(time_to_accuracy.LEVELS):
        if (seconds := time_to_accuracy.crossing(curve, level)) is not None:
            claim = {0.70: " Course notes: a few minutes.", 0.90: " Course notes: close to a hundred hours."}.get(
                level, ""
            )
            where = "the CPU" if device == "cpu" else "the GPU"
            kind = "in total" if curve.is_whole else "of training alone"
            return (
                f"Reached {numbers.percent(level, 0)} test accuracy after **{numbers.duration(seconds)}** {kind} on "
                f"{where} ({time_to_accuracy.measured(curve, level)}).{'' if info.standin else claim}"
            )
    return f"Test accuracy is {numbers.percent(own.run.summary['test_accuracy'], 1)}, below the lowest line so far."


def _overfitting(curve: Curve) -> list[str]:
    gaps = gap_chart.gaps(curve)
    if gaps.empty or gaps["gap"].iloc[-1] < LARGE_GAP:
        return []
    points = 100 * float(gaps["gap"].iloc[-1])
    return [
        f"Accuracy on the training pictures is {points:.0f} points higher than on test pictures: it has memorized "
        "them. More pictures, augmentation, dropout or fewer parameters reduce this gap."
    ]


def _guessing(own: Frames) -> list[str]:
    summary = own.run.summary
    if is_guessing(summary, GUESSING_EPOCHS):
        rate = own.run.experiment.peak_rate(summary["step"])
        return [f"The network is still guessing: chance gives 10 %. Try a tenth of the learning rate {rate:g}."]
    return []


def _chosen_on(own: Frames, info: DatasetInfo) -> str:
    summary = own.run.summary
    held_out, test = summary.get("held_out_accuracy"), summary["test_accuracy"]
    if held_out is None:
        return "No pictures were held out in this run: do not use these figures to choose settings."
    views = run_accuracies.views(own.run)
    several = "" if views == "none" else f" Both use {run_accuracies.views_name(views)} of each picture."
    return (
        f"**Choose by** {numbers.percent(held_out, 1)}, on held-out pictures. **Only report** "
        f"{numbers.percent(test, 1)}, on test pictures "
        f"({run_accuracies.sample(test, run_accuracies.sample_size(summary) or info.test_images)}).{several}"
    )


def _compared(own: Frames, earlier: Sequence[EarlierRun]) -> list[str]:
    """Return a comparison with the best earlier run on the held-out pictures, if this run is finished."""
    if own.run.state != FINISHED:
        return []
    known = [(run, run.frames.run.summary.get("held_out_accuracy")) for run in earlier]
    scored = [(run, float(accuracy)) for run, accuracy in known if accuracy is not None]
    own_accuracy = own.run.summary.get("held_out_accuracy")
    if not scored or own_accuracy is None:
        return []
    best, accuracy = max(scored, key=lambda pair: pair[1])
    return [
        f"Compared with {best.letter} ({run_titles.title(best.frames.run.experiment)}) that is "
        f"{numbers.points(own_accuracy - accuracy, 1)} on the held-out pictures."
    ]

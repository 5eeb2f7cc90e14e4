"""What the runs on the screen show, in sentences with their numbers: the block "What to notice"."""

from collections.abc import Mapping, Sequence

from core.data import DatasetInfo
from core.runs.history_cache import Frames
from core.runs.run import FINISHED
from core.training.experiment import Experiment
from core.ui.backend import lineage
from core.ui.charts.curve_table import Curve
from core.ui.display import numbers, scores
from core.ui.display.scores import is_guessing
from core.ui.layout import page_frame
from core.ui.run_panels.earlier_runs import EarlierRun
from core.ui.views.cifar import gap_chart, run_titles, time_to_accuracy

GUESSING_EPOCHS = 1.0
LARGE_GAP = 0.10


def notice(experiment: Experiment, frames: Mapping[str, Frames], earlier: Sequence[EarlierRun], info: DatasetInfo) -> None:
    """Draw the block."""
    page_frame.notice(*sentences(experiment, frames, earlier, info))


def sentences(
    experiment: Experiment, frames: Mapping[str, Frames], earlier: Sequence[EarlierRun], info: DatasetInfo
) -> list[str]:
    """Two or three sentences on what is on the screen now."""
    own = frames.get(experiment.key)
    if own is None or own.run.summary.get("test_accuracy") is None:
        return [
            "The notes say: about 70 % in a few minutes on a GPU; 90 % and more can take close to a hundred hours. "
            "Press Train and see what this device does.",
            _choosing(experiment, info),
        ]
    curve = Curve.of(own, "", "", "", start=lineage.start(experiment))
    return [
        _reached(own, curve, info),
        *_heart(curve),
        *_guessing(own),
        _chosen_on(own, info),
        *_against(own, earlier),
    ][:4]


def _choosing(experiment: Experiment, info: DatasetInfo) -> str:
    return (
        f"{numbers.count(experiment.held_out)} of the {numbers.count(info.train_images)} training pictures are held "
        "out: choose recipes by the accuracy on them. The test pictures are for reporting; who chooses by them is "
        "fooled a little each time."
    )


def _reached(own: Frames, curve: Curve, info: DatasetInfo) -> str:
    """The highest of the levels that was crossed, and when."""
    device = own.run.summary.get("device", "this device")
    for level in reversed(time_to_accuracy.LEVELS):
        if (seconds := time_to_accuracy.crossing(curve, level)) is not None:
            claim = {0.70: " The notes: a few minutes.", 0.90: " The notes: close to a hundred hours."}.get(level, "")
            where = "the CPU" if device == "cpu" else "the GPU"
            of = "in all" if curve.is_whole else "of training alone"
            return (
                f"It was first seen at {numbers.percent(level, 0)} after **{numbers.duration(seconds)}** {of} on "
                f"{where} ({time_to_accuracy.measured(curve, level)}).{'' if info.standin else claim}"
            )
    return f"It stands at {numbers.percent(own.run.summary['test_accuracy'], 1)}: below the lowest line so far."


def _heart(curve: Curve) -> list[str]:
    found = gap_chart.gaps(curve)
    if found.empty or found["gap"].iloc[-1] < LARGE_GAP:
        return []
    points = 100 * float(found["gap"].iloc[-1])
    return [
        f"On its own training pictures it is {points:.0f} points better than on the test's: it knows them by heart. "
        "More pictures, augmentation, dropout or fewer parameters narrow that gap."
    ]


def _guessing(own: Frames) -> list[str]:
    summary = own.run.summary
    if is_guessing(summary, GUESSING_EPOCHS):
        rate = own.run.experiment.learning_rate
        return [f"It still guesses: one in ten is right by chance. Try a tenth of the learning rate {rate:g}."]
    return []


def _chosen_on(own: Frames, info: DatasetInfo) -> str:
    summary = own.run.summary
    held_out, test = summary.get("held_out_accuracy"), summary["test_accuracy"]
    if held_out is None:
        return "Nothing was held out in this run, so no choice may be made by its figures."
    views = scores.views(own.run)
    several = "" if views == "none" else f" Both are with {scores.views_name(views)} of each picture."
    return (
        f"**Choose by** {numbers.percent(held_out, 1)}, on held-out pictures. **Only report** "
        f"{numbers.percent(test, 1)}, on the test's "
        f"({scores.sample(test, scores.sample_size(summary) or info.test_images)}).{several}"
    )


def _against(own: Frames, earlier: Sequence[EarlierRun]) -> list[str]:
    """The best earlier run on the held-out pictures, if this one is finished."""
    if own.run.state != FINISHED:
        return []
    known = [(one, one.frames.run.summary.get("held_out_accuracy")) for one in earlier]
    scored = [(one, float(accuracy)) for one, accuracy in known if accuracy is not None]
    mine = own.run.summary.get("held_out_accuracy")
    if not scored or mine is None:
        return []
    best, accuracy = max(scored, key=lambda pair: pair[1])
    return [
        f"Against {best.letter} ({run_titles.title(best.frames.run.experiment)}) that is "
        f"{numbers.points(mine - accuracy, 1)} on the held-out pictures."
    ]

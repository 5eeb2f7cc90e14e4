"""What the present runs show, in sentences with their numbers: the block "What to notice"."""

from collections.abc import Sequence

from core.insight.confusion import wilson_interval
from core.runs.feed import Frames
from core.runs.run import FINISHED, Run
from core.ui import numbers, shell
from core.ui.contenders import Contender

LINEAR_1998, LENET_1998 = 0.880, 0.9905  # LeCun's table, accuracies on the whole of MNIST


def interval(run: Run) -> tuple[float, float]:
    """The 95 % interval of a run's latest test accuracy, fractions. KeyError before the first evaluation."""
    total = run.summary["test_images"]
    return wilson_interval(round(run.summary["test_accuracy"] * total), total)


def notice(contenders: Sequence[Contender], frames: Sequence[Frames | None]) -> None:
    """Draw the block."""
    shell.notice(*sentences(contenders, [frame.run if frame else None for frame in frames]))


def sentences(contenders: Sequence[Contender], runs: Sequence[Run | None]) -> list[str]:
    """Two or three sentences on what is on the screen now."""
    finished = [(c, run) for c, run in zip(contenders, runs, strict=True) if run and run.state == FINISHED]
    return _result(finished) if len(finished) > 1 else _before(contenders)


def _before(contenders: Sequence[Contender]) -> list[str]:
    mlp, cnn = contenders[0], contenders[1]
    return [
        f"The MLP has {numbers.count(mlp.parameters)} parameters, each used once for a digit. The CNN has "
        f"{numbers.count(cnn.parameters)}, and makes {numbers.short(cnn.macs)} multiplications with them: its kernels are used "
        "again at every place of the picture.",
        "While they train, watch which test line is higher after the same number of images, and how far a network's dashed "
        "training line rises above its solid test line: that gap is what it knows by heart.",
    ]


def _result(finished: Sequence[tuple[Contender, Run]]) -> list[str]:
    ranked = sorted(finished, key=lambda pair: pair[1].summary["test_accuracy"], reverse=True)
    (best, won), (last, lost) = ranked[0], ranked[-1]
    total = won.summary["test_images"]
    wrong = [round((1 - run.summary["test_accuracy"]) * total) for run in (won, lost)]
    lines = [
        f"{_the(best)} misreads {numbers.count(wrong[0])} of {numbers.count(total)} test digits, {_the(last, lower=True)} "
        f"{numbers.count(wrong[1])}: {_compared(won, lost)}.",
        _budget(best, won, last, lost),
    ]
    shuffled = won.experiment.shuffle_pixels
    if shuffled:
        lines.append(
            "The pixels are shuffled: the MLP reads them as well as before, for it never knew which pixels are neighbors. "
            "The CNN's kernels find no strokes any more."
        )
    elif won.experiment.data == "mnist" and won.experiment.train_images == 60_000:
        lines.append(
            f"For comparison, on the same test digits: a linear classifier {numbers.percent(LINEAR_1998, 1)}, LeNet-5, the CNN of "
            f"1998, {numbers.percent(LENET_1998)}."
        )
    return lines


def _compared(won: Run, lost: Run) -> str:
    """Whether the difference is more than the luck of these test digits."""
    gap = won.summary["test_accuracy"] - lost.summary["test_accuracy"]
    if interval(won)[0] > interval(lost)[1]:
        return f"{100 * gap:.2f} points apart, more than luck with these digits would give"
    return f"{100 * gap:.2f} points apart, which luck with these digits can give as well: their 95 % intervals overlap"


def _budget(best: Contender, won: Run, last: Contender, lost: Run) -> str:
    parameters = best.parameters / max(last.parameters, 1)
    seconds = won.summary["train_seconds"] / max(lost.summary["train_seconds"], 1e-9)
    return (
        f"{_the(best)} has {numbers.rounded(parameters, 2)} times the parameters of {_the(last, lower=True)} and trained "
        f"{numbers.rounded(seconds, 2)} times as long ({numbers.duration(won.summary['train_seconds'])} against "
        f"{numbers.duration(lost.summary['train_seconds'])})."
    )


def _the(contender: Contender, lower: bool = False) -> str:
    return f"{'the' if lower else 'The'} {contender.role.name}"

"""What the present runs show, in sentences with their numbers: the block "What to notice"."""

from collections.abc import Sequence

from core.runs.history_cache import Frames
from core.runs.run import FINISHED, Run
from core.ui.display import numbers, scores, timing
from core.ui.display.scores import is_guessing
from core.ui.layout import page_frame
from core.ui.run_panels.trained_run import accuracy_interval
from core.ui.views.mnist.networks import Contender

LINEAR_1998, LENET_1998 = 0.880, 0.9905  # LeCun's table, accuracies on the whole of MNIST
MNIST_IMAGES = 60_000
GUESSING_EPOCHS = 0.5

Pair = tuple[Contender, Run]


def _digits(run: Run) -> str:
    """How many test digits a run's latest accuracy is of."""
    tested = scores.sample_size(run.summary)
    return numbers.count(tested) if tested else "the"


def notice(contenders: Sequence[Contender], frames: Sequence[Frames | None]) -> None:
    """Draw the block."""
    page_frame.notice(*sentences(contenders, [frame.run if frame else None for frame in frames]))


def sentences(contenders: Sequence[Contender], runs: Sequence[Run | None]) -> list[str]:
    """Two or three sentences on what is on the screen now."""
    told = [(c, run) for c, run in zip(contenders, runs, strict=True) if run and run.summary.get("step")]
    done = [(c, run) for c, run in told if run.state == FINISHED and accuracy_interval(run)]
    if len(done) > 1:
        return [_result(done), _cost(done), *([guess] if (guess := _guessing(done)) else _context(done))]
    return [_present(told) if told else _sizes(contenders), _guessing(told) or _advice(told)]


def _sizes(contenders: Sequence[Contender]) -> str:
    mlp, cnn = contenders[0], contenders[1]
    return (
        f"The {mlp.role.name} has {numbers.count(mlp.parameters)} parameters and uses each once for a digit. "
        f"The {cnn.role.name} has {numbers.count(cnn.parameters)}, and multiplies {numbers.count(cnn.macs)} times with "
        "them: its kernels are used again at every place of the picture."
    )


def _present(told: Sequence[Pair]) -> str:
    parts = [
        f"the {c.role.name} reads {numbers.percent(run.summary['test_accuracy'], 1)} of "
        f"{_digits(run)} test digits after {numbers.count(run.summary['images'])} images"
        for c, run in told
        if run.summary.get("test_accuracy") is not None and run.summary.get("images")
    ]
    sentence = ", ".join(parts) or "the first figures come in a moment"
    return f"{sentence[0].upper()}{sentence[1:]}."


def _guessing(told: Sequence[Pair]) -> str | None:
    """Says so where a network has seen enough to do better than chance and does not."""
    for contender, run in told:
        summary = run.summary
        if is_guessing(summary, GUESSING_EPOCHS):
            return (
                f"The {contender.role.name} still guesses: one in ten is right by chance. A learning rate of "
                f"{run.experiment.learning_rate:g} may be far too large or too small: try a tenth, then ten times."
            )
    return None


def _advice(told: Sequence[Pair]) -> str:
    watch = "Watch" if told else "While they train, watch"
    return (
        f"{watch} which solid line is higher after the same number of images, and how far a dashed line rises above "
        "the solid one of its color: that gap is what a network knows by heart."
    )


def _ranked(done: Sequence[Pair]) -> list[Pair]:
    return sorted(done, key=lambda pair: float(pair[1].summary["test_accuracy"]), reverse=True)


def _result(done: Sequence[Pair]) -> str:
    """Who misreads how many, and whether the difference is more than the luck of these test digits."""
    (best, won), (last, lost) = _ranked(done)[0], _ranked(done)[-1]
    total, of_lost = (scores.sample_size(run.summary) or 0 for run in (won, lost))
    wrong = [round((1 - won.summary["test_accuracy"]) * total), round((1 - lost.summary["test_accuracy"]) * of_lost)]
    ours, theirs = accuracy_interval(won), accuracy_interval(lost)
    assert ours is not None  # of those that are done both have been tested
    assert theirs is not None
    gap = f"{100 * (won.summary['test_accuracy'] - lost.summary['test_accuracy']):.2f} points"
    apart = ours[0] > theirs[1]
    verdict = (
        "more than luck with these digits would give" if apart else "which luck with these digits can give as well"
    )
    return (
        f"The {best.role.name} misreads {numbers.count(wrong[0])} of {numbers.count(total)} test digits, the "
        f"{last.role.name} {numbers.count(wrong[1])}. They are {gap} apart, {verdict}: their 95 % intervals "
        f"{'do not overlap' if apart else 'overlap'}."
    )


def _cost(done: Sequence[Pair]) -> str:
    (best, won), (last, lost) = _ranked(done)[0], _ranked(done)[-1]
    return (
        f"That took the {best.role.name} {numbers.count(best.parameters)} parameters{_took(won)}; the "
        f"{last.role.name} {numbers.count(last.parameters)}{_took(lost)}."
    )


def _took(run: Run) -> str:
    took = timing.describe_duration(run.summary)
    return f" and {took}" if took else ""


def _context(done: Sequence[Pair]) -> list[str]:
    experiment = done[0][1].experiment
    if experiment.shuffle_pixels:
        return [
            "The pixels are shuffled. To the MLP that is the same task; the CNN's kernels look for strokes among "
            "neighbors that are none."
        ]
    if experiment.data == "mnist" and experiment.train_images == MNIST_IMAGES:
        return [
            f"On the same test digits, in 1998: a linear classifier {numbers.percent(LINEAR_1998, 1)}, the CNN LeNet-5 "
            f"{numbers.percent(LENET_1998)}."
        ]
    return []

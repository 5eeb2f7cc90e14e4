"""Sentences on the runs of the MNIST page, with their numbers, for the block "What to notice"."""

from collections.abc import Sequence

from core.runs.run import Run
from core.ui.display import numbers
from core.ui.run_panels import what_to_notice_compared
from core.ui.run_panels.contenders import Contender
from core.ui.run_panels.what_to_notice_compared import Pair

LINEAR_1998, LENET_1998 = 0.880, 0.9905  # LeCun's table, accuracies on the whole of MNIST
MNIST_IMAGES = 60_000


def sentences(contenders: Sequence[Contender], runs: Sequence[Run | None]) -> list[str]:
    """Return two or three sentences on the current runs."""
    return what_to_notice_compared.sentences(contenders, runs, sizes=_sizes, advice=_advice, context=_context)


def _sizes(contenders: Sequence[Contender]) -> str:
    mlp, cnn = contenders[0], contenders[1]
    return (
        f"The {mlp.role.name} has {numbers.count(mlp.parameters)} parameters and uses each one once per digit. "
        f"The {cnn.role.name} has {numbers.count(cnn.parameters)} and uses them for {numbers.count(cnn.macs)} "
        "multiplications: its kernels are reused at every position of the picture."
    )


def _advice(training: bool) -> str:
    if not training:
        return "Train both, and watch which of them reads more of the test digits after as many training images."
    return (
        "Watch which solid line is higher after the same number of images, and how far a dashed line rises above the "
        "solid one of its color: that gap shows how much a network overfits."
    )


def _context(done: Sequence[Pair]) -> list[str]:
    experiment = done[0][1].experiment
    if experiment.shuffle_pixels:
        return [
            "The pixels are shuffled. For the MLP that is the same task; the CNN's kernels look for strokes between "
            "pixels that are no longer neighbors."
        ]
    if experiment.data == "mnist" and experiment.train_images == MNIST_IMAGES:
        return [
            f"On the same test digits, in 1998: a linear classifier {numbers.percent(LINEAR_1998, 1)}, the CNN LeNet-5 "
            f"{numbers.percent(LENET_1998)}."
        ]
    return []

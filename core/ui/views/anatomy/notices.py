"""What there is to notice, with the present numbers."""

import numpy as np

from core.layers.calculator import Row, totals
from core.layers.specs import (
    Activation,
    AdaptivePool,
    BatchNorm,
    BlurPool,
    Conv,
    ConvTranspose,
    Dropout,
    Flatten,
    GlobalPool,
    Linear,
    Pool,
    Residual,
    pair,
)
from core.shapes import describe_shape, format_shape
from core.ui.display import numbers, scores
from core.ui.views.anatomy.forward_pass import Pass, marked


def sentences(passed: Pass, layer: int) -> list[str]:
    """On the chosen layer, on what its units see, and on the answer."""
    return [_made(passed, layer), _seen(passed, layer), _answer(passed)]


def _made(passed: Pass, layer: int) -> str:
    row, out, came = passed.subject.rows[layer - 1], passed.outputs[layer], passed.outputs[layer - 1]
    before, after = (describe_shape(shape).replace(" ", "\u00a0") for shape in (row.input_shape, row.output_shape))
    match row.layer:
        case Conv() as conv:
            filters = format_shape((row.input_shape[0] // conv.groups, *pair(conv.kernel)))
            return (
                f"Layer {layer} slides **{numbers.count(conv.filters)} filters** of {filters} over {before}. Each "
                f"makes one plane: the output is **{after}**, for {numbers.count(row.parameters)} parameters."
            )
        case ConvTranspose() as up:
            kernel = format_shape(pair(up.kernel))
            return (
                f"Layer {layer} is a convolution backwards: each number of {before} stamps {kernel} weights on each of "
                f"**{numbers.count(up.filters)} planes**, and what overlaps is added. **{after}** comes out, for "
                f"{numbers.count(row.parameters)} parameters."
            )
        case Pool() | BlurPool() | AdaptivePool() | GlobalPool():
            return f"Pooling learns nothing and keeps every plane: **{before}** becomes **{after}**."
        case Activation("relu"):
            return (
                f"ReLU sets what is below 0 to 0: **{numbers.percent(float((came < 0).mean()), 0)}** of these "
                f"{numbers.count(out.size)} numbers. The blue is gone, and the orange stays as it was."
            )
        case Activation("softmax"):
            return (
                f"The softmax takes e to the power of each of {before} and divides by the sum: **{after}** come out, "
                "from 0 to 1 and 1 in all. Every one of them depends on all that came in."
            )
        case Activation() | Dropout():
            return f"Each number by itself becomes another: **{after}** stay as many and where they are."
        case Residual() as block:
            past = f"{len(block.shortcut)} more" if block.shortcut else "nothing"
            return (
                f"Layer {layer} is a block with two ways through: {len(block.body)} layers, and {past} on the way past "
                f"them. What comes out of both is added: **{after}**, for {numbers.count(row.parameters)} parameters."
            )
        case BatchNorm():
            return (
                "In training the norm brought every plane to one scale over many pictures. Now it multiplies each "
                f"plane with a number of its own and adds another: deviations of {_spread(came)} have become "
                f"{_spread(out)}."
            )
        case Flatten():
            return f"The same numbers, laid in one row: **{before}** becomes **{after}**. Where they lay is given up."
        case Linear():
            return (
                f"Each of **{after}** sums all {before} that come in, every one with a weight of its own: "
                f"{numbers.count(row.parameters)} parameters, **{_share(passed, row)}** of the network's."
            )


def _spread(planes: np.ndarray) -> str:
    """The smallest and the largest deviation of a plane."""
    deviations = planes.reshape(len(planes), -1).std(axis=1) if planes.ndim == 3 else np.abs(planes)
    return f"{numbers.rounded(float(deviations.min()), 2)} to {numbers.rounded(float(deviations.max()), 2)}"


def _share(passed: Pass, row: Row) -> str:
    return numbers.percent(row.parameters / max(totals(passed.subject.rows).parameters, 1), 0)


def _seen(passed: Pass, layer: int) -> str:
    fields = passed.subject.fields[layer - 1]
    high, wide = (int((axis[:, 1] - axis[:, 0]).max()) for axis in (fields.rows, fields.columns))
    height, width = passed.subject.shape[1:]
    if (high, wide) == (height, width):
        return (
            f"A unit here sees up to the whole picture, **{height} × {width} px**. Point at one to frame what it sees."
        )
    return (
        f"A unit here sees **{high} × {wide} px** of {height} × {width}: the deeper the layer, the more. Point at one "
        "to frame what it sees, and to read the sum that made it."
    )


def _answer(passed: Pass) -> str:
    shares, names = passed.probabilities, passed.subject.info.classes
    best = int(shares.argmax())
    answer, sure = marked(names[best]), numbers.percent(float(shares[best]), 1)
    if passed.seed is not None:
        return (
            f"With random weights the answer is {answer}, at {sure}: a guess, where chance is "
            f"{numbers.percent(1 / len(names), 0)}. What tells the classes apart is in the weights, not in the layers."
        )
    views = scores.one_view_note(passed.subject.experiment.test_time)
    trained = " ".join(filter(None, [views, f"This network is {passed.subject.accuracy}.", passed.subject.caveat]))
    if passed.shown.label is None:
        return f"It answers **{answer}**, at {sure}: it must name one of its classes, whatever it is shown. {trained}"
    verdict = "right" if best == passed.shown.label else f"wrong: it is {marked(names[passed.shown.label])}"
    return f"It answers **{answer}**, at {sure}, which is {verdict}. {trained}"

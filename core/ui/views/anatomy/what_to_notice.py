"""Sentences for "What to notice", with the current numbers."""

import numpy as np

from core.layers import specs
from core.layers.calculator import Row, totals
from core.layers.specs import pair
from core.size_text import describe_shape, format_shape
from core.ui.display import numbers, run_accuracies
from core.ui.state import last_move
from core.ui.views.anatomy.forward_pass import ForwardPass, escape_markdown

LAST = "n_last"  # in the session: what is sent through which network, and the chosen layer


def sentences(forward: ForwardPass, layer: int) -> list[str]:
    """Return sentences on the chosen layer, on its receptive field, and on the prediction if there is a picture.

    The prediction is the first where the last change was another picture, network or set of weights.
    """
    sent = (forward.network.name, forward.picture.alt, forward.seed)
    last_sent, _ = last_move.before(LAST, (sent, layer))
    of_layer = [_layer(forward, layer), _receptive_field(forward, layer)]
    if forward.picture.is_empty:
        return of_layer
    return [_prediction(forward), *of_layer] if sent != last_sent else [*of_layer, _prediction(forward)]


def plain(sentence: str) -> str:
    """Return a sentence on a layer without its Markdown.

    Examples:
        >>> plain("It has **16 filters**.")
        'It has 16 filters.'
    """
    return sentence.replace("**", "")


def _layer(forward: ForwardPass, layer: int) -> str:
    row, out, given = forward.network.rows[layer - 1], forward.outputs[layer], forward.outputs[layer - 1]
    before, after = (describe_shape(shape).replace(" ", "\u00a0") for shape in (row.input_shape, row.output_shape))
    match row.layer:
        case specs.Conv() as conv:
            filters = format_shape((row.input_shape[0] // conv.groups, *pair(conv.kernel)))
            return (
                f"Layer {layer} slides **{numbers.count(conv.filters)} filters** of {filters} over {before}. Each "
                f"computes one plane: the output is **{after}**, for {numbers.count(row.parameters)} parameters."
            )
        case specs.ConvTranspose() as up:
            kernel = format_shape(pair(up.kernel))
            return (
                f"Layer {layer} is a transposed convolution: each value of {before} adds a scaled {kernel} kernel to "
                f"each of **{numbers.count(up.filters)} planes**. The output is **{after}**, for "
                f"{numbers.count(row.parameters)} parameters."
            )
        case specs.Pool() | specs.BlurPool() | specs.LPPool() | specs.AdaptivePool() | specs.GlobalPool():
            return f"Pooling learns nothing and keeps every plane: **{before}** becomes **{after}**."
        case specs.Activation("relu"):
            return (
                f"ReLU sets values below 0 to 0: **{numbers.percent(float((given < 0).mean()), 0)}** of these "
                f"{numbers.count(out.size)} values. Blue disappears, orange is unchanged."
            )
        case specs.Activation("softmax"):
            return (
                f"The softmax takes e to the power of each of {before} and divides by the sum: the output is "
                f"**{after}** between 0 and 1 that sum to 1. Each depends on all inputs."
            )
        case specs.Activation() | specs.PReLU() | specs.Dropout():
            return f"Each value is transformed by itself: the size, **{after}**, and all positions do not change."
        case specs.Residual() as block:
            body, shortcut = (_layers(len(way)) for way in (block.body, block.shortcut))
            return (
                f"Layer {layer} is a block with two branches: {body} and {shortcut} on the shortcut. "
                f"Their outputs are added: **{after}**, for {numbers.count(row.parameters)} parameters."
            )
        case specs.BatchNorm():
            return (
                "In training, batch norm brings all planes to the same scale over a batch. Now it multiplies each "
                f"plane by a constant and adds another: standard deviations of {_spread(given)} become "
                f"{_spread(out)}."
            )
        case specs.Upsample() | specs.PixelShuffle() | specs.Pad() | specs.Unflatten():
            return f"Nothing is learned here: the size of the planes changes, from **{before}** to **{after}**."
        case specs.GroupNorm() | specs.InstanceNorm() | specs.LayerNorm():
            return (
                "Each value, less a mean over this one picture, is divided by a deviation: the size, "
                f"**{after}**, stays, and standard deviations of {_spread(given)} become {_spread(out)}."
            )
        case specs.Flatten():
            return f"The same values in one list: **{before}** becomes **{after}**. Positions are lost."
        case specs.PrimaryCapsules() as primary:
            return (
                f"Layer {layer} reads the planes of a convolution as vectors: **{after}**, "
                f"{numbers.count(primary.types)} at each position. Each is shortened to a length below 1."
            )
        case specs.RoutedCapsules() as routed:
            return f"Each of {before} predicts each of **{after}**. " + (
                f"Predictions that agree count more: {routed.iterations} iterations of routing decide how much."
                if routed.iterations > 1
                else "All predictions count the same: this network does not route."
            )
        case specs.CapsuleDecoder():
            return f"The capsules, **{after}**, pass unchanged. In training, one of them redraws the picture here."
        case specs.CapsuleLengths():
            return f"The length of each of {before} is the network's estimate that this class is there."
        case specs.Linear():
            return (
                f"Each of **{after}** sums all {before} of the input, each with its own weight: "
                f"{numbers.count(row.parameters)} parameters, **{_share(forward, row)}** of the network's total."
            )


def _layers(count: int) -> str:
    return f"{count or 'no'} layer{'s' * (count != 1)}"


def _spread(planes: np.ndarray) -> str:
    """Return the smallest and the largest standard deviation of a plane."""
    deviations = planes.reshape(len(planes), -1).std(axis=1) if planes.ndim == 3 else np.abs(planes)
    return f"{numbers.rounded(float(deviations.min()), 2)} to {numbers.rounded(float(deviations.max()), 2)}"


def _share(forward: ForwardPass, row: Row) -> str:
    return numbers.percent(row.parameters / max(totals(forward.network.rows).parameters, 1), 0)


def _receptive_field(forward: ForwardPass, layer: int) -> str:
    fields, unit = forward.network.fields[layer - 1], "capsule" if len(forward.outputs[layer].shape) == 2 else "unit"
    high, wide = (int((axis[:, 1] - axis[:, 0]).max()) for axis in (fields.rows, fields.columns))
    height, width = forward.network.shape[1:]
    if (high, wide) == (height, width):
        return f"A {unit} here sees up to the whole picture, **{height} × {width} px**. Point at one to frame it."
    return (
        f"A {unit} here sees **{high} × {wide} px** of {height} × {width}: deeper layers see more. Point at one "
        "to frame its receptive field and to read its sum."
    )


def _prediction(forward: ForwardPass) -> str:
    probabilities, names = forward.probabilities, forward.network.info.classes
    best = int(probabilities.argmax())
    answer, certainty = escape_markdown(names[best]), forward.certainty(best)
    if forward.seed is not None:
        return (
            f"With random weights the network predicts {answer}, {certainty}: a guess, where chance is "
            f"{numbers.percent(1 / len(names), 0)}. What separates the classes is in the weights, not in the layers."
        )
    views = run_accuracies.one_view_note(forward.network.experiment.test_time)
    accuracy = f"This network is {forward.network.accuracy}." if forward.network.accuracy else ""
    trained = " ".join(filter(None, [views, accuracy, forward.network.caveat]))
    if forward.picture.label is None:
        return f"It predicts **{answer}**, {certainty}: it always predicts one of its classes. {trained}"
    verdict = (
        "right" if best == forward.picture.label else f"wrong: it is {escape_markdown(names[forward.picture.label])}"
    )
    return f"It predicts **{answer}**, {certainty}. That is {verdict}. {trained}"

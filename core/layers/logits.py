"""Find a network's logits: the numbers, one per class, whose softmax gives the class probabilities.

The loss (cross-entropy) and every prediction apply a softmax to the logits, so a network's own last softmax must not
come before it. Training, evaluation, Grad-CAM, ONNX, the generated program and the pages all use this module.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.layers.calculator import Row
from core.layers.specs import (
    Activation,
    ActivationKind,
    AdaptivePool,
    BatchNorm,
    CapsuleLengths,
    Conv,
    ConvTranspose,
    Dropout,
    Flatten,
    GlobalPool,
    GroupNorm,
    InstanceNorm,
    Layer,
    LayerNorm,
    Linear,
    LPPool,
    Pad,
    PReLU,
    PrimaryCapsules,
    Residual,
    RoutedCapsules,
)

Range = tuple[float, float]  # the smallest and the largest number that a layer can output
UNBOUNDED: Range = (-math.inf, math.inf)
ACTIVATIONS: dict[ActivationKind, tuple[str, Range]] = {  # name, and its range over all numbers
    "relu": ("ReLU", (0.0, math.inf)),
    "relu6": ("ReLU6", (0.0, 6.0)),
    "leaky_relu": ("LeakyReLU", UNBOUNDED),
    "elu": ("ELU", (-1.0, math.inf)),
    "gelu": ("GELU", (-0.17, math.inf)),
    "silu": ("SiLU", (-0.2785, math.inf)),
    "tanh": ("Tanh", (-1.0, 1.0)),
    "sigmoid": ("Sigmoid", (0.0, 1.0)),
    "softmax": ("Softmax", (0.0, 1.0)),
    "selu": ("SELU", (-1.7581, math.inf)),
    "celu": ("CELU", (-1.0, math.inf)),
    "mish": ("Mish", (-0.3088, math.inf)),
    "softplus": ("Softplus", (0.0, math.inf)),
    "softsign": ("Softsign", (-1.0, 1.0)),
    "tanhshrink": ("Tanhshrink", UNBOUNDED),
    "hardswish": ("Hardswish", (-0.375, math.inf)),
    "hardsigmoid": ("Hardsigmoid", (0.0, 1.0)),
    "hardtanh": ("Hardtanh", (-1.0, 1.0)),
    "logsigmoid": ("LogSigmoid", UNBOUNDED),  # above: a softmax of them is that of any other numbers
    "log_softmax": ("LogSoftmax", UNBOUNDED),  # its softmax is that of its input
}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a network ends: where its logits are, and what is wrong with them."""

    logits: int  # number of layers up to the logits, which are the output of the last of them
    left_out: tuple[int, ...]  # positions of the layers skipped for logits: a last softmax, and dropouts after it
    note: str  # sentences on an ending that is trained differently, or learns poorly; empty for any other
    fault: tuple[int, str] | None  # the layer whose output cannot be logits, and the reason as a sentence
    is_lengths: bool = False  # the outputs are the lengths of capsules, trained by the margin loss: no logits

    @property
    def is_softmax(self) -> bool:
        """Whether the network's own output is probabilities."""
        return bool(self.left_out)


def ends_in_lengths(layers: Sequence[Layer]) -> bool:
    """Return whether a network's outputs are lengths of capsules, which do not sum to 1, not logits."""
    return bool(layers) and isinstance(layers[-1], CapsuleLengths)


def ending(rows: Sequence[Row]) -> Ending:
    """Return how a network ends.

    A last softmax over all classes is left out: its input is the logits. Numbers that are bounded on both sides (by a
    sigmoid, a tanh, another softmax) cannot serve as logits, because no softmax of them comes near 1: that is a fault.
    Logits that are bounded on one side, or dropped at random, can be trained but learn worse: that is a note.

    Args:
        rows: The network's rows, from `core.layers.calculator.analyse`.

    Returns:
        Position of the logits, layers that are skipped, and notes or a fault.

    Examples:
        >>> from core.layers.calculator import analyse
        >>> end = ending(analyse([Flatten(), Linear(10), Activation("softmax")], (1, 28, 28)))
        >>> end.logits, end.left_out
        (2, (2,))
    """
    if ends_in_lengths([row.layer for row in rows]):
        note = "It ends in lengths of capsules: it is trained by the margin loss, and each length is its own estimate."
        return Ending(len(rows), (), note, None, is_lengths=True)
    left_out = _last_softmax(rows)
    before = rows[: left_out[0]] if left_out else rows
    notes = []
    if left_out:
        behind = " and the Dropout after it" if len(left_out) > 1 else ""
        notes = [
            f"It ends in Softmax. The loss applies a softmax itself, so training skips this one{behind}; predictions "
            "still use it."
        ]
    place, (low, high) = _bounds(before)
    fault = None
    if place is None:
        notes += _dropout_notes(before)
    elif math.isinf(high):
        name = _layer_name(before[place])
        stuck = " A class whose logit is 0 for every picture stops learning." if low == 0 else ""
        notes.append(
            f"Its logits are the output of {name}, so none is below {_format_number(low)}.{stuck} It learns better "
            f"without this {name}."
        )
    else:
        classes, name = math.prod(rows[-1].output_shape), _layer_name(before[place])
        most = 100 / (1 + (classes - 1) * math.exp(low - high))
        reason = (
            f"{name} keeps the network's logits between {_format_number(low)} and {_format_number(high)}, so the "
            f"softmax over {classes} classes gives none of them more than {most:.1f}\u202f%. Remove this {name}: the "
            "loss applies a softmax itself, to logits of any size."
        )
        fault = place, reason
    return Ending(len(before), left_out, " ".join(notes), fault)


def _last_softmax(rows: Sequence[Row]) -> tuple[int, ...]:
    """Return the positions of a last softmax over all classes and of dropouts after it; reshaping layers may follow."""
    found: list[int] = []
    for place in range(len(rows) - 1, -1, -1):
        row = rows[place]
        if row.layer == Activation("softmax"):
            return (place, *reversed(found)) if math.prod(row.input_shape) == row.input_shape[0] else ()
        if isinstance(row.layer, Dropout):
            found.append(place)
        elif not _only_reshapes(row):
            return ()
    return ()


def _only_reshapes(row: Row) -> bool:
    """Return whether a layer keeps the values and changes at most their shape."""
    pools = isinstance(row.layer, GlobalPool | AdaptivePool)
    return isinstance(row.layer, Flatten) or (pools and row.input_shape[1:] == row.output_shape[1:] == (1, 1))


def _dropout_notes(rows: Sequence[Row]) -> list[str]:
    """Return a note if the network's last step drops its logits."""
    for row in reversed(rows):
        if isinstance(row.layer, Dropout) and row.layer.p > 0:
            return [
                f"It ends in Dropout: in training each logit is set to 0 with probability {row.layer.p:g}, even that "
                "of the right class. Move it before the last layer with weights."
            ]
        if not isinstance(row.layer, Dropout) and not _only_reshapes(row):
            break
    return []


def _bounds(rows: Sequence[Row], coming: Range = UNBOUNDED) -> tuple[int | None, Range]:
    """Return the layer that bounds the network's output, None if there is none, and the output's range."""
    place: int | None = None
    found = coming
    for index, row in enumerate(rows):
        before = found
        found = _range(row, before)
        if found == UNBOUNDED:
            place = None
        elif found != before:
            place = index
    return place, found


def _range(row: Row, coming: Range) -> Range:
    """Return the range of a layer's output for inputs in the range `coming`. Pooling and the like keep it."""
    match row.layer:
        case Conv() | ConvTranspose() | Linear() | BatchNorm() | GroupNorm() | InstanceNorm() | LayerNorm() | PReLU():
            return UNBOUNDED  # weights of any size
        case PrimaryCapsules() | RoutedCapsules():
            return -1.0, 1.0
        case CapsuleLengths():
            return 0.0, 1.0
        case LPPool():
            return UNBOUNDED  # a sum
        case Pad():
            return (min(coming[0], 0.0), max(coming[1], 0.0)) if row.layer.kind == "zeros" else coming
        case Activation(
            kind="softmax" | "sigmoid" | "hardsigmoid" | "softplus" | "selu" | "logsigmoid" | "log_softmax" as kind
        ):
            return ACTIVATIONS[kind][1]
        case Activation(kind=kind):  # all others lie between 0 and the number itself
            low, high = ACTIVATIONS[kind][1]
            return max(low, min(coming[0], 0.0)), min(high, max(coming[1], 0.0))
        case Residual():
            body, past = (_bounds(way, coming)[1] for way in (row.body, row.shortcut))
            return body[0] + past[0], body[1] + past[1]
    return coming


def _layer_name(row: Row) -> str:
    """Return a layer's name as PyTorch writes it."""
    return ACTIVATIONS[row.layer.kind][0] if isinstance(row.layer, Activation) else type(row.layer).__name__


def _format_number(value: float) -> str:
    """Return a number with a real minus sign."""
    return f"{value:g}".replace("-", "−")

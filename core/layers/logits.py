"""Find a network's logits: the numbers, one per class, whose softmax gives the class probabilities.

The loss (cross-entropy) and every prediction apply a softmax to the logits, so a network's own last softmax must not
come before it. Training, evaluation, Grad-CAM, ONNX, the generated program and the pages all use this module.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.layers import specs
from core.layers.calculator import Row
from core.layers.specs import Layer

Range = tuple[float, float]  # the smallest and the largest number that a layer can output
UNBOUNDED: Range = (-math.inf, math.inf)
ACTIVATIONS: dict[specs.ActivationKind, tuple[str, Range]] = {  # name, and its range over all numbers
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
    "logsigmoid": ("LogSigmoid", (-math.inf, 0.0)),
    "log_softmax": ("LogSoftmax", (-math.inf, 0.0)),
}
SOFTMAX, LOG_SOFTMAX = specs.Activation("softmax"), specs.Activation("log_softmax")
RISING: dict[str, Callable[[float], float]] = {  # activations that do not lie between 0 and their input, and only rise
    "sigmoid": lambda x: math.exp(-_softplus(-x)),
    "hardsigmoid": lambda x: min(max(x / 6 + 0.5, 0.0), 1.0),
    "softplus": lambda x: _softplus(x),
    "logsigmoid": lambda x: -_softplus(-x),
    "selu": lambda x: 1.0507 * (x if x > 0 else 1.67326 * math.expm1(x)),
}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a network ends: where its logits are, and what is wrong with them."""

    logits: int  # number of layers up to the logits, which are the output of the last of them
    left_out: tuple[int, ...]  # the layers skipped for logits: a last (log-)softmax, and dropouts after it
    note: str  # sentences on an ending that is trained differently, or learns poorly; empty for any other
    fault: tuple[int, str] | None  # the layer whose output cannot be logits, and the reason as a sentence
    is_lengths: bool = False  # the outputs are the lengths of capsules, trained by the margin loss: no logits
    is_log: bool = False  # the network's own output is logarithms of probabilities

    @property
    def is_softmax(self) -> bool:
        """Whether the network's own output is probabilities, or with `is_log` their logarithms."""
        return bool(self.left_out)


def ends_in_lengths(layers: Sequence[Layer]) -> bool:
    """Return whether a network's outputs are lengths of capsules, which do not sum to 1, not logits."""
    return bool(layers) and isinstance(layers[-1], specs.CapsuleLengths)


def ending(rows: Sequence[Row]) -> Ending:
    """Return how a network ends.

    A last softmax or log-softmax over all classes is left out: its input is the logits. Numbers that are bounded on
    both sides (by a sigmoid, a tanh, another softmax) cannot serve as logits, because no softmax of them comes near 1:
    that is a fault. Logits that are bounded on one side, or dropped at random, can be trained but learn worse: that is
    a note.

    Args:
        rows: The network's rows, from `core.layers.calculator.analyze`.

    Returns:
        Position of the logits, layers that are skipped, and notes or a fault.

    Examples:
        >>> from core.layers.calculator import analyze
        >>> end = ending(analyze([specs.Flatten(), specs.Linear(10), specs.Activation("softmax")], (1, 28, 28)))
        >>> end.logits, end.left_out
        (2, (2,))
    """
    if ends_in_lengths([row.layer for row in rows]):
        note = "It ends in lengths of capsules: it is trained by the margin loss, and each length is its own estimate."
        return Ending(len(rows), (), note, None, is_lengths=True)
    left_out = _last_softmax(rows)
    before = rows[: left_out[0]] if left_out else rows
    is_dropped = any(isinstance(rows[place].layer, specs.Dropout) for place in left_out)
    is_log = bool(left_out) and all(rows[place].layer != SOFTMAX for place in left_out)
    notes = []
    if left_out and (is_dropped or not is_log):
        name, behind = "LogSoftmax" if is_log else "Softmax", " and the Dropout after it" if is_dropped else ""
        notes = [
            f"It ends in {name}. The loss applies a softmax itself, so training skips this one{behind}; predictions "
            "still use it."
        ]
    place, (low, high) = _bounds(before)
    fault = None
    if place is None or math.isinf(low):  # a softmax of numbers below 0 is that of any others
        notes += _dropout_notes(before)
    elif isinstance(rows[place].layer, specs.CapsuleLengths):
        name = _layer_name(rows[place + 1])
        reason = (
            f"{name} comes after the capsules' lengths, which are the network's estimates themselves. Remove this "
            f"{name} and what follows it, so that CapsuleLengths is the last layer."
        )
        fault = place + 1, reason
    elif low == high:
        name = _layer_name(rows[place])
        fault = place, f"{name} gives {_format_number(low)} for every picture, so nothing is learned: remove it."
    elif math.isinf(high):
        name = _layer_name(rows[place])
        stuck = " A class whose logit is 0 for every picture stops learning." if low == 0 else ""
        notes.append(
            f"Its logits are the output of {name}, so none is below {_format_number(low)}.{stuck} It learns better "
            f"without this {name}."
        )
    else:
        classes, name = math.prod(rows[-1].output_shape), _layer_name(rows[place])
        most = 100 / (1 + (classes - 1) * math.exp(low - high))
        reason = (
            f"{name} keeps the network's logits between {_format_number(low)} and {_format_number(high)}, so the "
            f"softmax over {classes} classes gives none of them more than {most:.1f}\u202f%. Remove this {name}: the "
            "loss applies a softmax itself, to logits of any size."
        )
        fault = place, reason
    return Ending(len(before), left_out, " ".join(notes), fault, is_log=is_log)


def _last_softmax(rows: Sequence[Row]) -> tuple[int, ...]:
    """Return the positions of a last softmax or log-softmax over all classes and of dropouts after it.

    Reshaping layers may follow it. Log-softmaxes before it, which change nothing of its output, are left out as well.
    """
    found: tuple[int, ...] = ()
    dropouts: list[int] = []
    for place in reversed(range(len(rows))):
        row = rows[place]
        if row.layer == LOG_SOFTMAX or (row.layer == SOFTMAX and not found):
            if math.prod(row.input_shape) != row.input_shape[0]:
                break
            found = (place, *reversed(dropouts), *found)
            dropouts = []
        elif isinstance(row.layer, specs.Dropout) and not found:
            dropouts.append(place)
        elif not _only_reshapes(row):
            break
    return found


def _only_reshapes(row: Row) -> bool:
    """Return whether a layer keeps the values and changes at most their shape."""
    pools = isinstance(row.layer, specs.GlobalPool | specs.AdaptivePool)
    return isinstance(row.layer, specs.Flatten) or (pools and row.input_shape[1:] == row.output_shape[1:] == (1, 1))


def _dropout_notes(rows: Sequence[Row]) -> list[str]:
    """Return a note if the network's last step drops its logits."""
    for row in reversed(rows):
        if isinstance(row.layer, specs.Dropout) and row.layer.p > 0:
            return [
                f"It ends in Dropout: in training each logit is set to 0 with probability {row.layer.p:g}, even that "
                "of the right class. Move it before the last layer with weights."
            ]
        if not isinstance(row.layer, specs.Dropout) and not _only_reshapes(row):
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
        case (
            specs.Conv()
            | specs.ConvTranspose()
            | specs.Linear()
            | specs.BatchNorm()
            | specs.GroupNorm()
            | specs.InstanceNorm()
            | specs.LayerNorm()
        ):
            return UNBOUNDED  # weights of any size
        case specs.PReLU():
            return UNBOUNDED if coming[0] < 0 else coming
        case specs.PrimaryCapsules() | specs.RoutedCapsules():
            return -1.0, 1.0
        case specs.CapsuleLengths():
            return 0.0, 1.0
        case specs.LPPool():
            return UNBOUNDED  # a sum
        case specs.Pad():
            return (min(coming[0], 0.0), max(coming[1], 0.0)) if row.layer.kind == "zeros" else coming
        case specs.Activation(kind="softmax" | "log_softmax" as kind):
            return ACTIVATIONS[kind][1]
        case specs.Activation(kind=kind) if kind in RISING:
            return RISING[kind](coming[0]), RISING[kind](coming[1])
        case specs.Activation(kind=kind):  # all others lie between 0 and the number itself
            low, high = ACTIVATIONS[kind][1]
            return max(low, min(coming[0], 0.0)), min(high, max(coming[1], 0.0))
        case specs.Residual():
            body, past = (_bounds(way, coming)[1] for way in (row.body, row.shortcut))
            return body[0] + past[0], body[1] + past[1]
    return coming


def _softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _layer_name(row: Row) -> str:
    """Return a layer's name as PyTorch writes it."""
    return ACTIVATIONS[row.layer.kind][0] if isinstance(row.layer, specs.Activation) else type(row.layer).__name__


def _format_number(value: float) -> str:
    """Return a number with a real minus sign."""
    return f"{value + 0.0:.4g}".replace("-", "−")  # + 0: no minus before 0

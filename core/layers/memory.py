"""Compute the memory that a network takes, part by part, in training and in inference. No torch.

What is kept for the backward pass follows PyTorch's own rules (float32, eager): a layer with weights keeps its input; a
ReLU, tanh, sigmoid or softmax its output, other activations their input; max pooling its input and where each largest
value was (8 bytes); dropout its mask. A tensor that two layers keep is there once. Not counted are a library's
workspaces, the gradients of activations while they pass through, and what the framework itself takes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.layers import specs
from core.layers.calculator import FLOAT32_BYTES, Row, totals
from core.layers.shape_inference.windows import blur_padding

INDEX_BYTES = 8  # of the place of a largest value: PyTorch's int64
OPTIMIZER_NUMBERS = {  # that an optimizer keeps for each parameter, by its name in core.training.experiment
    "adamw": 2,  # running means of the gradient and of its square
    "adam": 2,
    "sgd": 1,  # its momentum
    "nesterov": 1,
    "adadelta": 2,
    "muon": 1,
    "sgd without momentum": 0,
}
MAX_BATCH = 65_536


@dataclass(frozen=True, slots=True)
class Memory:
    """The bytes that a network takes for one batch, as float32."""

    weights: int  # all parameters, and a batch norm's running means and variances
    gradients: int
    optimizer: int
    activations: int  # kept for the backward pass, with the pictures
    passing: int  # the most that is there at once without a backward pass, with the pictures

    @property
    def training(self) -> int:
        """What a training holds when the forward pass is done."""
        return self.weights + self.gradients + self.optimizer + self.activations

    @property
    def inference(self) -> int:
        """What a prediction holds at most."""
        return self.weights + self.passing


def memory(rows: Sequence[Row], batch: int = 1, optimizer: str = "adamw") -> Memory:
    """Return the memory of a network, part by part.

    Args:
        rows: The network's rows, from `core.layers.calculator.analyze`.
        batch: Pictures in a batch.
        optimizer: A key of OPTIMIZER_NUMBERS.

    Returns:
        The parts and their sums, in bytes.

    Examples:
        >>> from core.layers.calculator import analyze
        >>> found = memory(analyze([specs.Flatten(), specs.Linear(10)], (1, 28, 28)), batch=2)
        >>> found.weights, found.optimizer, found.activations, found.training
        (31400, 62800, 6272, 131872)
    """
    sums = totals(rows)
    parameters = FLOAT32_BYTES * sums.parameters
    picture = _Tensor(math.prod(rows[0].input_shape)) if rows else _Tensor(0)
    tape = _Tape()
    _forward(rows, picture, tape)
    return Memory(
        weights=parameters + FLOAT32_BYTES * sums.buffers,
        gradients=parameters,
        optimizer=OPTIMIZER_NUMBERS[optimizer] * parameters,
        activations=batch * sum(tensor.size for tensor in tape.kept) + tape.once,
        passing=batch * _peak(rows, picture.size),
    )


class _Tensor:
    """A tensor of the forward pass: its bytes for one picture, and whether a gradient flows back through it."""

    def __init__(self, numbers: int, learned: bool = False, bytes_each: int = FLOAT32_BYTES) -> None:
        """Store the size of so many numbers."""
        self.size, self.learned = numbers * bytes_each, learned


class _Tape:
    """What the backward pass needs."""

    def __init__(self) -> None:
        """Start empty."""
        self.kept: dict[_Tensor, None] = {}  # each once, per picture
        self.once = 0  # bytes per batch, however large

    def keep(self, *tensors: _Tensor) -> None:
        """Keep tensors."""
        self.kept.update(dict.fromkeys(tensors))


def _forward(rows: Sequence[Row], x: _Tensor, tape: _Tape) -> _Tensor:
    """Run through rows: keep what the backward pass needs, and return the output."""
    for row in rows:
        if row.body:
            body, past = _forward(row.body, x, tape), _forward(row.shortcut, x, tape)
            x = _Tensor(math.prod(row.output_shape), body.learned or past.learned)
        else:
            x = _layer(row, x, tape)
    return x


def _layer(row: Row, x: _Tensor, tape: _Tape) -> _Tensor:
    """Keep what one layer's backward pass needs, and return its output."""
    numbers = math.prod(row.output_shape)
    out = _Tensor(numbers, x.learned or row.parameters > 0)
    match row.layer:
        case specs.Conv() | specs.ConvTranspose() | specs.Linear():
            tape.keep(x)
        case specs.BatchNorm() | specs.GroupNorm() | specs.InstanceNorm() | specs.LayerNorm() if not out.learned:
            pass  # without trained numbers, and with none before it
        case specs.BatchNorm():
            tape.keep(x)
            tape.once += 2 * FLOAT32_BYTES * row.input_shape[0]  # the batch's means and deviations
        case specs.GroupNorm(groups=groups):
            tape.keep(x, *(_Tensor(groups) for _ in range(2)))  # means and deviations of each picture
        case specs.InstanceNorm():
            tape.keep(x, *(_Tensor(row.input_shape[0]) for _ in range(3 if row.layer.affine else 2)))
        case specs.LayerNorm(axes=axes):
            tape.keep(x, *(_Tensor(math.prod(row.input_shape[:-axes])) for _ in range(2)))
        case specs.PReLU():
            tape.keep(x)
        case specs.Flatten() | specs.Unflatten():
            return x  # the same memory, read differently
        case specs.PrimaryCapsules():
            tape.keep(x)
            _squash(numbers, row.output_shape[0], tape)
        case specs.RoutedCapsules():
            _routing(row, tape)
        case specs.CapsuleLengths():
            tape.keep(x, out)
        case _ if not x.learned:
            pass  # before the first weights nothing flows back
        case specs.Activation(kind="relu" | "tanh" | "sigmoid" | "softmax" | "log_softmax"):
            tape.keep(out)
        case specs.Activation(kind="tanhshrink"):
            tape.keep(_Tensor(numbers))  # the tanh
        case specs.Activation(kind="softsign" | "logsigmoid"):
            tape.keep(x, _Tensor(numbers))
        case specs.Activation():
            tape.keep(x)
        case specs.Pool(kind="max") | specs.AdaptivePool(kind="max") | specs.GlobalPool(kind="max"):
            tape.keep(x, _Tensor(numbers, bytes_each=INDEX_BYTES))
        case specs.Pool():
            tape.keep(x)
        case specs.LPPool():  # the powers, and the steps from their sum to its root
            tape.keep(x, _Tensor(math.prod(row.input_shape)), *(_Tensor(numbers) for _ in range(4)))
        case specs.Pad(kind="reflect" | "replicate"):
            tape.keep(x)
        case specs.AdaptivePool() if row.output_shape[1:] != (1, 1):  # to one value it is a mean, which keeps nothing
            tape.keep(x)
        case specs.BlurPool():
            channels, height, width = row.input_shape
            edge = sum(blur_padding(row.layer.kernel))
            tape.keep(x, _Tensor(channels * (height + edge) * (width + edge)))
        case specs.Dropout(p=p):
            if p == 0:
                return x
            masked = row.output_shape[0] if row.layer.kind == "channels" else numbers
            tape.keep(_Tensor(masked))  # the mask, scaled by 1 / (1 - p)
    return out


def _squash(numbers: int, capsules: int, tape: _Tape) -> None:
    """Keep what squashing needs: the vectors, and some numbers of each one's length."""
    tape.keep(_Tensor(numbers), *(_Tensor(capsules) for _ in range(5)))


def _routing(row: Row, tape: _Tape) -> None:
    """Keep what the last iteration of a routing needs; earlier ones are constants unless gradients flow through."""
    assert isinstance(row.layer, specs.RoutedCapsules)
    (count, size), (capsules, dimensions) = row.input_shape, row.output_shape
    again = max(row.layer.iterations, 1) - 1  # iterations after the first, whose coefficients are all the same
    through = row.layer.through
    if again == 0 or through:
        tape.keep(_Tensor(count * size))
    weighted = capsules * size * (1 if row.layer.shared else count)
    for _ in range(again if through else min(again, 1)):
        tape.keep(_Tensor(capsules * count), _Tensor(weighted))  # the coefficients, and what they weigh
        if through:
            sums = (_Tensor(capsules * dimensions) for _ in range(2))
            tape.keep(_Tensor(weighted), *sums)  # the predictions, and the sums that they are compared with
    for _ in range(again + 1 if through else 1):
        _squash(capsules * dimensions, capsules, tape)
    # each product has the matrices in an order of its own; shared ones need none
    copies = 0 if row.layer.shared else 2 * again + 1 if through else 1
    tape.once += copies * FLOAT32_BYTES * row.weights


def _peak(rows: Sequence[Row], held: int) -> int:
    """Return the most bytes for one picture that are there at once; the input of `rows`, `held`, stays throughout."""
    most, waits = held, 0  # `waits`: the input, once a layer reads something else
    for row in rows:
        if isinstance(row.layer, specs.Flatten | specs.Unflatten):
            continue
        before, after = (FLOAT32_BYTES * math.prod(shape) for shape in (row.input_shape, row.output_shape))
        if row.body:
            shortcut = after + _peak(row.shortcut, before) if row.shortcut else 0
            added = before + 2 * after + (after if row.shortcut else 0)
            now = max(_peak(row.body, before), shortcut, added)
        else:
            now = before + after
        most, waits = max(most, waits + now), held
    return most

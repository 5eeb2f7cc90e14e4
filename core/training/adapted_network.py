"""Find the settings with which a network can be trained on the pictures of this app. No torch.

A network for other pictures or other classes needs a few changes: the picture's size, the last layer's units, and, for
the largest, narrower fully connected layers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.layers.calculator import analyze
from core.layers.limits import check_size
from core.layers.setting_checks import LayerError
from core.layers.specs import Activation, AdaptivePool, Conv, Flatten, Layer, Linear, Network
from core.size_text import format_shape
from core.training.experiment_checks import check_trainable

CLASSES = 10  # of both data sets
DIGITS, PHOTOGRAPHS = (1, 28, 28), (3, 32, 32)
MAX_MARGIN = 16  # pixels by which a picture may be larger and be replaced by padding
MAX_DENSE = 1_024  # units of a hidden layer in a network that would be too large

Edit = Callable[[list[Layer]], list[str]]  # changes the layers and tells how, or does nothing


@dataclass(frozen=True, slots=True)
class Adaptation:
    """A network that can be trained, and the changes that make it so."""

    input_shape: tuple[int, int, int]
    layers: Network
    changes: tuple[str, ...]  # "Set the picture to 28 × 28", "add a Flatten"

    @property
    def sentence(self) -> str:
        """The changes as one instruction: "Set the picture to 28 × 28 and layer 1's padding to 2"."""
        sets = [change.removeprefix("set ") for change in self.changes if change.startswith("set ")]
        verbs = [f"set {', '.join(sets[:-1])} and {sets[-1]}" if len(sets) > 1 else f"set {sets[0]}"] if sets else []
        verbs += [change for change in self.changes if not change.startswith("set ")]
        text = ", and ".join(verbs)
        return text[:1].upper() + text[1:]


def adapt(layers: Sequence[Layer], input_shape: Sequence[int]) -> Adaptation | None:
    """Return the network with the changes that it needs to be trained on MNIST or CIFAR-10.

    Args:
        layers: The network.
        input_shape: (C, H, W) of the pictures that it is written for; one channel leads to MNIST.

    Returns:
        The changed network; without changes if it can be trained as it is; None if no change of these suffices.

    Examples:
        >>> from core.layers.reference_networks import REFERENCE_NETWORKS
        >>> lenet = REFERENCE_NETWORKS["lenet-5"]
        >>> adapt(lenet.layers, lenet.input_shape).sentence
        "Set the picture to 28 × 28 and layer 1's padding to 2"
    """
    picture = DIGITS if input_shape[0] == 1 else PHOTOGRAPHS
    changed, changes = list(layers), []
    if tuple(input_shape) != picture:
        same_depth = input_shape[0] == picture[0]
        changes.append(f"set the picture to {format_shape(picture[1:] if same_depth else picture)}")
        changes += _pad(changed, [side - new for side, new in zip(input_shape[1:], picture[1:], strict=True)])
    edits: tuple[Edit, ...] = (
        lambda layers: _smaller_steps(layers, picture),
        lambda layers: _end(layers, picture),
        _narrow,
    )
    for edit in (lambda _: [], *edits):
        changes += edit(changed)
        if _trains(changed, picture):
            return Adaptation(picture, tuple(changed), tuple(changes))
    return None


def _trains(layers: Sequence[Layer], picture: tuple[int, int, int]) -> bool:
    """Return whether a network can be trained on these pictures."""
    try:
        rows = check_size(layers, picture)
        check_trainable(layers, picture)
    except LayerError:
        return False
    return bool(rows) and rows[-1].output_shape == (CLASSES,)


def _pad(layers: list[Layer], margins: Sequence[int]) -> list[str]:
    """Pad the first convolution by what the picture loses, where that is little: its output keeps its size."""
    first = layers[0] if layers else None
    margin = margins[0]
    if not isinstance(first, Conv) or not isinstance(first.padding, int):
        return []
    if len(set(margins)) > 1 or margin % 2 or not 0 < margin <= MAX_MARGIN:
        return []
    layers[0] = replace(first, padding=first.padding + margin // 2)
    return [f"set layer 1's padding to {first.padding + margin // 2}"]


def _smaller_steps(layers: list[Layer], picture: tuple[int, int, int]) -> list[str]:
    """Give the first convolution stride 1 where the planes become too small for a later layer."""
    try:
        analyze(layers, picture)
    except LayerError as error:
        first = layers[0]
        if not isinstance(first, Conv) or first.stride == 1 or error.index in (None, 0):
            return []
        layers[0] = replace(first, stride=1)
        return ["set layer 1's stride to 1"]
    return []


def _end(layers: list[Layer], picture: tuple[int, int, int]) -> list[str]:
    """Let the network end in one number for each class."""
    try:
        shape = analyze(layers, picture)[-1].output_shape
    except (LayerError, IndexError):
        return []
    place = len(layers) - 1
    while place > 0 and layers[place] == Activation("softmax"):
        place -= 1
    last = layers[place]
    if shape == (CLASSES, 1, 1):
        layers.append(Flatten())
        return ["add a Flatten"]
    if isinstance(last, Linear) and last.units != CLASSES:
        layers[place] = replace(last, units=CLASSES)
        return [f"set layer {place + 1}'s units to {CLASSES}"]
    if len(shape) == 3:
        layers += [Flatten(), Linear(CLASSES)]
        return [f"add a Flatten and a fully connected layer of {CLASSES} units"]
    if len(shape) == 1 and shape != (CLASSES,):
        layers.append(Linear(CLASSES))
        return [f"add a fully connected layer of {CLASSES} units"]
    return []


def _narrow(layers: list[Layer]) -> list[str]:
    """Make the hidden fully connected layers of a network that is too large narrower, and what they read smaller."""
    changes = []
    for place, layer in enumerate(layers):
        if isinstance(layer, AdaptivePool) and layer.size != 1:
            layers[place] = replace(layer, size=1)
            changes.append(f"set layer {place + 1}'s output to 1 × 1")
        elif isinstance(layer, Linear) and layer.units > MAX_DENSE:
            layers[place] = replace(layer, units=MAX_DENSE)
            changes.append(f"set layer {place + 1}'s units to {MAX_DENSE:,}")
    return changes

"""Read a network that a user pastes into a tuple of layers. It is parsed and followed, never executed.

`program` cleans what was copied and follows it to the picture's way through its layers; `libraries` knows the layers of
PyTorch and Keras; `build` fits them to the picture. Printed summaries, lists of weights and ONNX graphs are read by
modules of their own.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.layers import torchvision_networks
from core.layers.calculator import analyze
from core.layers.network_json import network_from_json
from core.layers.parse import network_from_summary, network_from_weights, picture_size, summary_rows, weight_shapes
from core.layers.parse.program.network import find
from core.layers.parse.program.reader import Follower
from core.layers.parse.program.text import (
    BLOCKS_PROGRAM,
    MAX_CHARACTERS,
    clean,
    from_notebook,
    from_printed,
    is_printed,
    tree,
)
from core.layers.parse.trace import ParseError
from core.layers.reference_networks import REFERENCE_NETWORKS
from core.layers.setting_checks import LayerError, check_input
from core.layers.specs import Linear, Network

__all__ = ["MAX_CHARACTERS", "LayerError", "ParseError", "ReadNetwork", "parse", "read"]

NAMES = {re.sub("[^a-z0-9]", "", name): name for name in REFERENCE_NETWORKS}  # of the app, as they are also written
# What a call of a library's network is given that changes none of its layers.
WITHOUT_EFFECT = {"weights", "pretrained", "progress", "True", "False"}
GUESSED = (
    "A table says shapes and parameters, not settings: kernels, strides, padding and activations are a guess that has "
    "the same shapes and parameters, and layers without weights that forward calls by itself are not in it."
)


@dataclass(frozen=True, slots=True)
class ReadNetwork:
    """A network that was read, its picture's shape (C, H, W), and sentences on what was assumed or left out."""

    layers: Network
    input_shape: tuple[int, int, int]
    notes: tuple[str, ...] = ()


def read(text: str, input_shape: Sequence[int] | None = None) -> ReadNetwork:
    """Return the network of a text: PyTorch, Keras, or what `print(model)` writes.

    Args:
        text: A program, a part of one, or a printed model.
        input_shape: Shape of one picture, (C, H, W), for texts that don't say it.

    Returns:
        The layers, the picture's shape, and notes.

    Raises:
        ParseError: The text holds no network that can be read; `faults` are all that were found.
        LayerError: The `input_shape` is invalid.

    Examples:
        >>> found = read("nn.Sequential(nn.Linear(784, 10))")
        >>> found.layers, found.input_shape
        ((Flatten(), Linear(units=10, bias=True)), (1, 28, 28))
    """
    given = None if input_shape is None else check_input(input_shape)
    if len(text) > MAX_CHARACTERS:
        raise ParseError(1, f"the text has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}.")
    text = from_notebook(text)
    if known := _by_name(text) or _exported(text):
        return known
    if shapes := weight_shapes.of_text(text):
        guessed, size, how = network_from_weights.network(shapes, given, in_order=True)
        return ReadNetwork(guessed, size, (how,))
    if rows := summary_rows.rows(text):
        layers, picture = network_from_summary.network(rows, given)
        return ReadNetwork(layers, check_input(picture), (GUESSED,))
    code = clean(text)
    notes: list[str] = []
    printed = is_printed(code)
    if printed:
        code = from_printed(code)
        notes.append("A printed model doesn't say how its layers are joined: they are read one after another.")
    follower = Follower()
    try:
        if printed:
            follower.known_blocks(tree(BLOCKS_PROGRAM))
        follower.file(tree(code))
        entries = find(follower, given)
    except RecursionError:  # a class that holds itself
        raise ParseError(1, "this is not Python code that can be read: it is nested too deep.") from None
    built = picture_size.fit(entries, follower.hints, given, printed)
    notes += [*follower.notes, *built.notes]
    if built.picture != given:
        named = " × ".join(map(str, built.picture))
        notes.append(f"The picture is taken as {named} (C × H × W), as the text says or its layers need.")
    return ReadNetwork(built.layers, built.picture, tuple(notes))


def parse(text: str, input_shape: Sequence[int]) -> Network:
    """Return only the layers of `read`, for a text whose picture has this shape.

    Examples:
        >>> parse("nn.Sequential(nn.Flatten(), nn.Linear(784, 10))", (1, 28, 28))
        (Flatten(), Linear(units=10, bias=True))
    """
    return read(text, input_shape).layers


def _exported(text: str) -> ReadNetwork | None:
    """Return the network of the calculator's own JSON; None for other texts. Raises ParseError."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        match json.loads(text):
            case {"input_shape": list() as shape, "layers": list() as data}:
                layers = network_from_json(data)
                picture = check_input(shape)
                analyze(layers, picture)
                return ReadNetwork(layers, picture)
    except LayerError:
        raise
    except (ValueError, RecursionError) as error:
        raise ParseError(1, f"this JSON holds no network: {error!s:.200}") from None
    return None


def _by_name(text: str) -> ReadNetwork | None:
    """Return the network of a name, such as resnet18 or models.vgg16(); None for other texts. Raises ParseError."""
    match = re.fullmatch(
        r"\s*(?:\w+\s*=\s*)?(?:torchvision\.)?(?:models\.)?([A-Za-z][\w -]{2,30}?)(?:\(([^()\n]*)\))?\s*", text
    )
    if match is None:
        return None
    if layers := torchvision_networks.network(match[1].lower()):
        note = f"torchvision's {match[1]}, for {' × '.join(map(str, torchvision_networks.PICTURE))} pictures."
        return ReadNetwork(_with_settings(layers, match[2] or ""), torchvision_networks.PICTURE, (note,))
    if why := torchvision_networks.reason(match[1].lower()):
        raise ParseError(1, f"{match[1]} cannot be written in this app's layers: {why}.")
    name = NAMES.get(match[1].lower()) or NAMES.get(re.sub("[^a-z0-9]", "", match[1].lower()))
    if name is None:
        return None
    reference = REFERENCE_NETWORKS[name]
    note = f"{reference.title} for {' × '.join(map(str, reference.input_shape))} pictures, from the app's own list."
    return ReadNetwork(_with_settings(reference.layers, match[2] or ""), reference.input_shape, (note,))


def _with_settings(layers: Network, settings: str) -> Network:
    """Return a known network as a call's settings make it. Raises ParseError for one that is not known."""
    for setting in filter(None, (one.strip() for one in settings.split(","))):
        name = setting.partition("=")[0].strip()
        if classes := re.fullmatch(r"num_classes\s*=\s*([1-9]\d{0,5})", setting):
            layers = (*layers[:-1], Linear(int(classes[1])))
        elif name not in WITHOUT_EFFECT:
            raise ParseError(1, f"{setting:.40} is not known here: use num_classes=10, or paste print(model)'s text.")
    return layers

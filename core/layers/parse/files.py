"""Read a network from a file: ONNX, safetensors, or a text. Nothing in it is executed or unpickled."""

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from core.layers.calculator import analyze
from core.layers.network_json import network_from_json
from core.layers.parse import ReadNetwork, network_from_weights, picture_size, read, weight_shapes
from core.layers.parse.trace import ParseError
from core.layers.setting_checks import check_input

MAX_BYTES = 400_000_000  # of a file: VGG-16's weights as float16, ResNet-50's four times over
TEXTS = ("", ".py", ".txt", ".md", ".json", ".ipynb")
KINDS = (".onnx", ".safetensors", *TEXTS[1:])
PICKLES = (".pt", ".pth", ".ckpt", ".bin", ".pkl", ".h5", ".keras")


def read_file(data: bytes, name: str, input_shape: Sequence[int] | None = None) -> ReadNetwork:
    """Return the network of a file.

    Args:
        data: What it holds.
        name: Its name, whose ending says what it is.
        input_shape: Shape of one picture, (C, H, W), for files that don't say it.

    Returns:
        The layers, the picture's shape, and notes.

    Raises:
        ParseError: The file holds no network that can be read.
        LayerError: The `input_shape` is invalid.

    Examples:
        >>> read_file(b"nn.Sequential(nn.Linear(784, 10))", "net.py").input_shape
        (1, 28, 28)
    """
    ending = PurePath(name).suffix.lower()
    if len(data) > MAX_BYTES:
        raise ParseError(1, f"the file has {len(data) / 1e6:,.0f} MB; the limit is {MAX_BYTES / 1e6:,.0f} MB.")
    given = None if input_shape is None else check_input(input_shape)
    if ending == ".onnx":
        return _onnx(data, given)
    if ending == ".safetensors":
        return _safetensors(data, given)
    if ending in PICKLES:
        raise ParseError(
            1,
            f"a {ending} file can hold a program, so it is not opened: save the weights with "
            "safetensors.torch.save_file, export the network as ONNX, or paste its program.",
        )
    if ending not in TEXTS:
        raise ParseError(1, f"{ending} files are not read: use one of {', '.join(KINDS)}.")
    try:
        return read(data.decode("utf-8-sig"), given)
    except UnicodeDecodeError:
        raise ParseError(1, "the file is no text: save it as UTF-8.") from None


def _onnx(data: bytes, given: tuple[int, int, int] | None) -> ReadNetwork:
    from core.layers.parse.graph.graph_walk import follow, open_model  # a third of a second, for who brings such a file

    model = open_model(data)
    if own := _from_metadata({one.key: one.value for one in model.metadata_props}):
        return own
    entries, pictures, notes = follow(model)
    fitted = picture_size.fit(entries, pictures, given, unit="node")
    return ReadNetwork(fitted.layers, fitted.picture, (*notes, *fitted.notes))


def _safetensors(data: bytes, given: tuple[int, int, int] | None) -> ReadNetwork:
    """Return the network in the app's own metadata, or one that is guessed from the weights' names and shapes."""
    shapes, metadata = weight_shapes.of_safetensors(data)
    if own := _from_metadata(metadata):
        return own
    layers, picture, how = network_from_weights.network(shapes, given, in_order=False)
    return ReadNetwork(layers, picture, (how,))


def _from_metadata(metadata: Mapping[str, str]) -> ReadNetwork | None:
    """Return the network in the metadata of a file that this app wrote; None for other programs' files."""
    try:
        experiment = json.loads(json.loads(metadata["experiment"]))
        layers, shape = network_from_json(experiment["layers"]), check_input(json.loads(metadata["shape"]))
        analyze(layers, shape)
    except (KeyError, ValueError, TypeError, RecursionError):
        return None
    return ReadNetwork(layers, shape, ("The file says which layers its weights belong to.",))

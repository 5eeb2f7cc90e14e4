"""Read the names and shapes of a network's weights: a state dict's printed list, or a safetensors file's header."""

import json
import re

from core.layers.parse.trace import ParseError
from core.layers.parse.whole_numbers import whole_numbers
from core.layers.shape_inference.inferred_layer import Shape

MAX_TENSORS = 2_000
MAX_HEADER = 5_000_000  # bytes
# Begins where a name does, and gives no space back, so that the time grows with the text's length and not its square.
ROW = re.compile(
    r"""["']?(?<![\w.])([\w.]*\w\.(?:weight|bias|running_mean|running_var|num_batches_tracked))["']?\s*+[:,=|]?\s*+
                     (?:torch\.Size\(|torch\.Tensor|tensor|Parameter|shape=|\(){0,6}\s*+[\[(]([\d,\s]*)[\])]""",
    re.VERBOSE,
)
NAME = re.compile(r"[\w.]+\.(?:weight|bias|running_mean|running_var|num_batches_tracked)")
MAX_NAMES = 20_000  # characters of a text that are searched for names of weights
NO_SHAPES = (
    "these are the names of weights without their shapes, which many networks have: paste what "
    "for name, values in model.state_dict().items(): print(name, tuple(values.shape)) "
    "prints, or print(model)'s text, or the network's program."
)


def of_text(text: str) -> dict[str, Shape]:
    r"""Return the shapes of a state dict's list, by name, as people print it; empty for other texts.

    Examples:
        >>> of_text("fc.weight torch.Size([10, 784])\nfc.bias torch.Size([10])")
        {'fc.weight': (10, 784), 'fc.bias': (10,)}
    """
    found = {match[1]: whole_numbers(match[2]) for match in ROW.finditer(text)}
    if any(len(shape) > 1 for shape in found.values()):
        return found
    words = [word for word in re.findall(r"[\w.]+", text[:MAX_NAMES]) if re.search(r"[^\W\d]", word)]
    names = [word for word in words if NAME.fullmatch(word)]
    if len(names) > 1 and 1.2 * len(names) + 1 >= len(words):
        raise tensor_fault(1, NO_SHAPES)
    return {}


def of_safetensors(data: bytes) -> tuple[dict[str, Shape], dict[str, str]]:
    """Return the shapes of a safetensors file's tensors, by name, and its metadata. Only the header is read.

    Raises:
        ParseError: It is no such file, or holds too much.
    """
    length = int.from_bytes(data[:8], "little")
    if not 2 <= length <= min(MAX_HEADER, len(data) - 8):
        raise tensor_fault(1, "this is no whole safetensors file: save the weights again.")
    try:
        header = json.loads(data[8 : 8 + length])
        notes = header.pop("__metadata__", {})
        shapes = {str(name): tuple(int(size) for size in one["shape"]) for name, one in header.items()}
    except (ValueError, OverflowError, KeyError, TypeError, AttributeError, RecursionError):
        raise tensor_fault(1, "this is no safetensors file that can be read: save the weights again.") from None
    if not 0 < len(shapes) <= MAX_TENSORS or any(len(shape) > 5 for shape in shapes.values()):
        raise tensor_fault(1, f"the file holds {len(shapes):,} tensors; a network has 1 to {MAX_TENSORS:,}.")
    return shapes, {key: value for key, value in notes.items() if isinstance(value, str)}


def tensor_fault(tensor: int, reason: str) -> ParseError:
    """Return the error about one tensor, counted from 1."""
    return ParseError(tensor, reason, unit="tensor")

"""Predict every whole-pixel shift of a picture at once: each is a window of one canvas.

torch: for the inference server. Layers that commute with shifts are computed on the canvas, once for all windows; a
pooling or convolution with a stride once for each of its possible first rows and columns; a blur that mirrors each
window's border once for each line that differs. Only the rest of the network then sees every window by itself.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.insight.loaded_network import Loaded
from core.insight.transforms import MAX_SHIFT, SHIFTS
from core.layers.shape_inference.windows import blur_padding, window_spans
from core.layers.specs import Activation, BatchNorm, Conv, Layer, Pool, PrimaryCapsules, pair
from core.nets import capsule
from core.nets.blur import BlurPool

CANVASES_AT_ONCE = 10  # canvases at once, and
WINDOWS_AT_ONCE = 500  # windows at once: what a layer puts out then stays in the processor's cache

Step = tuple[Layer, Callable[[Tensor], Tensor]]  # a layer and its module
Size = tuple[int, int]  # height and width of a window
Places = tuple[
    range, range
]  # rows and columns of the map; a canvas' window (i, j) is the answer at rows[i], columns[j]


def answers(loaded: Loaded, pictures: Tensor) -> Tensor:
    """Return the predicted classes of uint8 (N, C, H, W), shifted down and right by SHIFTS: uint8 (17, 17, N)."""
    return torch.cat([_answers(loaded, part) for part in pictures.split(CANVASES_AT_ONCE)], dim=2)


def _answers(loaded: Loaded, pictures: Tensor) -> Tensor:
    """Return the same for as many pictures as fit at once."""
    height, width = loaded.shape[1:]
    canvas = loaded.prepared(functional.pad(pictures, [MAX_SHIFT] * 4))  # 0 is black
    found = torch.empty((len(SHIFTS), len(SHIFTS), len(pictures)), dtype=torch.uint8)
    everywhere = range(len(SHIFTS))  # a window's first row: 0 is the picture moved down the furthest
    start = canvas.contiguous(memory_format=torch.channels_last)
    for (rows, columns), logits in _windows(list(_steps(loaded)), start, (height, width), (everywhere, everywhere)):
        classes = logits.argmax(dim=3).permute(1, 2, 0)
        found[rows.start : rows.stop : rows.step, columns.start : columns.stop : columns.step] = classes.byte().cpu()
    return found.flip(0, 1)


def _steps(loaded: Loaded) -> Iterator[Step]:
    """Yield the network's layers; of primary capsules first the convolution, then what reads its planes as vectors."""
    for spec, module in zip(loaded.experiment.layers, loaded.logits, strict=True):
        if isinstance(spec, PrimaryCapsules) and isinstance(module, capsule.PrimaryCapsules):
            planes = spec.types * spec.dimensions
            yield Conv(planes, spec.kernel, spec.stride, spec.padding), partial(nn.Conv2d.forward, module)
            yield spec, module.read
        else:
            yield spec, module


def _windows(steps: Sequence[Step], canvas: Tensor, size: Size, places: Places) -> Iterator[tuple[Places, Tensor]]:
    """Yield the outputs of a network, or of the rest of one, for the windows of a canvas (n, C, H', W').

    Args:
        steps: The network's layers.
        canvas: Whose upper left corner is the first window's.
        size: Of a window.
        places: Rows and columns of the map that are still to be done.

    Yields:
        Rows and columns of the map, and logits (n, rows, columns, classes), until all `places` are done.
    """
    for place, (spec, module) in enumerate(steps):
        if _moves(spec):
            before = canvas.shape[2:]
            canvas = module(canvas)
            size = size[0] - before[0] + canvas.shape[2], size[1] - before[1] + canvas.shape[3]
        elif (window := _strided(spec)) is not None:
            kernel, stride = window
            size = (size[0] - kernel[0]) // stride[0] + 1, (size[1] - kernel[1]) // stride[1] + 1
            for y, x in product(*map(range, stride)):
                inner = places[0][y :: stride[0]], places[1][x :: stride[1]]
                if all(inner):
                    yield from _windows(steps[place + 1 :], module(canvas[..., y:, x:]), size, inner)
            return
        elif isinstance(module, BlurPool):
            yield places, _each(steps[place + 1 :], _blurred(canvas, module, size, places))
            return
        else:
            yield places, _each(steps[place:], _cut(canvas, size, places))
            return
    yield places, _cut(canvas, size, places).flatten(3)  # a network that only moves along ends in planes of one pixel


def _cut(canvas: Tensor, size: Size, places: Places) -> Tensor:
    """Return the windows themselves: (n, rows, columns, h, w, C)."""
    rows, columns = map(len, places)
    windows = canvas.unfold(2, size[0], 1).unfold(3, size[1], 1)[:, :, :rows, :columns]  # (n, C, rows, columns, h, w)
    return windows.permute(0, 2, 3, 4, 5, 1)


def _each(steps: Sequence[Step], windows: Tensor) -> Tensor:
    """Return a network's outputs for windows (n, rows, columns, h, w, C): (n, rows, columns, classes)."""
    batch = windows.reshape(-1, *windows.shape[3:]).permute(0, 3, 1, 2)  # (n * rows * columns, C, h, w)
    parts = []
    for part in batch.split(WINDOWS_AT_ONCE):
        for _, module in steps:
            part = module(part)
        parts.append(part)
    return torch.cat(parts).view(*windows.shape[:3], -1)


def _moves(layer: Layer) -> bool:
    """Return whether a layer commutes with shifts to the pixel: no stride, no padding, no mixing of places."""
    match layer:
        case Conv(stride=1, padding=0) | Pool(stride=1, padding=0) | BatchNorm():
            return True
        case Activation():
            return layer.kind != "softmax"
    return False


def _strided(layer: Layer) -> tuple[Size, Size] | None:
    """Return the window and the stride of a layer that only skips places; None for every other layer."""
    match layer:
        case Pool(padding=0, ceil=False):
            return pair(layer.kernel), pair(layer.stride or layer.kernel)
        case Conv(padding=0):
            height, width = window_spans(pair(layer.kernel), pair(layer.dilation))
            return (height, width), pair(layer.stride)
    return None


def _blurred(canvas: Tensor, blur: BlurPool, size: Size, places: Places) -> Tensor:
    """Blur each window with its own border mirrored: (n, rows, columns, h', w', C).

    The blur is one of rows after one of columns, each a product with a matrix that holds every line of every window.
    Most lines are the same for several windows, and computed once.
    """
    taps = blur.kernel[0, 0].sum(dim=0)
    (down, top), (across, left) = (
        _lines(taps, stride, side, len(windows), length)
        for stride, side, windows, length in zip(pair(blur.stride), size, places, canvas.shape[2:], strict=True)
    )
    lines = (down.to(canvas) @ canvas @ across.to(canvas).T).permute(0, 2, 3, 1)  # (n, lines, lines, C)
    n, high, wide, channels = lines.shape
    each = torch.arange(n, device=canvas.device).view(n, 1, 1, 1, 1) * high * wide
    at = each + (top[:, None, :, None] * wide + left[:, None]).to(canvas.device)  # (n, rows, columns, h', w')
    return lines.reshape(-1, channels).index_select(0, at.flatten()).view(*at.shape, channels)


def _lines(taps: Tensor, stride: int, side: int, windows: int, length: int) -> tuple[Tensor, Tensor]:
    """Return the blur along one axis as a matrix of all lines that differ, and which of them each window has.

    Args:
        taps: The kernel.
        stride: Of the blur.
        side: Pixels of a window.
        windows: How many there are, the first at 0, the next at 1.
        length: Pixels of the canvas.

    Returns:
        A matrix (lines, length), and indices (windows, side').
    """
    padded = functional.pad(torch.eye(side), blur_padding(len(taps)), mode="reflect")
    one = (padded.unfold(1, len(taps), stride) @ taps.cpu()).T  # (side', side)
    every = torch.zeros(windows, len(one), length)
    for first, window in enumerate(every):
        window[:, first : first + side] = one
    lines, at = every.flatten(0, 1).unique(dim=0, return_inverse=True)
    return lines, at.view(windows, len(one))

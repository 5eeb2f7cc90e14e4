"""Build the layers of a picture's way for one size of the picture, with every fault in it."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from core.layers.calculator import analyze
from core.layers.layer_count import MAX_DEPTH, MAX_LAYERS, too_many_layers
from core.layers.parse.libraries.torch_signatures import INPUT_DIMENSIONS
from core.layers.parse.trace import Entry, Fork, RefusedError, use_count
from core.layers.setting_checks import LayerError, check_layer
from core.layers.shape_inference.inferred_layer import Shape
from core.layers.shape_inference.layer import infer
from core.layers.specs import Conv, ConvTranspose, Flatten, Layer, Network, Pad, Pool, Residual, pair

Edges = tuple[tuple[int, int], tuple[int, int]]  # ((top, bottom), (left, right))
MAX_FAULTS = 50


class Builder:
    """Turns a picture's way into layers, for one shape of the picture."""

    def __init__(self, picture: tuple[int, int, int], flattens: bool = False) -> None:
        """Start without faults; `flattens` says that a Flatten is missing before fully connected layers."""
        self.picture = picture
        self.flattens = flattens
        self.faults: list[tuple[int, str]] = []
        self.notes: dict[str, None] = {}
        self.lines: list[int] = []  # of the outermost layers
        self.seen: set[int] = set()  # layers with weights
        self.sized = False  # whether a fault says that the picture's size is another

    def network(self, entries: Sequence[Entry]) -> Network:
        """Return the layers; what is wrong is in `faults`."""
        total = use_count(entries)
        if total > MAX_LAYERS:
            self.fault(_nth(entries, MAX_LAYERS).line, too_many_layers(total))
            return ()
        layers, _ = self.way(entries, self.picture, 0)
        if not self.faults:
            try:
                analyze(layers, self.picture)
            except LayerError as error:
                self.fault(self.lines[error.index or 0] if self.lines else 1, error.reason)
        return layers

    def fault(self, line: int, reason: str) -> None:
        """Keep a fault."""
        if len(self.faults) < MAX_FAULTS and (line, reason) not in self.faults:
            self.faults.append((line, reason))

    def way(self, entries: Sequence[Entry], shape: Shape | None, depth: int) -> tuple[Network, Shape | None]:
        """Return the layers of a way from this shape, None where it isn't known, and the shape behind them."""
        layers: list[Layer] = []
        pad: Edges | None = None
        before: Shape | None = None  # of the last layer
        for entry in entries:
            self.notes |= dict.fromkeys(entry.notes)
            if isinstance(entry, Fork):
                if pad is not None:
                    shape = self._pad(entry, pad, shape, layers)
                    pad = None
                made, shape = self._fork(entry, shape, depth)
            elif entry.name == "Pad" and "pad" in entry.written:
                pad = _sum(pad, entry.written["pad"])
                continue
            elif entry.name == "Crop":
                shape = self._cropped(entry, layers, before)
                continue
            else:
                if entry.name == "Linear" and (self.flattens or (not layers and depth == 0)):
                    shape = self._flattened(entry, shape, layers)
                before = shape
                made, shape = self._layer(entry, shape, pad)
                pad = None if made else pad
            layers += made
            if depth == 0:
                self.lines += [entry.line] * (len(layers) - len(self.lines))
        if pad is not None:
            shape = self._pad(entries[-1], pad, shape, layers)
        return tuple(layers), shape

    def _pad(self, entry: Entry, pad: Edges, shape: Shape | None, layers: list[Layer]) -> Shape | None:
        """Add a padding as a layer of its own, and return the shape behind it."""
        layers.append(Pad(*pad))
        try:
            return None if shape is None else infer(layers[-1], 0, shape, self.picture).shape
        except LayerError as error:
            self.fault(entry.line, error.reason)
            return None

    def _flattened(self, entry: Entry, shape: Shape | None, layers: list[Layer]) -> Shape | None:
        """Flatten a picture that a fully connected layer reads first, as programs do outside the network."""
        if shape is None or len(shape) != 3:
            return shape
        if entry.written.get("in_features", -1) != math.prod(shape) and "in_features" in entry.written:
            self.sized = True
            if not self.flattens:
                return shape
        layers.append(Flatten())
        self.notes["A Flatten is put before the first fully connected layer: the picture's values are its input."] = (
            None
        )
        return (math.prod(shape),)

    def _fork(self, fork: Fork, shape: Shape | None, depth: int) -> tuple[Network, Shape | None]:
        if depth >= MAX_DEPTH:
            self.fault(fork.line, f"blocks can be nested at most {MAX_DEPTH} deep.")
            return (), None
        body, after = self.way(fork.body, shape, depth + 1)
        shortcut, past = self.way(fork.shortcut, shape, depth + 1)
        if not body and shortcut:
            body, shortcut = shortcut, body
        if after is not None and past is not None and after != past:
            self.fault(fork.line, f"the two ways that are added here have the shapes {after} and {past}.")
        if not body:
            return (), after
        return (Residual(body, shortcut),), after

    def _cropped(self, entry: Entry, layers: list[Layer], before: Shape | None) -> Shape | None:
        """Take what is cut off after a transposed convolution as its padding."""
        edges: Any = entry.written["pad"]
        (top, bottom), (left, right) = edges
        last = layers[-1] if layers else None
        if not isinstance(last, ConvTranspose) or (top, left) != (bottom, right) or before is None:
            self.fault(entry.line, "cropping can be read behind a transposed convolution, the same on opposite sides.")
            return None
        own = pair(last.padding)
        layers[-1] = dataclasses.replace(last, padding=(own[0] + top, own[1] + left))
        try:
            return infer(layers[-1], 0, before, self.picture).shape
        except LayerError as error:
            self.fault(entry.line, error.reason)
            return None

    def _layer(self, entry: Entry, shape: Shape | None, pad: Edges | None) -> tuple[Network, Shape | None]:
        try:
            layers = entry.make(shape if shape is not None else ())
        except RefusedError as error:
            if shape is not None or entry.name not in ("flatten", "view", "reshape", "getitem", "squeeze"):
                self.fault(entry.line, str(error))
                self.sized = self.sized or entry.name in ("view", "reshape")
            return (), shape if error.passes else None
        except IndexError:
            return (), None
        except (ArithmeticError, LookupError, TypeError, ValueError):  # of a file, whose settings can be anything
            self.fault(entry.line, f"{entry.name:.40} has a setting that cannot be read.")
            return (), None
        if shape is None:
            for layer in layers:
                try:
                    check_layer(layer, 0)
                except LayerError as error:
                    self.fault(entry.line, error.reason)
            return layers, None
        self._check(entry, layers, shape)
        if entry.written and entry.origin is not None and layers:
            if id(entry.origin) in self.seen:
                self.notes[f"The layer of line {entry.origin.line} is used again: its weights are counted again."] = (
                    None
                )
            self.seen.add(id(entry.origin))
        if pad is not None and layers:
            folded = _padded(layers[0], pad)
            own: list[Layer] = []
            if folded is None:
                padded = self._pad(entry, pad, shape, own)
                layers = (*own, *entry.make(padded if padded is not None else shape))
            else:
                layers = (folded, *layers[1:])
        for layer in layers:
            try:
                check_layer(layer, 0)
                shape = infer(layer, 0, shape, self.picture).shape
            except LayerError as error:
                self.fault(entry.line, error.reason)
                return layers, None
        return layers, shape

    def _check(self, entry: Entry, layers: Network, coming: Shape) -> None:
        """Keep a fault if a layer is written for another input than it gets, or for a picture of other pixels."""
        name = entry.name
        for setting, value in entry.written.items():
            if setting in ("flat", "picture", "pad", "no_bias", "scaled"):
                continue
            if setting == "softmax":
                if len(coming) == 3:
                    self.fault(entry.line, "Softmax must be over the channels: use dim=1, not the last dimension.")
                continue
            if setting == "normalized_shape":
                sizes = tuple(value) if isinstance(value, tuple | list) else (value,)
                if sizes != coming[-len(sizes) :]:
                    last = coming[-len(sizes) :]
                    self.fault(entry.line, f"{setting} of {name} is {sizes}, but its input has {last}: write that.")
                continue
            if setting == "in_features" and len(coming) != 1:
                continue  # a Flatten is missing, which is reported instead
            size = {"size": coming[-1], "values": math.prod(coming), "pixels": math.prod(self.picture)}.get(
                setting, coming[0]
            )
            if value != size:
                advice = f"write {size}, or change the layers before it."
                self.fault(entry.line, f"{setting} of {name} is {value!r:.40}, but its input has {size}: {advice}")
                self.sized = self.sized or setting == "in_features"
        if name in INPUT_DIMENSIONS and INPUT_DIMENSIONS[name] != len(coming) and len(coming) != 2:
            other = next(norm for norm, dimensions in INPUT_DIMENSIONS.items() if dimensions == len(coming))
            self.fault(entry.line, f"use {other} instead of {name} here: the input has {len(coming)} dimension(s).")


def _padded(layer: Layer, pad: Edges) -> Layer | None:
    """Return a layer with more padding, or None where its own padding cannot be the same."""
    (top, bottom), (left, right) = pad
    even = (top, left) == (bottom, right)
    if not isinstance(layer, Conv | Pool) or layer.padding == "same":
        return None
    own = pair(layer.padding)
    padded = dataclasses.replace(layer, padding=(own[0] + top, own[1] + left))
    if even:
        return padded
    if isinstance(padded, Pool) and padded.kind == "max" and bottom >= top and right >= left:
        return dataclasses.replace(padded, ceil=True)
    return None


def _sum(pad: Edges | None, more: Any) -> Edges:
    """Return the sum of two paddings."""
    ((top, bottom), (left, right)), (rows, columns) = pad or ((0, 0), (0, 0)), more
    return (top + rows[0], bottom + rows[1]), (left + columns[0], right + columns[1])


def _nth(entries: Sequence[Entry], place: int) -> Entry:
    return entries[min(place, len(entries) - 1)]

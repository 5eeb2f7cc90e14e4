"""Take in a person's own trained network: its weights, and what the network is. torch: for the inference server.

Weights are a safetensors file, which holds no code. What the network is stands in that file's metadata, as the app
writes it, or in the JSON of an experiment, or in the text of a PyTorch program, which is read and never executed. An
ONNX file says both itself; that it was read rightly is checked with onnxruntime.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import onnxruntime
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from core import data
from core.data import Dataset
from core.data.statistics import statistics
from core.insight import onnx_reader
from core.layers.limits import check_size
from core.layers.parse import ParseError, parse
from core.layers.setting_checks import LayerError
from core.layers.specs import Network
from core.nets.network import build
from core.training.checkpoints import BROKEN, put, weights
from core.training.experiment import Experiment, ExperimentError

MAX_TENSORS = 2000
CHECKED_PICTURES = 8  # that a network from ONNX is checked on
TOLERANCE = 1e-3  # of a probability, there
MAX_LEVEL = 1e9  # of a normalization's mean and deviation
COUNTER = "num_batches_tracked"  # of a batch norm: older programs save none


class OwnNetworkError(ValueError):
    """Raised for a file that is no network this app can show; the message is a sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """A network that was taken in."""

    experiment: str  # JSON
    notes: tuple[str, ...]  # sentences on what was assumed


def adopt(source: Path, about: str, dataset: str, target: Path) -> Adopted:
    """Check a person's network and write it as the app writes its own, for `core.insight.loaded_network.load`.

    Args:
        source: The safetensors or ONNX file.
        about: The JSON of an experiment or the text of a PyTorch program; empty if the file's metadata say it.
        dataset: The identity of the data it is shown with.
        target: The file to write.

    Raises:
        OwnNetworkError: It cannot be read, or does not fit the data.
        DataError: The data is not on this machine.
    """
    pictures = data.load(dataset)
    content = source.read_bytes()
    if is_onnx := onnx_reader.looks_like(content):
        experiment, tensors, told = _read_onnx(content, pictures)
    else:
        tensors, told = _read(source)
        experiment = replace(_experiment(about, told, pictures), data=pictures.info.name, parent_run="")
    _check_ending(experiment, pictures)
    network, notes = build(experiment.layers, pictures.info.shape), []
    named, how = _named(tensors, network.state_dict())
    notes += [how] if how else []
    try:
        put(network, named)
    except RuntimeError as error:
        raise OwnNetworkError(f"These weights do not fit the layers: {_first_line(error)}") from error
    if not all(bool(tensor.isfinite().all()) for tensor in network.state_dict().values()):
        raise OwnNetworkError("These weights hold infinite numbers or ones that are no numbers: save them again.")
    mean, std, assumed = _normalization(told, pictures)
    notes += [assumed] if assumed else []
    if is_onnx:
        _check_against_onnxruntime(content, network, pictures, (mean, std), takes_pixels=not assumed)
    state = {"experiment": experiment.to_json(), "shape": pictures.info.shape, "mean": mean, "std": std}
    held = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    save_file(held, target, {name: json.dumps(value) for name, value in state.items()})
    return Adopted(experiment.to_json(), tuple(notes))


def _read(source: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the network's tensors, and the app's metadata if there are any."""
    try:
        with safe_open(source, framework="pt") as file:
            names = list(file.keys())
            if not 0 < len(names) <= MAX_TENSORS:
                raise OwnNetworkError(
                    f"This file holds {len(names):,} tensors; a network here has 1 to {MAX_TENSORS:,}."
                )
            tensors = {name: file.get_tensor(name) for name in names}
            told = dict(file.metadata() or {})
    except BROKEN as error:
        if isinstance(error, OwnNetworkError):
            raise
        raise OwnNetworkError(
            "This is no whole safetensors file: save the weights with safetensors.torch.save_file, and upload that."
        ) from error
    state: dict[str, Any] = {}
    for name, value in told.items():
        try:
            state[name] = json.loads(value)
        except (ValueError, RecursionError):
            continue  # others keep notes of their own there
    checkpoint = state.get("checkpoint")
    if isinstance(checkpoint, dict) and isinstance(checkpoint.get("state"), dict):
        return {name: _float(tensor) for name, tensor in weights(tensors).items()}, checkpoint["state"]
    return {name: _float(tensor) for name, tensor in tensors.items()}, state


def _read_onnx(content: bytes, pictures: Dataset) -> tuple[Experiment, dict[str, Tensor], dict[str, Any]]:
    """Return the network of an ONNX file, its tensors, and the normalization that it holds."""
    try:
        chain = onnx_reader.read(content)
    except onnx_reader.OnnxChainError as error:
        raise OwnNetworkError(str(error)) from error
    if len(chain.tensors) > MAX_TENSORS:
        raise OwnNetworkError(f"This file holds {len(chain.tensors):,} tensors; a network here has {MAX_TENSORS:,}.")
    tensors = {name: torch.from_numpy(tensor) for name, tensor in chain.tensors.items()}
    told: dict[str, Any] = {}
    if chain.mean or chain.std:
        channels = pictures.info.shape[0]
        mean, std = chain.mean or [0.0], chain.std or [1.0]
        told = {"mean": mean * (channels // len(mean) or 1), "std": std * (channels // len(std) or 1)}
    return Experiment(layers=chain.network, data=pictures.info.name), tensors, told


def _check_against_onnxruntime(
    content: bytes,
    network: nn.Sequential,
    pictures: Dataset,
    normalization: tuple[list[float], list[float]],
    *,
    takes_pixels: bool,
) -> None:
    """Raise OwnNetworkError unless onnxruntime computes the same probabilities for some test pictures.

    Args:
        content: The ONNX file.
        network: What was read from it.
        pictures: The data it is shown with.
        normalization: Mean and deviation of each channel.
        takes_pixels: Whether the file itself normalizes.
    """
    pixels = torch.from_numpy(pictures.test_images[:CHECKED_PICTURES].copy()).float() / 255
    mean, std = (torch.tensor(values).view(1, -1, 1, 1) for values in normalization)
    normalized = (pixels - mean) / std
    with torch.inference_mode():
        own = network.eval()(normalized).softmax(dim=1)
    try:
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name
        given = pixels if takes_pixels else normalized
        found = [torch.from_numpy(session.run(None, {name: one[None].numpy()})[0]) for one in given]
    except Exception as error:  # onnxruntime has many of its own
        raise OwnNetworkError(f"onnxruntime cannot run this file: {_first_line(error)}") from error
    difference = float((own - torch.cat(found).reshape(len(own), -1).softmax(dim=1)).abs().max())
    if not difference <= TOLERANCE:
        raise OwnNetworkError(
            "The network was not read rightly: its probabilities differ from onnxruntime's by up to "
            f"{difference:.2g}. Upload it as safetensors with its program instead."
        )


def _float(tensor: Tensor) -> Tensor:
    return tensor.to(torch.float32) if tensor.is_floating_point() else tensor


def _experiment(about: str, told: Mapping[str, Any], pictures: Dataset) -> Experiment:
    """Return the experiment in a text, or in the file's metadata."""
    text = about.strip()
    try:
        if text and not text.startswith("{"):
            return Experiment(layers=_layers(text, pictures), data=pictures.info.name)
        if not text and not isinstance(told.get("experiment"), str):
            raise OwnNetworkError(
                "These weights do not say which layers they belong to: add the network's settings (JSON, as this app "
                "exports them) or its PyTorch program."
            )
        return Experiment.from_json(text or told["experiment"])
    except (ExperimentError, ParseError, LayerError) as error:
        raise OwnNetworkError(f"The network could not be read: {error}") from error


def _layers(text: str, pictures: Dataset) -> Network:
    return parse(text, pictures.info.shape)


def _check_ending(experiment: Experiment, pictures: Dataset) -> None:
    """Raise OwnNetworkError unless the network takes the pictures and puts out a number for each class."""
    info = pictures.info
    try:
        rows = check_size(experiment.layers, info.shape)
    except LayerError as error:
        raise OwnNetworkError(f"This network does not take pictures of {info.title}: {error}") from error
    if rows[-1].output_shape != (len(info.classes),):
        raise OwnNetworkError(
            f"This network puts out {math.prod(rows[-1].output_shape):,} numbers; {info.title} has "
            f"{len(info.classes):,} classes. Choose the data set that it was trained on."
        )


def _named(tensors: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], str]:
    """Return the tensors under the names of `core.nets.network.build`, and a sentence if those had to be guessed."""
    counters = {name: tensor for name, tensor in own.items() if name.endswith(COUNTER)}
    if tensors.keys() | counters.keys() == own.keys():
        return {**counters, **tensors}, ""
    mine, theirs = _modules(own), _modules(tensors)
    theirs_in_order = [theirs[name] for name in sorted(theirs, key=_natural)]
    if len(mine) != len(theirs_in_order):
        raise OwnNetworkError(
            f"These weights are of {len(theirs):,} layers with weights, the network has {len(mine):,}: "
            "upload the file and the settings of the same network."
        )
    named = dict(counters)
    for (place, held), given in zip(mine.items(), theirs_in_order, strict=True):
        for leaf, tensor in held.items():
            if leaf not in given or given[leaf].shape != tensor.shape:
                raise OwnNetworkError(
                    f"The weights' names are not this app's, and in order they do not fit: layer {place} needs "
                    f"{leaf} of {tuple(tensor.shape)}. Name them after nn.Sequential: 0.weight, 0.bias, …"
                )
            named[f"{place}.{leaf}"] = given[leaf]
        if extra := sorted(given.keys() - held.keys()):
            raise OwnNetworkError(f"The weights hold {extra[0]!r:.40} for layer {place}, which has none.")
    return named, "The weights' names are others than this app's: they were given to the layers in the names' order."


def _modules(tensors: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """Return the tensors by their layer and their name there, without counters."""
    modules: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        place, _, leaf = name.rpartition(".")
        if leaf != COUNTER:
            modules.setdefault(place, {})[leaf] = tensor
    return modules


def _natural(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts conv2 before conv10."""
    return [(int(part), "") if part.isdecimal() and len(part) < 10 else (-1, part) for part in re.split(r"(\d+)", name)]


def _normalization(told: Mapping[str, Any], pictures: Dataset) -> tuple[list[float], list[float], str]:
    """Return mean and deviation of each channel, and a sentence if they were assumed."""
    found = []
    for name in ("mean", "std"):
        values = told.get(name)
        if not isinstance(values, list) or len(values) != pictures.info.shape[0]:
            continue
        if all(type(value) in (int, float) and abs(value) < MAX_LEVEL for value in values):
            found.append([float(value) for value in values])
    if len(found) == 2 and min(found[1]) > 0:
        return found[0], found[1], ""
    mean, std = statistics(pictures)
    return list(mean), list(std), f"Pictures are normalized with the mean and deviation of {pictures.info.title}."


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[1:2] or lines or [type(error).__name__])[0][:200]

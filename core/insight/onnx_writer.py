"""Export a trained network as ONNX, and check it: `python -m core.insight.onnx_writer WEIGHTS OUT`. torch.

The file takes pictures as they are, float32 (N, C, H, W) from 0 to 1, and returns logits, or lengths of capsules:
normalization and test-time augmentation are a part of it. Exporting takes seconds, so it has a process of its own.
"""

import copy
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from core.insight.loaded_network import Loaded, load
from core.layers.logits import ends_in_lengths
from core.layers.seen_pixels import adaptive_windows
from core.layers.specs import Size, pair
from core.nets.network import ResidualBlock
from core.training.evaluation import views

TOLERANCE = 1e-4  # of a logit, relative to the largest where that is above 1
CHECKED_PICTURES = 16  # that the export is checked on


class OnnxError(RuntimeError):
    """Raised if the network cannot be exported, or if the exported one computes something else."""


class SpreadMaxPool(nn.Module):
    """nn.AdaptiveMaxPool2d for ONNX: every window's rows, then columns, are gathered and their maximum kept.

    The exporter itself takes only sizes that divide the plane's.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        """Take the size (height, width) of the output."""
        super().__init__()
        self.size = size

    def forward(self, planes: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, C, *size)."""
        for axis, count in zip((2, 3), self.size, strict=True):
            windows = [list(range(*window)) for window in adaptive_windows(planes.shape[axis], count).tolist()]
            longest = max(map(len, windows))
            # a shorter window repeats its last place, which leaves its maximum as it is
            places = torch.tensor([window + window[-1:] * (longest - len(window)) for window in windows])
            gathered = planes.index_select(axis, places.flatten())
            planes = gathered.unflatten(axis, (count, longest)).amax(dim=axis + 1)
        return planes


class WidePadded(nn.Module):
    """nn.ConvTranspose2d with an output padding of its stride or more, which onnxruntime takes only apart."""

    def __init__(self, layer: nn.ConvTranspose2d) -> None:
        """Share the layer's weights."""
        super().__init__()
        self.layer = layer

    def forward(self, planes: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, K, H', W')."""
        layer = self.layer
        whole = functional.conv_transpose2d(
            planes, layer.weight, stride=layer.stride, groups=layer.groups, dilation=layer.dilation
        )
        (top, left), (low, right) = cast("tuple[int, int]", layer.padding), layer.output_padding
        cut = functional.pad(whole, (-left, right - left, -top, low - top))
        return cut if layer.bias is None else cut + layer.bias.view(-1, 1, 1)


class FromPixels(nn.Module):
    """A network with its normalization and its views. (N, C, H, W) from 0 to 1 -> logits or lengths (N, classes)."""

    mean: Tensor  # (1, C, 1, 1)
    std: Tensor

    def __init__(self, loaded: Loaded) -> None:
        """Copy the network, in float32 on the CPU."""
        super().__init__()
        if loaded.normalization.shuffled:
            raise OnnxError("A network that was trained on shuffled pixels is not exported.")
        self.network = exportable(copy.deepcopy(loaded.logits).float().cpu())
        for name in ("mean", "std"):
            self.register_buffer(name, torch.tensor(getattr(loaded.normalization, name)).view(1, -1, 1, 1))
        self.test_time = loaded.experiment.test_time

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the mean logits, or lengths, over the experiment's test-time views, all of them in one batch."""
        shown, weights = zip(*views(self.prepared(pictures), self.test_time), strict=True)
        logits: Tensor = self.network(torch.cat(shown))
        parts = logits.reshape(len(shown), -1, logits.shape[1])
        return (parts * torch.tensor(weights).view(-1, 1, 1)).sum(dim=0)

    def prepared(self, pictures: Tensor) -> Tensor:
        """Return the pictures as in training."""
        return (pictures - self.mean) / self.std


def exportable(network: nn.Sequential) -> nn.Sequential:
    """Replace the layers that ONNX does not have by ones that compute the same, in place, and return the network."""
    for module in list(network.modules()):
        for name, layer in module.named_children():
            if isinstance(layer, nn.AdaptiveMaxPool2d) and layer.output_size != 1:
                module.register_module(name, SpreadMaxPool(pair(cast("Size", layer.output_size))))
            elif isinstance(layer, nn.ConvTranspose2d) and any(
                extra >= stride for extra, stride in zip(layer.output_padding, layer.stride, strict=True)
            ):
                module.register_module(name, WidePadded(layer))
    return network


def exported(loaded: Loaded) -> tuple[bytes, float]:
    """Return the network as an ONNX file's bytes, and the largest difference of a logit found by onnxruntime.

    The difference is relative to the largest logit if that is above 1.

    Raises:
        OnnxError: The difference is more than TOLERANCE, or the network cannot be exported; the message names the
            layer.
    """
    network = FromPixels(loaded).eval()
    generator = torch.Generator().manual_seed(0)
    pictures = torch.rand(CHECKED_PICTURES, *loaded.shape, generator=generator)
    try:
        output = "lengths" if ends_in_lengths(loaded.experiment.layers) else "logits"
        content, found = _converted(network, pictures, output)
    except Exception as error:  # the exporter and onnxruntime have many of their own
        with torch.inference_mode():
            place = _culprit(network.network, network.prepared(pictures))
        raise OnnxError(
            f"{place or 'The network as a whole'} has no form in ONNX that onnxruntime computes. Use another layer in "
            "its place and train again, or take the weights with the PyTorch program."
        ) from error
    with torch.inference_mode():
        wanted = network(pictures[:-1]).numpy()
    difference = float(np.abs(found - wanted).max() / max(1.0, float(np.abs(wanted).max())))
    if not difference <= TOLERANCE:
        raise OnnxError(f"The exported network's outputs differ by {difference:.1e}, more than {TOLERANCE:g}.")
    return _labeled(content, loaded), difference


def _labeled(content: bytes, loaded: Loaded) -> bytes:
    """Return an ONNX file that says its experiment and its pictures' shape, as the app's weights do."""
    model = onnx.ModelProto.FromString(content)
    _forget_source(model.graph)
    for function in model.functions:
        _forget_source(function)
    metadata = {"experiment": json.dumps(loaded.experiment.to_json()), "shape": json.dumps(loaded.shape)}
    onnx.helper.set_model_props(model, metadata)
    labeled: bytes = model.SerializeToString()
    return labeled


def _forget_source(message: Any) -> None:
    """Remove from a part of an ONNX file what tells which lines of which files made it: paths of this machine."""
    for field, value in message.ListFields():
        if field.name in ("doc_string", "metadata_props"):
            message.ClearField(field.name)
        elif field.type == field.TYPE_MESSAGE:
            for part in [value] if hasattr(value, "ListFields") else value:
                _forget_source(part)


def _converted(network: nn.Module, pictures: Tensor, output: str = "output") -> tuple[bytes, NDArray[np.float32]]:
    """Return a module as an ONNX file's bytes, and onnxruntime's `output` for all but the last of `pictures`."""
    program = torch.onnx.export(
        network,
        (pictures,),
        input_names=["pictures"],
        output_names=[output],
        dynamic_shapes=({0: torch.export.Dim("n")},),
        dynamo=True,
        verbose=False,
    )
    assert program is not None  # it is None where a file is written
    content: bytes = program.model_proto.SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"pictures": pictures[:-1].numpy()})  # another number of pictures than exported with
    return content, found


def _culprit(network: nn.Sequential, values: Tensor) -> str:
    """Return the first layer that cannot be exported by itself, "Layer 3 (AdaptiveMaxPool2d)"; empty if each can."""
    for place, module in enumerate(network, 1):
        name = f"Layer {place}"
        if isinstance(module, ResidualBlock):
            for way, layers in (("body", module.body), ("shortcut", module.shortcut)):
                if inner := _culprit(layers, values):
                    return f"{name}, in its {way}, {inner[0].lower()}{inner[1:]}"
        try:
            with torch.inference_mode(False):
                _converted(module, values.clone())
        except Exception:
            return f"{name} ({type(module).__name__})"
        values = module(values)
    return ""


def main() -> None:
    """Write OUT whole or not at all, and print the difference found."""
    weights, out = map(Path, sys.argv[1:])
    content, difference = exported(load(weights))
    with tempfile.NamedTemporaryFile(dir=out.parent, suffix=".tmp", delete=False) as file:
        file.write(content)
    os.replace(file.name, out)
    print(f"difference {difference:.3e}")


if __name__ == "__main__":
    main()

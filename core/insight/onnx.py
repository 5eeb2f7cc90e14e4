"""A trained network as ONNX, checked by running it: `python -m core.insight.onnx WEIGHTS OUT`. torch.

The file takes pictures as they are, float32 (N, C, H, W) from 0 to 1, and puts out logits: what was done to the
pictures before training is a part of it. Exporting takes seconds, so it has a process of its own.
"""

import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from core.insight.loaded import Loaded, load

TOLERANCE = 1e-4  # of a logit, relative to the largest where that is above 1
PICTURES = 16  # checked on so many


class OnnxError(RuntimeError):
    """The exported network does not compute what the network computes, or cannot be exported."""


class FromPixels(nn.Module):
    """A network with its normalization before it. (N, C, H, W) from 0 to 1 -> (N, classes)."""

    mean: Tensor  # (1, C, 1, 1)
    std: Tensor

    def __init__(self, loaded: Loaded) -> None:
        """Shares the network's weights."""
        super().__init__()
        if loaded.normalization.shuffled:
            raise OnnxError("A network that was trained on shuffled pixels is not exported.")
        self.network = loaded.network.float().cpu()
        for name in ("mean", "std"):
            self.register_buffer(name, torch.tensor(getattr(loaded.normalization, name)).view(1, -1, 1, 1))

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits."""
        logits: Tensor = self.network((pictures - self.mean) / self.std)
        return logits


def exported(loaded: Loaded) -> tuple[bytes, float]:
    """The network as an ONNX file's bytes, and the largest difference of a logit found by onnxruntime, relative to the
    largest logit where that is above 1.

    Raises OnnxError when that is more than TOLERANCE.
    """
    network = FromPixels(loaded).eval()
    generator = torch.Generator().manual_seed(0)
    pictures = torch.rand(PICTURES, *loaded.shape, generator=generator)
    program = torch.onnx.export(
        network,
        (pictures,),
        input_names=["pictures"],
        output_names=["logits"],
        dynamic_shapes=({0: torch.export.Dim("n")},),
        dynamo=True,
        verbose=False,
    )
    assert program is not None  # it is None where a file is written
    content: bytes = program.model_proto.SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"pictures": pictures[:-1].numpy()})  # another number of pictures than exported with
    with torch.inference_mode():
        wanted = network(pictures[:-1]).numpy()
    difference = float(np.abs(found - wanted).max() / max(1.0, float(np.abs(wanted).max())))
    if not difference <= TOLERANCE:
        raise OnnxError(f"The exported network's answers differ by {difference:.1e}, more than {TOLERANCE:g}.")
    return content, difference


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

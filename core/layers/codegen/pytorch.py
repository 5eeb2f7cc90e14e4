"""Write a network as a PyTorch program."""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from core.layers.calculator import Row, analyze
from core.layers.codegen.comments import describe_network
from core.layers.codegen.pytorch_classes import BLUR_POOL_CLASS, classes_for
from core.layers.codegen.pytorch_layers import layer_lines
from core.layers.logits import ending
from core.layers.specs import Layer

# For each kind of test-time augmentation (core.training.evaluation.views): a description, and the code for the mean
# logits.
VIEWS = {
    "mirror": (
        "two views of each prepared picture: itself and its mirror image",
        "    return ({logits}(pictures) + {logits}(pictures.flip(-1))) / 2\n",
    ),
    "mirror+shift": (
        "six views of each prepared picture: itself with double weight,\n"
        "    shifted by a pixel to the upper left and to the lower right, and the mirror images of these",
        """\
    padded = nn.functional.pad(pictures, (1, 1, 1, 1), mode="reflect")
    views = (pictures, 2), (padded[..., :-2, :-2], 1), (padded[..., 2:, 2:], 1)
    return sum(weight * ({logits}(view) + {logits}(view.flip(-1))) for view, weight in views) / 8
""",
    ),
}


@dataclass(frozen=True, slots=True)
class Trained:
    """What the program of a trained network needs besides the layers."""

    weights: str  # the name of its safetensors file
    mean: Sequence[float]  # per channel, as in training, of pixels from 0 to 1
    std: Sequence[float]
    order: Sequence[int] | None = None  # the source of each of the H * W pixels, if the network saw them shuffled
    views: str = "none"  # a key of VIEWS if predictions are a mean over views of the picture
    accuracies: tuple[float, float] | None = None  # on the test set, of one view and of all, if both are known


def pytorch_program(layers: Sequence[Layer], input_shape: Sequence[int], *, trained: Trained | None = None) -> str:
    """Return a Python file that builds a network as `network` and sends one picture through it as `output`.

    Module i is layer i, as in `core.nets.network.build`, so each one's weights fit the other.

    Args:
        layers: The network.
        input_shape: Shape of one picture, (C, H, W).
        trained: For a trained network: the program loads its weights and prepares the picture as in training. If None,
            the weights are random.

    Returns:
        Source code.

    Raises:
        LayerError: A layer does not fit, as in `analyze`.
    """
    rows = analyze(layers, input_shape)
    channels, height, width = input_shape
    loading, prepared = _loading(trained) if trained else ("", "picture")
    body = layer_lines(rows, 1, math.prod(input_shape))
    output = f"network({prepared}){_output_comment(rows, trained is not None)}"
    if trained and trained.views in VIEWS:
        loading += "\n" + _prediction_function(rows, trained)
        softmax = ".softmax(1)" if ending(rows).is_softmax else ""
        output = f"predict({prepared}){softmax}{_output_comment(rows, True, is_averaged=True)}"
    classes = classes_for(body)
    return f'''\
"""{describe_network(rows, input_shape)}"""

{"import math" + 2 * chr(10) if BLUR_POOL_CLASS in classes else ""}import torch
{"from safetensors.torch import load_file" + chr(10) if trained else ""}from torch import nn
{"".join(classes)}
network = nn.Sequential(
{body})
{loading}
network.eval()
picture = torch.zeros(1, {channels}, {height}, {width})  # (N, C, H, W){", pixels from 0 to 1" if trained else ""}
with torch.inference_mode():
    output = {output}
print(tuple(output.shape), output.flatten()[:10])
'''


def _output_comment(rows: Sequence[Row], trained: bool, is_averaged: bool = False) -> str:
    """Return a comment on the output: whether it is logits or probabilities, if that is known."""
    how = ending(rows)
    if how.is_softmax:
        what = "logarithms of the probabilities" if how.is_log and not is_averaged else "probabilities"
        return f"  # {what}; train with nn.CrossEntropyLoss on the logits, network[:{how.logits}]"
    if how.is_lengths:
        return "  # lengths of the capsules: each class's own estimate; they do not sum to 1"
    return "  # logits; output.softmax(1) are the probabilities" if trained else ""


def _prediction_function(rows: Sequence[Row], trained: Trained) -> str:
    """Return a function that predicts with test-time augmentation, as the app does; `network` alone uses one view."""
    what, body = VIEWS[trained.views]
    how = ending(rows)
    accuracy = ""
    if trained.accuracies is not None:
        one, all_views = trained.accuracies
        sentence = f"Right for {all_views:.2%} of the test pictures; `network` alone, with one view, for {one:.2%}."
        accuracy = f"\n\n    {sentence}\n    "
    logits = f"network[:{how.logits}]" if how.is_softmax else "network"
    if len(rows[how.logits - 1].output_shape) > 1:  # a Flatten came after the Softmax
        logits = f"nn.Sequential({logits}, nn.Flatten())"
    return f'''

def predict(pictures):
    """Return the mean logits over {what}.{accuracy}"""
{body.format(logits=logits)}
'''


def _loading(trained: Trained) -> tuple[str, str]:
    """Return the lines that load the weights and define the preparation, and the expression of a prepared picture."""
    lines = ["", f"network.load_state_dict(load_file({trained.weights!r}))"]
    for name, figures in (("mean", trained.mean), ("std", trained.std)):
        written = ", ".join(f"{figure:.6g}" for figure in figures)
        lines.append(f"{name} = torch.tensor([{written}]).view(-1, 1, 1)  # per channel, as in training")
    if trained.order is None:
        return "\n".join(lines), "(picture - mean) / std"
    order = textwrap.fill(", ".join(map(str, trained.order)), 100, initial_indent="    ", subsequent_indent="    ")
    lines.append(f"order = [  # in training the pixels were shuffled, so they must be here, too\n{order}\n]")
    return "\n".join(lines), "(picture.flatten(2)[:, :, order].view_as(picture) - mean) / std"

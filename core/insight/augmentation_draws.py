"""Draw an augmentation picture by picture, as torchvision.transforms.v2 and the exported program do.

Pictures are (C, H, W) float32 in [0, 1]. torch: for the inference server.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torchvision.transforms import v2

from core.training.augmentation import specs
from core.training.augmentation.pipeline import Pipeline
from core.training.augmentation.step import Step
from core.training.augmentation.torchvision_reference import AlternatingFlip, transform

DrawnNumbers = dict[str, float | str]  # what was drawn for a step, by name


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """Draws of one picture: images (K, C, H, W), and the numbers of each draw and step, None if it was not done."""

    images: Tensor
    drawn: list[list[DrawnNumbers | None]]


def render(pipeline: Pipeline, picture: Tensor, other: Tensor, seeds: Sequence[int], index: int = 0) -> Rendered:
    """Draw a pipeline once for each seed, as torchvision and the exported program do: idle steps draw no number.

    Alternating flips take the draws as epochs.

    Args:
        pipeline: The steps.
        picture: (C, H, W).
        other: Mixed in by Mixup and CutMix; the next one in the dataset.
        seeds: Of the draws.
        index: The picture's place in its dataset, for alternating flips.
    """
    channels, height, width = picture.shape
    steps = {place: step for place, step in enumerate(pipeline.steps) if not step.idle}
    made = {place: transform(step, height, width) for place, step in steps.items()}
    recorded: list[DrawnNumbers | None] = [None] * len(pipeline.steps)
    for place, step in steps.items():
        _listen(step, made[place], recorded, place, gray=channels == 1)
    mixing = made[len(pipeline.steps) - 1] if pipeline.busy.mixing else None
    single = [module for module in made.values() if module is not mixing]
    images, drawn = [], []
    for epoch, seed in enumerate(seeds):
        recorded[:] = [None] * len(recorded)
        torch.manual_seed(seed)
        _set_turn(single, epoch, index)
        image, own = through(single, picture), _with_flips(made, recorded)
        if mixing is not None:
            _set_turn(single, epoch, index + 1)
            pair = torch.stack([image, through(single, other)])
            image = mixing(pair, torch.tensor([0, 1]))[0][0]
            own[-1] = recorded[-1]
        images.append(image)
        drawn.append(own)
    return Rendered(torch.stack(images), drawn)


def _set_turn(modules: Sequence[torch.nn.Module], epoch: int, index: int) -> None:
    """Tell alternating flips the epoch, and the picture's place in its dataset."""
    for module in modules:
        if isinstance(module, AlternatingFlip):
            module.epoch, module.index = epoch, index


def through(modules: Sequence[torch.nn.Module], image: Tensor) -> Tensor:
    """Apply one transform after the other."""
    for module in modules:
        image = module(image)
    return image


def _with_flips(
    made: Mapping[int, torch.nn.Module], recorded: Sequence[DrawnNumbers | None]
) -> list[DrawnNumbers | None]:
    """Return the recorded draws, and for alternating flips, which draw nothing, whether they flip."""
    probe, drawn = torch.tensor([[[0.0, 1.0]]]), list(recorded)
    for place, module in made.items():
        if isinstance(module, AlternatingFlip):
            drawn[place] = {} if bool(module(probe)[0, 0, 0]) else None
    return drawn


def _listen(
    step: Step, module: torch.nn.Module, recorded: list[DrawnNumbers | None], place: int, *, gray: bool
) -> None:
    """Make the transform write what it draws to recorded[place], but what a gray picture has no use for."""
    if isinstance(module, v2.Compose):  # a policy between two changes of the number format
        policy: Any = module.transforms[1]
        act = policy._apply_image_or_video_transform

        def acted(image: Any, name: str, magnitude: float, **rest: Any) -> Any:
            if not (gray and name == "Color"):
                before = recorded[place] or {}
                recorded[place] = {**before, f"{len(before) + 1}": operation_words(name, magnitude)}
            return act(image, name, magnitude, **rest)

        policy._apply_image_or_video_transform = acted
    elif isinstance(module, v2.Transform):
        listened: Any = module
        make = listened.make_params

        def made(inputs: list[Any]) -> dict[str, Any]:
            drawn: dict[str, Any] = make(inputs)
            found = numbers(step, drawn, inputs[0].shape[-2], inputs[0].shape[-1])
            if gray and found is not None and (unused := specs.COLOR_ONLY.get(type(step))):
                found = {name: value for name, value in found.items() if name not in unused} or None
            recorded[place] = found
            return drawn

        listened.make_params = made


def operation_words(name: str, magnitude: float) -> str:
    """Return a policy's operation with its magnitude as it is used: "Rotate 124°", "Contrast 0.17", "Equalize"."""
    if not magnitude:
        return name
    if name.startswith("Translate"):
        return f"{name} {int(magnitude)} px"
    unit = "°" if name == "Rotate" else ""
    return f"{name} {magnitude:.0f}{unit}" if abs(magnitude) >= 10 else f"{name} {magnitude:.2g}{unit}"


def numbers(step: Step, drawn: dict[str, Any], height: int, width: int) -> DrawnNumbers | None:
    """Return what torchvision drew for a step, by the names of `augmentation.sampling`; None if nothing is done."""
    match step:
        case specs.Rotation():
            return {"angle": drawn["angle"]}
        case specs.Affine():
            (dx, dy), (shear, _) = drawn["translate"], drawn["shear"]
            return {"dx": dx, "dy": dy, "angle": drawn["angle"], "scale": drawn["scale"], "shear": shear}
        case specs.ResizedCrop():
            return {name: drawn[name] for name in ("top", "left", "height", "width")}
        case specs.PaddedCrop():
            return {"dx": step.padding - drawn["left"], "dy": step.padding - drawn["top"]}
        case specs.Perspective():
            return {"corners": float(corners_moved(torch.tensor([drawn["coefficients"]]), height, width)[0])}
        case specs.Elastic():
            offset = drawn["displacement"] * torch.tensor([width / 2, height / 2])  # (1, H, W, 2) from -1 to 1
            return {"moved": float(offset.norm(dim=-1).mean())}
        case specs.ColorJitter():
            factors = {name: drawn[f"{name}_factor"] for name in ("brightness", "contrast", "saturation", "hue")}
            return {name: factor for name, factor in factors.items() if factor is not None}
        case specs.Blur():
            return {"sigma": drawn["sigma"][0]}
        case specs.Erasing():
            if drawn["v"] is None:
                return None
            return {"top": drawn["i"], "left": drawn["j"], "height": drawn["h"], "width": drawn["w"]}
        case specs.Mixup():
            return {"part": drawn["lam"]}
        case specs.CutMix():
            return {"part": drawn["lam_adjusted"]}
    return {}


def corners_moved(coefficients: Tensor, height: int, width: int) -> Tensor:
    """Return how far the corners of the picture move, in pixels on average: (N, 8) -> (N,)."""
    n = len(coefficients)
    read = torch.cat([coefficients, torch.ones(n, 1)], dim=1).view(n, 3, 3).double()  # from output to input
    corners = torch.tensor([[0, 0, 1], [width - 1, 0, 1], [width - 1, height - 1, 1], [0, height - 1, 1]]).double()
    ends = torch.linalg.solve_ex(read, corners.T)[0]  # (N, 3, 4)
    moved: Tensor = (ends[:, :2] / ends[:, 2:] - corners.T[:2]).norm(dim=1).mean(dim=1)
    return moved

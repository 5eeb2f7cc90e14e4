"""Draw an augmentation picture by picture, as torchvision.transforms.v2 and the exported program do.

Pictures are (C, H, W) float32 in [0, 1]. torch: for the inference server.
"""

from collections.abc import Sequence
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
    """Draw a pipeline once for each seed, as torchvision does.

    Alternating flips take the draws as epochs.

    Args:
        pipeline: The steps.
        picture: (C, H, W).
        other: Mixed in by Mixup and CutMix.
        seeds: Of the draws.
        index: The picture's place in its dataset, for alternating flips.
    """
    height, width = picture.shape[1:]
    made = [transform(step, height, width) for step in pipeline.steps]
    recorded: list[DrawnNumbers | None] = [None] * len(made)
    for place, (step, module) in enumerate(zip(pipeline.steps, made, strict=True)):
        _listen(step, module, recorded, place)
    images, drawn = [], []
    single = [module for step, module in zip(pipeline.steps, made, strict=True) if not isinstance(step, specs.MIXING)]
    for epoch, seed in enumerate(seeds):
        recorded[:] = [None] * len(made)
        torch.manual_seed(seed)
        for module in made:
            if isinstance(module, AlternatingFlip):
                module.epoch, module.index = epoch, index
        image = through(single, picture)
        if pipeline.mixing is None:
            images.append(image)
            drawn.append(_with_flips(pipeline, made, recorded))
            continue
        own = list(recorded)
        pair = torch.stack([image, through(single, other)])
        recorded[:] = own
        images.append(made[-1](pair, torch.tensor([0, 1]))[0][0])
        drawn.append(_with_flips(pipeline, made, recorded))
    return Rendered(torch.stack(images), drawn)


def through(modules: Sequence[torch.nn.Module], image: Tensor) -> Tensor:
    """Apply one transform after the other."""
    for module in modules:
        image = module(image)
    return image


def _with_flips(
    pipeline: Pipeline, made: Sequence[torch.nn.Module], recorded: Sequence[DrawnNumbers | None]
) -> list[DrawnNumbers | None]:
    """Return the recorded draws, and for alternating flips, which draw nothing, whether they flip."""
    probe = torch.tensor([[[0.0, 1.0]]])
    return [
        ({} if bool(module(probe)[0, 0, 0]) else None) if isinstance(module, AlternatingFlip) else one
        for module, one in zip(made, recorded, strict=True)
    ]


def _listen(step: Step, module: torch.nn.Module, recorded: list[DrawnNumbers | None], place: int) -> None:
    """Make the transform write what it draws to recorded[place]."""
    if isinstance(module, v2.Compose):  # a policy between two changes of the number format
        policy: Any = module.transforms[1]
        act = policy._apply_image_or_video_transform

        def acted(image: Any, name: str, magnitude: float, **rest: Any) -> Any:
            before = recorded[place] or {}
            recorded[place] = {**before, f"{len(before) + 1}": f"{name} {magnitude:.2g}" if magnitude else name}
            return act(image, name, magnitude, **rest)

        policy._apply_image_or_video_transform = acted
    elif isinstance(module, v2.Transform):
        listened: Any = module
        make = listened.make_params

        def made(inputs: list[Any]) -> dict[str, Any]:
            drawn: dict[str, Any] = make(inputs)
            recorded[place] = numbers(step, drawn, inputs[0].shape[-2], inputs[0].shape[-1])
            return drawn

        listened.make_params = made


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

"""Summarize an augmentation over many draws: average, spread, numbers drawn, how far pixels move, and what it costs.

It uses whole batches, as training does. Pictures are (C, H, W) float32 in [0, 1]. torch: for the inference server.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from core.insight.augmentation_draws import corners_moved, through
from core.insight.pixel_moves import Operations, moves_pixels, trace
from core.training.augmentation import specs
from core.training.augmentation.batch import apply, augment
from core.training.augmentation.geometry import elastic_offset
from core.training.augmentation.mixing import parts
from core.training.augmentation.pipeline import Pipeline
from core.training.augmentation.sampling import Batch, Drawn, draw
from core.training.augmentation.step import Range, Step, settings
from core.training.augmentation.torchvision_reference import policy_operations, transform

DRAWS, SLOW_DRAWS = 256, 64


@dataclass(frozen=True, slots=True, eq=False)
class Average:
    """Many draws of one picture, summarized."""

    mean: Tensor  # (C, H, W)
    spread: Tensor  # (H, W), the standard deviation of a pixel over the draws, averaged over channels
    drawn: list[dict[str, list[float]]]  # for each step, each drawn number: one value a draw in which it is done
    done: list[float]  # for each step, the part of the draws in which it is done
    ops: list[dict[str, int]]  # for each step, how often a policy took each operation; empty for all other steps
    moves: bool  # whether a step moves pixels, by its kind
    moved: list[float]  # for each draw, how far a pixel that stays in sight moves, in pixels on average
    lost: float  # the part of the pixels that are filled in from outside the picture


def average(pipeline: Pipeline, picture: Tensor, other: Tensor, seed: int) -> Average:
    """Summarize DRAWS draws of a picture, a whole batch at once as in training; SLOW_DRAWS for policies."""
    count = SLOW_DRAWS if any(isinstance(step, specs.POLICIES) for step in pipeline.steps) else DRAWS
    _, height, width = picture.shape
    generator = torch.Generator().manual_seed(seed)
    batch = Batch(count, height, width, generator)
    black = torch.zeros(1, 1, 1)
    images = picture.expand(count, -1, -1, -1)
    drawn: list[dict[str, list[float]]] = []
    done: list[float] = []
    ops: list[dict[str, int]] = []
    traced: list[tuple[Step, Drawn, Operations]] = []
    for step in pipeline.steps:
        if step.idle:  # left out, as in training
            drawn.append({})
            done.append(0.0)
            ops.append({})
            continue
        numbers_of = draw(step, batch)
        operations: Operations = []
        if isinstance(step, specs.POLICIES):
            operations = policy_operations(step, count, height, width, int(numbers_of["seed"][0]))
        if isinstance(step, specs.MIXING):
            partner = augment(other.expand(count, -1, -1, -1), pipeline, generator)
            images, own = _mixed(step, images, partner, numbers_of)
            numbers_of = {"part": own}
        else:
            images = apply(images, step, numbers_of, black)
        traced.append((step, numbers_of, operations))
        drawn.append(_columns(step, numbers_of, picture))
        done.append(float(numbers_of["done"].float().mean()) if "done" in numbers_of else 1.0)
        ops.append(dict(Counter(name for chosen in operations for name, _ in chosen)))
    traces = trace(traced, count, height, width)
    moved = (traces.distance * traces.inside).sum(dim=(1, 2)) / traces.inside.sum(dim=(1, 2)).clamp(min=1)
    return Average(
        mean=images.mean(dim=0),
        spread=images.std(dim=0).mean(dim=0),
        drawn=drawn,
        done=done,
        ops=ops,
        moves=any(moves_pixels(step) for step in pipeline.busy.steps),
        moved=moved.tolist(),
        lost=float((~traces.inside).float().mean()),
    )


def _mixed(step: Step, images: Tensor, others: Tensor, drawn: Drawn) -> tuple[Tensor, Tensor]:
    """Mix each picture with its partner in a proportion (N,) of its own; training draws one a batch."""
    height, width = images.shape[2:]
    mixed, own = others.clone(), torch.empty(len(images))
    for row in range(len(images)):
        part, box = parts(step, {"seed": drawn["seed"][row:]}, height, width)
        own[row] = part
        if box is None:
            mixed[row] = images[row] * part + others[row] * (1 - part)
        else:
            left, top, right, bottom = box
            mixed[row] = images[row]
            mixed[row, :, top:bottom, left:right] = others[row, :, top:bottom, left:right]
    return mixed, own


def _columns(step: Step, drawn: Drawn, picture: Tensor) -> dict[str, list[float]]:
    """Return the drawn numbers that a histogram can show, of the draws in which the step is done."""
    channels, height, width = picture.shape
    columns = {name: value for name, value in drawn.items() if name not in ("order", "seed", "done")}
    if isinstance(step, specs.Perspective):
        columns = {"corners": corners_moved(drawn["coefficients"], height, width)}
    elif isinstance(step, specs.Elastic):
        columns = {"moved": elastic_offset(step, drawn).norm(dim=1).mean(dim=(1, 2))}
    elif isinstance(step, specs.Affine):
        still = {"angle": step.rotate, "dx": step.shift, "dy": step.shift, "scale": step.scale, "shear": step.shear}
        columns = {name: value for name, value in columns.items() if still[name]}
    elif isinstance(step, specs.ColorJitter):
        columns = {name: value for name, value in columns.items() if getattr(step, name)}
    if channels == 1:
        columns = {name: value for name, value in columns.items() if name not in specs.COLOR_ONLY.get(type(step), ())}
    done = drawn.get("done")
    return {name: (value if done is None else value[done]).tolist() for name, value in columns.items()}


def sweep(pipeline: Pipeline, place: int, name: str, picture: Tensor, other: Tensor, seed: int, frames: int) -> Tensor:
    """Return pictures (frames, C, H, W) with the setting `name` of step `place` swept over its range, one draw."""
    step = pipeline.steps[place]
    setting: Any = settings(step)[name]
    kind = type(getattr(step, name))
    shown = []
    for value in sweep_values(setting, frames):
        changed = Pipeline(
            (*pipeline.steps[:place], replace(step, **{name: kind(value)}), *pipeline.steps[place + 1 :])
        )
        shown.append(_one(changed, picture, other, seed))
    return torch.stack(shown)


def sweep_values(setting: Range, frames: int) -> list[float]:
    """Return the values that `sweep` goes through."""
    return [setting.low + (setting.high - setting.low) * frame / (frames - 1) for frame in range(frames)]


def _one(pipeline: Pipeline, picture: Tensor, other: Tensor, seed: int) -> Tensor:
    """Return one draw as in training; each step has random numbers of its own, so that no step affects another's."""
    pair = torch.stack([picture, other])
    for place, step in enumerate(pipeline.steps):
        if step.idle:
            continue
        numbers_of = draw(step, Batch(2, *_size(pair), torch.Generator().manual_seed(seed * 100 + place)))
        if isinstance(step, specs.MIXING):
            return _mixed(step, pair[:1], pair[1:], numbers_of)[0][0]
        pair = apply(pair, step, numbers_of, torch.zeros(1, 1, 1))
    return pair[0]


def _size(images: Tensor) -> tuple[int, int]:
    return images.shape[-2], images.shape[-1]


@dataclass(frozen=True, slots=True)
class Cost:
    """The measured augmentation speed, in pictures per second."""

    whole_batch: float
    one_by_one: float


def cost(pipeline: Pipeline, picture: Tensor, seconds: float = 0.25, pictures: int = 256) -> Cost:
    """Measure the speed of a pipeline without Mixup and CutMix, for some seconds each way."""
    single = Pipeline(tuple(step for step in pipeline.busy.steps if not isinstance(step, specs.MIXING)))
    modules = [transform(step, *_size(picture)) for step in single.steps]
    images, generator = picture.expand(pictures, -1, -1, -1).contiguous(), torch.Generator().manual_seed(0)

    def rate(act: Callable[[], object], at_once: int) -> float:
        act()  # the first time sets up what all others use
        began, done, elapsed = time.perf_counter(), 0, 0.0
        while elapsed < seconds:
            act()
            done += at_once
            elapsed = time.perf_counter() - began
        return done / elapsed

    whole = rate(lambda: augment(images, single, generator), pictures)
    return Cost(whole, rate(lambda: through(modules, picture), 1))

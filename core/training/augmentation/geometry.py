"""Steps that move pixels, on whole batches: each maps (N, C, H, W) and what was drawn to the same shape.

What comes in from outside is `black`, (C, 1, 1): 0, or its value after normalization.
"""

import torch
from torch import Tensor
from torch.nn import functional

from core.training.augmentation.blur import blur
from core.training.augmentation.sampling import Drawn, constant
from core.training.augmentation.specs import Affine, Elastic, HorizontalFlip, PaddedCrop, Rotation, VerticalFlip
from core.training.augmentation.step import Step

FLIPS: dict[type[Step], str] = {HorizontalFlip: "across", VerticalFlip: "down"}


def reads_between(step: Step) -> bool:
    """Return whether a step reads pictures between their pixels along straight lines, and can read them mirrored."""
    return isinstance(step, Rotation) or (isinstance(step, Affine) and bool(step.rotate or step.scale or step.shear))


def affine(images: Tensor, step: Affine, drawn: Drawn, black: Tensor) -> Tensor:
    """Shear, scale, rotate, then shift; whole-pixel shifts alone move pixels without changing their values."""
    return (
        _sampled(images, drawn, black) if reads_between(step) else _shifted(images, drawn, int(step.shift + 0.5), black)
    )


def rotation(images: Tensor, step: Rotation, drawn: Drawn, black: Tensor) -> Tensor:
    """Rotate counterclockwise by the angle."""
    return _sampled(images, as_affine(drawn), black)


def as_affine(drawn: Drawn) -> Drawn:
    """Return what was drawn for a rotation as the numbers of an affine step."""
    zero = torch.zeros_like(drawn["angle"])
    return {**drawn, "angle": -drawn["angle"], "scale": zero + 1, "shear": zero, "dx": zero, "dy": zero}


def _sampled(images: Tensor, drawn: Drawn, black: Tensor) -> Tensor:
    """Read each picture through one sampling grid.

    If `drawn` has flips that follow, "across" or "down", each (N,) bool, they are part of the grid.
    """
    xx, xy, x, yx, yy, y = inverse(drawn)
    across, down = (torch.where(drawn[name], -1.0, 1.0) if name in drawn else 1.0 for name in FLIPS.values())
    return _read(images, _grid(images, xx * across, xy * down, x, yx * across, yy * down, y), black)


def inverse(drawn: Drawn) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Return the inverse of shift * rotation * scale * shear, in pixels, with the center at 0: xx, xy, x, yx, yy, y.

    The pixel at (x', y') is read at (xx x' + xy y' + x, yx x' + yy y' + y). Each number is (N,).
    """
    scale, dx, dy = drawn["scale"], drawn["dx"], drawn["dy"]
    turn, slant = torch.deg2rad(drawn["angle"]), torch.tan(torch.deg2rad(drawn["shear"]))
    cos, sin = torch.cos(turn), torch.sin(turn)
    # the inverse of [[cos, -cos * slant - sin], [sin, -sin * slant + cos]] * scale, and of the shift
    xx, xy = (cos - sin * slant) / scale, (sin + cos * slant) / scale
    yx, yy = -sin / scale, cos / scale
    return xx, xy, -(xx * dx + xy * dy), yx, yy, -(yx * dx + yy * dy)


def _grid(images: Tensor, *inverse: Tensor) -> Tensor:
    """Return (N, H, W, 2), where each pixel is read, from six numbers (N,) in pixels: xx, xy, x, yx, yy, y; center 0.

    It computes what `affine_grid` does, without a product of matrices for every pixel: a fifth of the time.
    """
    n, _, h, w = images.shape
    xx, xy, x, yx, yy, y = (number.to(images.device).view(n, 1, 1) for number in inverse)
    across = torch.arange(w, device=images.device) - (w - 1) / 2  # (W,)
    down = (torch.arange(h, device=images.device) - (h - 1) / 2).unsqueeze(1)  # (H, 1)
    grid = torch.empty((n, h, w, 2), device=images.device)
    torch.add(xx * (2 / w) * across, (xy * down + x) * (2 / w), out=grid[..., 0])  # (N, 1, W) + (N, H, 1)
    torch.add(yx * (2 / h) * across, (yy * down + y) * (2 / h), out=grid[..., 1])
    return grid


def _read(images: Tensor, grid: Tensor, black: Tensor) -> Tensor:
    """Read bilinearly at grid (N, H, W, 2), x and y from -1 to 1 between the outer edges; black outside."""
    ink = images.float().contiguous()  # (N, C, H, W): channel by channel, which is twice as fast to read
    if black.is_cpu and not black.any():  # as outside reads
        return functional.grid_sample(ink, grid, align_corners=False).to(images.dtype)
    return functional.grid_sample(ink - black, grid, align_corners=False).add_(black).to(images.dtype)


def _shifted(images: Tensor, drawn: Drawn, most: int, black: Tensor, reflect: bool = False) -> Tensor:
    """Shift each picture by dx, dy whole pixels, at most `most`, as one window of its padded self."""
    n, c, h, w = images.shape
    if reflect:
        padded = functional.pad(images, [most] * 4, mode="reflect")
    else:
        padded = images.new_empty((n, c, h + 2 * most, w + 2 * most)).copy_(black)
        padded[:, :, most : most + h, most : most + w] = images
    windows = padded.unfold(2, h, 1).unfold(3, w, 1)  # (N, C, 2m+1, 2m+1, H, W), a view
    top, left = ((most - drawn[name]).long().to(images.device) for name in ("dy", "dx"))
    return windows[torch.arange(n, device=images.device), :, top, left]  # (N, C, H, W)


def padded_crop(images: Tensor, step: PaddedCrop, drawn: Drawn, black: Tensor) -> Tensor:
    """Shift, with black or the mirrored picture coming in; small pictures move as far as they can be mirrored."""
    most = step.padding
    if step.mode == "reflect":
        most = min(most, images.shape[2] - 1, images.shape[3] - 1)
        drawn = {name: value.clamp(-most, most) for name, value in drawn.items()}
    return _shifted(images, drawn, most, black, step.mode == "reflect")


def resized_crop(images: Tensor, step: object, drawn: Drawn, black: Tensor) -> Tensor:
    """Enlarge the window top, left, height, width to the whole picture; pixels beyond its edge are never read."""
    h, w = images.shape[2:]

    def places(size: int, first: Tensor, length: Tensor) -> Tensor:
        """Return (N, size): where each output pixel is read along one side, from -1 to 1."""
        first, length = first.unsqueeze(1), length.unsqueeze(1)
        at = first + (torch.arange(size, device=first.device) + 0.5) * length / size - 0.5
        return (at.clamp(first, first + length - 1) * 2 + 1) / size - 1

    x, y = places(w, drawn["left"], drawn["width"]), places(h, drawn["top"], drawn["height"])
    grid = torch.stack([x.unsqueeze(1).expand(-1, h, -1), y.unsqueeze(2).expand(-1, -1, w)], dim=-1)  # (N, H, W, 2)
    return _read(images, grid.to(images.device), black)


def horizontal_flip(images: Tensor, step: object, drawn: Drawn, black: Tensor) -> Tensor:
    """Swap left and right, where done."""
    return _mirrored(images, drawn, 3)


def vertical_flip(images: Tensor, step: object, drawn: Drawn, black: Tensor) -> Tensor:
    """Swap top and bottom, where done."""
    return _mirrored(images, drawn, 2)


def _mirrored(images: Tensor, drawn: Drawn, side: int) -> Tensor:
    if not images.is_cpu:  # which rows it is would have to be waited for
        return torch.where(_where(images, drawn), images.flip(side), images)
    mirrored, rows = images.clone(), drawn["done"].nonzero()[:, 0]
    mirrored[rows] = images[rows].flip(side)
    return mirrored


def _where(images: Tensor, drawn: Drawn) -> Tensor:
    """Return (N, 1, 1, 1): which pictures the step is done to."""
    return drawn["done"].to(images.device).view(-1, 1, 1, 1)


def perspective(images: Tensor, step: object, drawn: Drawn, black: Tensor) -> Tensor:
    """Read each pixel at the place that its coefficients give, where done."""
    n, _, h, w = images.shape
    a, b, c, d, e, f, g, i = drawn["coefficients"].to(images.device).view(n, 8, 1, 1).unbind(1)
    x = torch.arange(w, device=images.device) + 0.5
    y = (torch.arange(h, device=images.device) + 0.5).unsqueeze(1)
    depth = g * x + i * y + 1
    grid = torch.stack([(a * x + b * y + c) * 2 / w / depth - 1, (d * x + e * y + f) * 2 / h / depth - 1], dim=-1)
    return torch.where(_where(images, drawn), _read(images, grid, black), images)


def elastic(images: Tensor, step: Elastic, drawn: Drawn, black: Tensor) -> Tensor:
    """Read each pixel off its place by the smoothed displacement."""
    n, _, h, w = images.shape
    sides = constant((w, h), images.device, torch.int64).view(2, 1, 1)
    offset = elastic_offset(step, drawn).to(images.device) * 2 / sides
    one, zero = torch.ones(n, device=images.device), torch.zeros(n, device=images.device)
    return _read(images, _grid(images, one, zero, zero, zero, one, zero) + offset.permute(0, 2, 3, 1), black)


def elastic_offset(step: Elastic, drawn: Drawn) -> Tensor:
    """Return the displacement (N, 2, H, W) in pixels, x first. torchvision's alpha counts pixels of half the size."""
    noise = drawn["displacement"]
    sigma = torch.full((len(noise),), step.sigma, device=noise.device)
    return blur(noise, sigma, int(8 * step.sigma + 1) | 1) * step.alpha / 2

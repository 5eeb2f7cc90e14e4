"""Steps that change values and leave pixels in place, on whole batches (N, C, H, W) with black 0 and white 1."""

import torch
from torch import Tensor

from core.training.augmentation import blur as blurring
from core.training.augmentation.sampling import Drawn, constant
from core.training.augmentation.specs import Blur, Noise, Normalize, taps

LUMINANCE = (0.2989, 0.587, 0.114)  # of red, green and blue, as torchvision weighs them


def color_jitter(images: Tensor, step: object, drawn: Drawn, black: Tensor) -> Tensor:
    """Apply the four changes, in each picture's own order."""
    changes = (_brightness, _contrast, _saturation, _hue)
    factors = [drawn[name].to(images) for name in ("brightness", "contrast", "saturation", "hue")]
    images, order = images.clone(), drawn["order"].to(images.device)
    for place in range(len(changes)):
        for index, (change, factor) in enumerate(zip(changes, factors, strict=True)):
            chosen = order[:, place] == index
            if images.is_cpu:
                rows = chosen.nonzero()[:, 0]
                images[rows] = change(images[rows], factor[rows].view(-1, 1, 1, 1))
            else:  # all pictures, as which rows it is would have to be waited for
                changed = change(images, factor.view(-1, 1, 1, 1))
                images = torch.where(chosen.view(-1, 1, 1, 1), changed, images)
    return images


def _brightness(images: Tensor, factor: Tensor) -> Tensor:
    return (images * factor).clamp(0, 1)


def _contrast(images: Tensor, factor: Tensor) -> Tensor:
    mean = _gray(images).mean(dim=(1, 2, 3), keepdim=True)
    return torch.lerp(mean.expand_as(images), images, factor).clamp(0, 1)


def _saturation(images: Tensor, factor: Tensor) -> Tensor:
    return torch.lerp(_gray(images).expand_as(images), images, factor).clamp(0, 1) if images.shape[1] == 3 else images


def _hue(images: Tensor, turn: Tensor) -> Tensor:
    if images.shape[1] != 3 or not len(images):
        return images
    # here, because importing torchvision takes a second or two, which most trainings can do without
    from torchvision.transforms.v2.functional._color import _hsv_to_rgb, _rgb_to_hsv

    hsv: Tensor = _rgb_to_hsv(images)  # (N, 3, H, W), hue from 0 to 1
    hsv[:, :1] = (hsv[:, :1] + turn) % 1
    turned: Tensor = _hsv_to_rgb(hsv) if images.is_cpu else _rgb(hsv)
    return turned


def _rgb(hsv: Tensor) -> Tensor:
    """Return (N, 3, H, W) as red, green and blue. torchvision's way copies a table to the GPU each time."""
    hue, saturation, value = hsv.split(1, dim=1)
    place = (hue * 6 + constant((5.0, 3.0, 1.0), hsv.device).view(3, 1, 1)) % 6  # around the circle, from each color
    colors: Tensor = value * (1 - saturation * torch.minimum(place, 4 - place).clamp(0, 1))
    return colors


def _gray(images: Tensor) -> Tensor:
    """Return the luminance, (N, 1, H, W)."""
    if images.shape[1] != 3:
        return images.mean(dim=1, keepdim=True)
    return (images * constant(LUMINANCE, images.device).view(3, 1, 1)).sum(dim=1, keepdim=True)


def grayscale(images: Tensor, step: object, drawn: Drawn, black: Tensor) -> Tensor:
    """Set every channel to the luminance, where done."""
    return torch.where(drawn["done"].to(images.device).view(-1, 1, 1, 1), _gray(images).expand_as(images), images)


def blur(images: Tensor, step: Blur, drawn: Drawn, black: Tensor) -> Tensor:
    """Blur each picture by its own sigma."""
    return blurring.blur(images, drawn["sigma"], taps(step.sigma, *images.shape[2:]))


def noise(images: Tensor, step: Noise, drawn: Drawn, black: Tensor) -> Tensor:
    """Add a normal number to each value."""
    generator = torch.Generator(images.device).manual_seed(int(drawn["seed"][0]))
    normal = torch.randn(images.shape, generator=generator, device=images.device)
    return (images + normal * step.sigma).clamp(0, 1)


def normalize(images: Tensor, step: Normalize, drawn: Drawn, black: Tensor) -> Tensor:
    """Subtract the mean, and divide by the deviation."""
    return (images - step.mean) / step.std


def erasing(images: Tensor, step: object, drawn: Drawn, black: Tensor) -> Tensor:
    """Fill the rectangle with black, where done."""
    on = {name: value.to(images.device).view(-1, 1, 1) for name, value in drawn.items()}
    y = torch.arange(images.shape[2], device=images.device).view(1, -1, 1)
    x = torch.arange(images.shape[3], device=images.device).view(1, 1, -1)
    inside = (y >= on["top"]) & (y < on["top"] + on["height"]) & (x >= on["left"]) & (x < on["left"] + on["width"])
    return torch.where((inside & on["done"]).unsqueeze(1), black.to(images.dtype), images)

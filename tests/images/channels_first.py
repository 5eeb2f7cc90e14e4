"""Pictures as torch has them: one in a batch, its channels first."""

import numpy as np
import torch


def as_torch(image):
    """Return a picture, (H, W) or (H, W, C), as (1, C, H, W)."""
    planes = image[:, :, None] if image.ndim == 2 else image
    return torch.from_numpy(np.moveaxis(planes, 2, 0).astype(np.float64))[None]


def as_picture(tensor, like):
    """Return (1, C, H, W) as a picture with as many axes as `like`."""
    planes = np.moveaxis(tensor[0].numpy(), 0, 2)
    return planes[:, :, 0] if like.ndim == 2 else planes

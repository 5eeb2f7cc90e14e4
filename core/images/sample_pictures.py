"""Sample pictures that come with the app: photographs from scikit-image's package, and drawn ones.

Only files inside the installed package are read: no network is needed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from core.images import drawn_pictures
from core.images.pictures import LARGEST_SIDE, PictureError
from core.images.uploads import read_upload


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture to choose: its description in words (`alt`), its author and its license."""

    key: str
    title: str
    alt: str
    credit: str
    source: str | Callable[[int], NDArray[np.float32]]  # a file of skimage/data, or the function that draws it


_CC0 = "CC0, no rights reserved"
_DRAWN = "Drawn by CNN Lab"

# Credits and licenses as scikit-image states them for each picture (skimage/data/_fetchers.py). SciPy's pictures are
# downloads, and scikit-image's others state no license or are not in its package.
_SAMPLES = (
    Sample("cat", "Cat", "The face of a tabby cat, close up", f"Stéfan van der Walt; {_CC0}", "chelsea.png"),
    Sample(
        "astronaut",
        "Astronaut",
        "The astronaut Eileen Collins in an orange suit, a shuttle model behind her",
        "NASA; public domain",
        "astronaut.png",
    ),
    Sample(
        "coffee",
        "Coffee",
        "A cup of espresso on a red saucer, on a wooden table",
        f"Rachel Michetti, courtesy of Pikolo Espresso Bar; {_CC0}",
        "coffee.png",
    ),
    Sample(
        "rocket",
        "Rocket",
        "A rocket on its launch pad at dusk, between lattice towers and lamps",
        "SpaceX; public domain",
        "rocket.jpg",
    ),
    Sample(
        "hubble",
        "Deep field",
        "Hundreds of small galaxies on black: the Hubble extreme deep field",
        "NASA, HubbleSite; public domain",
        "hubble_deep_field.jpg",
    ),
    Sample(
        "camera",
        "Photographer",
        "A man in a dark coat behind a camera on a tripod, in a park",
        f"Lav Varshney; {_CC0}",
        "camera.png",
    ),
    Sample(
        "coins",
        "Coins",
        "Four rows of Greek coins from Pompeii on a dark ground",
        "Brooklyn Museum; no known copyright restrictions",
        "coins.png",
    ),
    Sample(
        "writing",
        "Handwriting",
        "Formulas written by hand on ruled paper, seen at a slant",
        "Wikipedia; public domain",
        "text.png",
    ),
    Sample("brick", "Brick", "A brick wall seen at a slant", f"CC0Textures, Bricks25; {_CC0}", "brick.png"),
    Sample("gravel", "Gravel", "Small gray stones, close together", f"CC0Textures, Gravel04; {_CC0}", "gravel.png"),
    Sample("grass", "Grass", "A lawn from above", f"linolafett, DeviantArt; {_CC0}", "grass.png"),
    Sample("horse", "Horse", "The black outline of a horse on white", f"Andreas Preuss; {_CC0}", "horse.png"),
    Sample("step", "Step edge", "Dark on the left half, bright on the right", _DRAWN, drawn_pictures.step),
    Sample("dot", "One white pixel", "A single white pixel in the middle of black", _DRAWN, drawn_pictures.dot),
    Sample("disc", "Disc", "A bright disc on a dark ground", _DRAWN, drawn_pictures.disc),
    Sample(
        "checkerboard", "Checkerboard", "Eight by eight squares, black and white", _DRAWN, drawn_pictures.checkerboard
    ),
    Sample(
        "zone_plate",
        "Zone plate",
        "Rings around the middle that get finer toward the border",
        _DRAWN,
        drawn_pictures.zone_plate,
    ),
    Sample(
        "color_wheel",
        "Color wheel",
        "A disc of all hues, white in the middle, on black",
        _DRAWN,
        drawn_pictures.color_wheel,
    ),
)

SAMPLES: dict[str, Sample] = {sample.key: sample for sample in _SAMPLES}


def sample(key: str, size: int = LARGEST_SIDE) -> NDArray[np.float32]:
    """Return a sample picture.

    Args:
        key: A key of SAMPLES.
        size: Longer side in pixels at most; drawn pictures have exactly this size.

    Returns:
        The picture, float32 in [0, 1], (H, W) or (H, W, 3).

    Raises:
        PictureError: The key is unknown, or the installed scikit-image lacks the file.
    """
    if key not in SAMPLES:
        raise PictureError(f"There is no picture named {key!r:.40}; there are {', '.join(SAMPLES)}.")
    source = SAMPLES[key].source
    if not isinstance(source, str):
        return source(size)
    try:
        data = (resources.files("skimage") / "data" / source).read_bytes()
    except (ModuleNotFoundError, FileNotFoundError):
        raise PictureError(
            f"The picture {SAMPLES[key].title} is missing from the installed scikit-image: reinstall it with pip, "
            "or choose another picture."
        ) from None
    return read_upload(data, side=size)

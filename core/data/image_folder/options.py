"""Options for a zip of pictures, from a small file beside it: `pets.json` for `pets.zip`.

    {"size": [32, 32], "fit": "crop", "colors": "auto", "test_share": 0.2, "seed": 0}

Each may be left out. `size` is height and width; without it the size that most pictures have is used if it is from
8 x 8 to 64 x 64, else 32 x 32. `fit` says what happens to pictures of another size: "crop" scales the middle part with
the right proportions, "pad" scales the whole picture and fills the rest with white, "stretch" changes its proportions.
`colors` is "auto" (gray if all pictures are), "gray" or "color". `test_share` and `seed` draw test pictures where the
zip has none of its own.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from core.data.dataset import BrokenSource

MIN_SIDE, MAX_SIDE = 8, 64
DEFAULT_SIDE = 32
MAX_OPTION_BYTES = 10_000
Fit = Literal["crop", "pad", "stretch"]
Colors = Literal["auto", "gray", "color"]


@dataclass(frozen=True, slots=True)
class Options:
    """How the pictures of a zip are read."""

    size: tuple[int, int] | None = None  # height and width
    fit: Fit = "crop"
    colors: Colors = "auto"
    test_share: float = 0.2
    seed: int = 0


def options_path(path: Path) -> Path:
    """Return the file of a zip's options, which need not exist."""
    return path.with_suffix(".json")


def load_options(path: Path) -> Options:
    """Return a zip's options. Raises BrokenSource, with a sentence, if they cannot be used."""
    file = options_path(path)
    if not file.is_file():
        return Options()
    try:
        if file.stat().st_size > MAX_OPTION_BYTES:
            raise ValueError("it is too long")
        data = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(data, dict):
            raise ValueError('it must be like {"fit": "crop"}')
        return _checked(data)
    except (ValueError, TypeError, RecursionError) as error:
        raise BrokenSource(f"{file.name} cannot be used ({error}): correct it, or remove it.") from None


def _checked(data: dict[str, Any]) -> Options:
    """Return options from JSON. Raises ValueError."""
    options = Options(**{name: data[name] for name in data if name in Options.__slots__})
    if unknown := data.keys() - set(Options.__slots__):
        raise ValueError(f"there is no option {min(unknown)!r:.40}")
    if (size := data.get("size")) is not None:
        sides = size if isinstance(size, list) else [size, size]
        if len(sides) != 2 or not all(type(side) is int and MIN_SIDE <= side <= MAX_SIDE for side in sides):
            raise ValueError(f"size must be two whole numbers from {MIN_SIDE} to {MAX_SIDE}, height and width")
        options = replace(options, size=(sides[0], sides[1]))
    if options.fit not in get_args(Fit):
        raise ValueError(f"fit must be one of {', '.join(get_args(Fit))}")
    if options.colors not in get_args(Colors):
        raise ValueError(f"colors must be one of {', '.join(get_args(Colors))}")
    if type(options.test_share) not in (int, float) or not 0.01 <= options.test_share <= 0.9:
        raise ValueError("test_share must be from 0.01 to 0.9")
    if type(options.seed) is not int or not 0 <= options.seed < 2**31:
        raise ValueError("seed must be a whole number from 0 to 2,147,483,647")
    return options

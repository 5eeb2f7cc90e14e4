"""Shared by the browser components: loading their files, and encoding arrays for the browser."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.ui.components.kit.bundle import bundle

Floats = npt.NDArray[np.floating[Any]]

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Assets:
    """A browser component's style sheet, script and HTML, in the form that Streamlit expects."""

    css: str
    js: str
    html: str | None = None


def assets(
    folder: Path,
    *,
    script: str,
    styles: str | None = None,
    html: str | None = None,
    palette: bool = False,
    panel: bool = False,
    notice: bool = False,
    number: bool = False,
    notes: bool = False,
    switch: bool = False,
) -> Assets:
    """Read a component's files.

    Args:
        folder: the component's folder.
        script: name of its main JavaScript file without the extension; imported files are included.
        styles: name of its style sheet without the extension.
        html: name of its HTML file without the extension.
        palette: whether its style sheet uses the kit's palette of diverging colors.
        panel: whether it is one of the kit's panels, with their controls.
        notice: whether it says what to notice.
        number: whether it has numbers to drag or write (`number.js`).
        notes: whether notes are pinned to it.
        switch: whether it has something to turn on or off.

    Raises:
        BundleError: if the script's imports cannot be bundled.
    """
    kit = {
        "palette": palette,
        "panel": panel,
        "number": number,
        "notice": notice,
        "notes": notes,
        "switch": switch,
    }
    shared = [_HERE / f"{name}.css" for name, used in kit.items() if used]
    sheets = [*shared, *([folder / f"{styles}.css"] if styles else [])]
    return Assets(_join(sheets), bundle(folder / f"{script}.js"), _join([folder / f"{html}.html"]) if html else None)


def _join(files: Sequence[Path]) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def encode_pixels(image: Floats) -> dict[str, Any]:
    """Encode a picture, (H, W) or (H, W, 3), plane by plane: as bytes if all values are k / 255, else as float32."""
    planes = image[None] if image.ndim == 2 else np.moveaxis(image, 2, 0)
    levels = np.rint(np.clip(planes, 0, 1) * 255)
    if np.allclose(planes, levels / 255, rtol=0, atol=1e-7):
        encoding, raw = "uint8", levels.astype(np.uint8).tobytes()
    else:
        encoding, raw = "float32", planes.astype("<f4").tobytes()
    return {"shape": planes.shape, "encoding": encoding, "base64": base64.b64encode(raw).decode("ascii")}

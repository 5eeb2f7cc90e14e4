"""Thumbnails of pictures, one click to pick one; above them sets to browse, behind them ways to bring a picture."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from core.ui.components.kit import assets
from core.ui.display.image_colors import Bytes, encode_thumbnails

SIDE = 80  # px of a thumbnail: two for each one on the screen

ASSETS = assets(Path(__file__).parent, script="picture_strip", styles="picture_strip")
_mount = st.components.v2.component("cnn_lab.picture_strip", css=ASSETS.css, js=ASSETS.js)


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture to pick: `value` is reported, `alt` describes it, `title` is its name."""

    value: str
    title: str
    alt: str


@dataclass(frozen=True, slots=True)
class PictureSet:
    """A row of thumbnails, all in one WebP file of squares side by side.

    A set with `sprite` None is loaded when a visitor opens it. `has_more` if there are other pictures after these.
    """

    name: str
    title: str
    thumbnails: Sequence[Thumbnail] = ()
    sprite: bytes | None = None
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class OwnPicture:
    """A way to bring a picture: `icon` is draw, upload or camera."""

    value: str
    title: str
    icon: str


def sprite(pictures: Sequence[Bytes]) -> bytes:
    """Return squares of SIDE x SIDE pixels, (SIDE, SIDE) or (SIDE, SIDE, 3), side by side as one WebP file."""
    colored = [picture if picture.ndim == 3 else np.repeat(picture[:, :, None], 3, axis=2) for picture in pictures]
    return encode_thumbnails(np.concatenate(colored, axis=1))


def picture_strip(
    key: str,
    label: str,
    sets: Sequence[PictureSet],
    chosen: str,
    *,
    own: Sequence[OwnPicture] = (),
    help: str,
    on_pick: Callable[[str], None],
    on_more: Callable[[str], None],
    on_open: Callable[[str], None],
) -> None:
    """Draw the strip.

    Args:
        key: The component's key.
        label: What is picked, in a word.
        sets: The sets of pictures. The one with the chosen picture is shown until a visitor opens another one.
        chosen: The value of the chosen thumbnail or own picture.
        own: Ways to bring a picture.
        help: What the picture is for.
        on_pick: Called with the value of the thumbnail or own picture that was pressed, before the page reruns.
        on_more: Called with a set's name when others of its pictures are wanted.
        on_open: Called with the name of a set whose pictures are not loaded.
    """
    values = {thumbnail.value for shown in sets for thumbnail in shown.thumbnails} | {way.value for way in own}
    names = {shown.name for shown in sets}
    _mount(
        key=key,
        data={
            "label": label,
            "help": help,
            "chosen": chosen,
            "sets": [_packed(shown) for shown in sets],
            "own": [{"value": way.value, "title": way.title, "icon": way.icon} for way in own],
        },
        on_picked_change=lambda: _report(key, "picked", values, on_pick),
        on_more_change=lambda: _report(key, "more", names, on_more),
        on_opened_change=lambda: _report(key, "opened", names, on_open),
    )


def _packed(shown: PictureSet) -> dict[str, object]:
    """Return a set as the browser reads it."""
    return {
        "name": shown.name,
        "title": shown.title,
        "more": shown.has_more,
        "sprite": "" if shown.sprite is None else base64.b64encode(shown.sprite).decode("ascii"),
        "thumbnails": [{"value": t.value, "title": t.title, "alt": t.alt} for t in shown.thumbnails],
    }


def _report(key: str, event: str, allowed: set[str], act: Callable[[str], None]) -> None:
    """Call `act` with what the browser reports, unless it is none of what the strip offered."""
    value = (st.session_state.get(key) or {}).get(event)
    if isinstance(value, str) and value in allowed:
        act(value)

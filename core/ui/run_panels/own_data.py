"""The user's own pictures on the pages that train: how to bring some, and the choice of those that fit the page."""

import json
from collections.abc import Callable

import streamlit as st

from core.data import DatasetInfo
from core.size_text import format_shape
from core.ui import messages
from core.ui.backend import client
from core.ui.state import query
from core.ui.state.settings import Settings

PAGES_OWN = "-"  # stands for the page's dataset, whose identity differs between machines; no zip has this name


def pick(key: str, info: DatasetInfo, on_pick: Callable[[DatasetInfo], None]) -> DatasetInfo:
    """Draw the choice of a dataset if there is one that fits the page.

    Args:
        key: Of the widget.
        info: The page's dataset.
        on_pick: Sets the page's other controls to values that the picked dataset allows.

    Returns:
        The picked dataset.
    """
    sets = {PAGES_OWN: info} | {own.title: own for own in client.own_datasets() if _fits(own, info)}
    if len(sets) == 1 and not query.is_linked(key):  # else the page says that the link's set is not here
        return info
    picked = Settings({key: PAGES_OWN}).choice(
        key,
        "Data",
        list(sets),
        format=lambda name: sets[name].title,
        help="The pictures to train on and to test with: the page's, or your own zips that have their size and as many "
        "classes",
        on_change=lambda: on_pick(sets[st.session_state[key]]),
    )
    found = sets[picked]
    if found.notes:
        st.caption(messages.escaped(" ".join(found.notes)))
    return found


def how_to_bring(info: DatasetInfo) -> None:
    """Draw a line that says how to bring one's own pictures to the page."""
    options = json.dumps({"size": info.shape[1], "colors": "gray" if info.shape[0] == 1 else "color"})
    st.caption(
        f"Your own pictures: put NAME.zip, with a folder for each of {len(info.classes)} classes, and NAME.json with "
        f"{options}, which scales them to {format_shape(info.shape[1:])}, into the folder that CNNLAB_DATA names."
    )


def _fits(own: DatasetInfo, info: DatasetInfo) -> bool:
    """Return whether the page's networks can be trained on a set."""
    return own.shape == info.shape and len(own.classes) == len(info.classes)

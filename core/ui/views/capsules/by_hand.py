"""Vectors by hand: parts that are turned, moved and covered, and the wholes that they vote for."""

from typing import Any

import streamlit as st

from core.ui.components.capsules_by_hand import capsules_by_hand, restore
from core.ui.components.undo_redo import undo_redo
from core.ui.layout import page_frame
from core.ui.state.settings import Settings

DEFAULTS: dict[str, Any] = {}

EXPLANATION = """
- **Each part has a capsule**, its thin arrow: the length is the chance that the part is there, the direction how the
  part lies. On the stage the arrow shows the turn; the capsule itself has 96 numbers, which also hold the place. Moving
  and turning the part changes these numbers and not their length; the card takes evidence away, and squash makes a
  shorter vector of it.
- **Each part votes for each whole** with its vector times a matrix. The matrix knows where the part belongs: a roof
  above the wall, a mouth below the nose. So each vote is a whole with a place and a turn, and its outlines
  show where the other parts should be.
- **Routing by agreement**: at first each part's vote is shared equally. Then each whole is the sum of its votes, and
  the votes that point as the sum does get a larger share, by a softmax, again and again. Votes that agree add up to a
  long vector; votes that disagree cancel each other. The shares of a part sum to 1, so that its votes go somewhere even
  if no whole fits: then every whole stays of medium length.
- **Set by hand here**: the matrices, from the geometry of house, boat, face and bicycle; how certain a part in full
  sight is; and how much longer a vote is than its part's capsule. A capsule network learns its matrices from labeled
  pictures, with nobody telling it what a part is. It has matrices of its own for every place of a part, as here every
  turn of a part has. Squash and routing are computed here as in such a network.
- **Max pooling** keeps the strongest answer of each detector and forgets where it was. Here it gets the parts'
  lengths, and its answer is the mean of its detectors: the same for every arrangement of the same parts.
"""


@st.fragment
def show(settings: Settings) -> None:
    """Draw the stage with undo and redo, and what is set by hand on it."""
    with page_frame.stage(632), st.container(key="editor_hand"):
        undo_redo("hand", capsules_by_hand(), restore, what="the stage")
    with st.expander("How the arrows come about, and what is set by hand"):
        st.markdown(EXPLANATION)

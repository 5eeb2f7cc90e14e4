"""What a session keeps of each page: the texts of its settings, and what came of its link."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.ui.messages import Markdown

PREFIXES = {
    "kernels": "k_",
    "frequency": "f_",
    "filters": "l_",
    "layer_calculator": "c_",
    "pooling": "p_",
    "mnist": "m_",
    "augmentation": "a_",
    "invariance": "i_",
    "capsules": "v_",
    "anatomy": "n_",
    "cifar": "ci_",
    "runs": "r_",
    "instructor": "t_",
}
LESSON, STEP = "lesson", "step"  # parameters of the URL that are no page's
SCRIPT = ""  # the name of a script that is not a page of the app, as in a test
_STATES, _NOW = "page_states", "page_now"  # in the session
Url = dict[str, str]


@dataclass(frozen=True, slots=True)
class Prescribed:
    """How a step of a lesson opens its page."""

    name: str  # of the step: another name is another step, which opens the page again
    start: Mapping[str, str]  # texts that the page opens with, by key; without any it stays as it is
    fixed: Mapping[str, str]  # texts that no control and no link changes


@dataclass(slots=True)
class FoldedValue:
    """The value of a setting in a popover: core.ui.state.popover_values tells what for."""

    drawn: Any  # in its widget, last
    sent: Any  # by the browser since then, else as drawn
    generation: int = 0  # how often Python set another value

    def widget_key(self, key: str) -> str:
        """Return the key of the widget of the setting `key`."""
        return f"{key}-{self.generation}" if self.generation else key


@dataclass(slots=True)
class PageState:
    """The state of one page in one session."""

    name: str
    texts: Url = field(default_factory=dict)  # by key, without defaults
    linked: set[str] = field(default_factory=set)  # keys whose text came in a link and has not been read
    is_opening: bool = False  # whether the run in progress is the first one of a link
    waiting: set[str] = field(default_factory=set)  # keys that the page opened with and has not used
    at_start: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())  # these two, as the full run began
    is_cut_short: bool = False  # whether the run in progress could not draw all of the page
    opened_with: Url | None = None  # the URL that the page was opened with, until its first run has ended
    shown: set[str] = field(default_factory=set)  # keys used since the last full run of the page
    refused: list[Markdown] = field(default_factory=list)  # messages, shown until a setting changes
    failed: bool = False  # whether one of them is about a whole network or pipeline
    refused_at: Url | None = None  # the URL when they appeared
    url: Url = field(default_factory=dict)  # last written
    seen: list[Url] = field(default_factory=list)  # URLs of this visit, the newest last
    generation: int = 0  # how often the page was started afresh; part of components' keys
    folded: dict[str, FoldedValue] = field(default_factory=dict)  # by key, of the settings in popovers
    visits: int = 0  # how often the page was opened; part of the keys of uploads
    top: DeltaGenerator | None = None  # where the messages are shown
    running: bool = False  # whether a full run is in progress, which writes the URL at its end
    step: str = ""  # the step of a lesson that opened the page last
    fixed: Mapping[str, str] = field(default_factory=dict)  # texts that this step fixes
    start: Mapping[str, str] = field(default_factory=dict)  # texts that it opened the page with
    beside: Url = field(default_factory=dict)  # parameters of the URL that are no page's: the lesson
    facts: dict[str, float] = field(default_factory=dict)  # figures of what the page shows, for a lesson's task

    @property
    def prefix(self) -> str:
        """Return the prefix of the page's keys; empty for a script that is not a page."""
        return PREFIXES.get(self.name, "")

    def owns(self, key: str) -> bool:
        """Return whether the page takes a parameter of the URL as its own, if only to say that it does not know it.

        What is another page's comes late from there.
        """
        others = (prefix for prefix in PREFIXES.values() if prefix != self.prefix)
        return key not in (LESSON, STEP) and not any(map(f"{key}_".startswith, others))


def current() -> PageState:
    """Return the state of the running page, or of a script that is not a page."""
    return state_of(name_now() or SCRIPT)


def name_now() -> str | None:
    """Return the name of the page that the session opened last."""
    name: str | None = st.session_state.get(_NOW)
    return name


def set_now(name: str) -> None:
    """Note which page the session has opened."""
    st.session_state[_NOW] = name


def state_of(name: str) -> PageState:
    """Return a page's state in this session."""
    state: PageState = st.session_state.setdefault(_STATES, {}).setdefault(name, PageState(name))
    return state

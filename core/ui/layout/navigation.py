"""The registry of pages, and the app's navigation.

To add a page: write `pages/NAME.py`, whose first call is `page_frame.page("NAME")` and whose last is
`page_frame.onward("NAME")`, and add one entry to `PAGES`.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from core import app_paths
from core.ui.backend import identity, late_requests, unsent_drawings
from core.ui.layout import session_uploads
from core.ui.messages.hosting import hosted

ICON = Path(__file__).with_name("favicon.svg")  # an emoji or a name would be fetched from a font host
NAVIGATED = "navigated"  # in the session: app.py has run


@dataclass(frozen=True, slots=True)
class Page:
    """One screen of the course."""

    name: str  # of its file in pages/, and in its URL
    label: str  # in the navigation
    icon: str
    section: str
    question: str  # its title
    sentence: str  # what it shows, in one sentence

    @property
    def short(self) -> str:
        """The label where there is room for two words."""
        return SHORT.get(self.name, self.label)


SHORT = {
    "filters": "Filters",
    "layer_calculator": "Layer cost",
    "mnist": "MLP or CNN",
    "augmentation": "Augment",
    "anatomy": "Anatomy",
}

PAGES: tuple[Page, ...] = (
    Page(
        "home",
        "Home",
        ":material/home:",
        "CNN Lab",
        "How does a computer see?",
        "Draw a digit. Watch a network read it. Then take it apart.",
    ),
    Page(
        "kernels",
        "Kernels",
        ":material/filter_center_focus:",
        "Pictures and filters",
        "What does a kernel see?",
        "A kernel is a grid of weights; each output pixel is a weighted sum. Move over the picture, or drag a weight.",
    ),
    Page(
        "frequency",
        "Frequency",
        ":material/graphic_eq:",
        "Pictures and filters",
        "What is frequency in a picture?",
        "Every picture is a sum of waves of brightness, slow and fast. Drag the dot to make one.",
    ),
    Page(
        "filters",
        "From filters to a layer",
        ":material/layers:",
        "Pictures and filters",
        "How do filters become a layer?",
        "Each filter computes a plane, a picture of its sums; stacked, they are the output. Click one, drag a weight.",
    ),
    Page(
        "layer_calculator",
        "Layer calculator",
        ":material/calculate:",
        "Layers",
        "What does a layer cost?",
        "Set the sizes of one convolution: see its output, its parameters and its cost. Then stack a whole network.",
    ),
    Page(
        "pooling",
        "Pooling",
        ":material/compress:",
        "Layers",
        "What does pooling throw away?",
        "Each window of a picture becomes one number. Drag F and S, and see what is lost.",
    ),
    Page(
        "mnist",
        "MLP against CNN",
        ":material/compare_arrows:",
        "Networks that learn",
        "MLP or CNN: which reads digits better?",
        "A multilayer perceptron (MLP) and a convolutional network (CNN) learn the same digits. Press Train both.",
    ),
    Page(
        "augmentation",
        "Augmentation",
        ":material/auto_awesome_motion:",
        "Networks that learn",
        "Which changes keep the label?",
        "Random shifts, turns and crops make new pictures with the same label. Press Draw again, or change a step.",
    ),
    Page(
        "invariance",
        "Invariance",
        ":material/open_with:",
        "Networks that learn",
        "Does a network recognize a moved digit?",
        "Drag the digit, turn it by its knob, scale it by a corner, and see which networks change their prediction.",
    ),
    Page(
        "capsules",
        "Capsules",
        ":material/arrow_outward:",
        "Networks that learn",
        "Can a network know how a part lies?",
        "A capsule is an arrow: its length says that a part is there, its direction how the part lies. Drag a part.",
    ),
    Page(
        "anatomy",
        "Anatomy of a CNN",
        ":material/account_tree:",
        "Networks that learn",
        "What happens inside a whole network?",
        "Send a picture through a trained network. Then point at a unit to see its input and its sum.",
    ),
    Page(
        "cifar",
        "CIFAR-10",
        ":material/timer:",
        "Networks that learn",
        "How good can a CNN get, and how fast?",
        "Press Train: a CNN learns 10 kinds of small pictures on this device. Compare your time with published ones.",
    ),
    Page(
        "runs",
        "All runs",
        ":material/leaderboard:",
        "Networks that learn",
        "Which settings win?",
        "Every run of this machine: its accuracy against its cost. Click up to six points, and see how they differ.",
    ),
)

INSTRUCTOR = Page(  # not a page of the course
    "instructor",
    "Teach a class",
    ":material/co_present:",
    PAGES[0].section,
    "What is the class doing?",
    "The queue, the people and the lesson: stop, reorder, announce, and reveal a lesson step by step.",
)


def configure() -> None:
    """Set title, icon and layout of every page, and limit what a session uploads."""
    session_uploads.bound()
    st.set_page_config(page_title="CNN Lab", page_icon=ICON, layout="wide", initial_sidebar_state=230)


def navigation(*, hidden: bool = False) -> st.Page:
    """Set up the app's navigation (every page, by section, home at `/`), and return the page to run.

    The instructor's page is listed for those who instruct where the app is hosted, and has its address for everybody.
    Hidden, the navigation keeps the page's address while something else is shown in its place.
    """
    sections = {
        section: [_streamlit_page(page) for page in pages]
        for section, pages in itertools.groupby(PAGES, key=lambda page: page.section)
    }
    sections[PAGES[0].section].append(st.Page(_home_by_name, url_path=PAGES[0].name, visibility="hidden"))
    is_listed = hosted() and identity.person().instructs  # at the top, where no fold of the sidebar hides it
    sections[INSTRUCTOR.section].append(_streamlit_page(INSTRUCTOR, visibility="visible" if is_listed else "hidden"))
    chosen = st.navigation(sections, position="hidden" if hidden else "sidebar")
    late_requests.drop(chosen)
    unsent_drawings.keep()
    st.session_state[NAVIGATED] = True
    return chosen


def link(
    target: Page,
    label: str | None = None,
    query: Mapping[str, str] | None = None,
    *,
    icon: str | None = None,
    icon_position: Literal["left", "right"] = "left",
    help: str | None = None,
) -> None:
    """Draw a link to a page of the app, with its icon or another; `query` are the parameters of its URL."""
    st.page_link(
        _streamlit_page(target),
        label=label or target.question,
        icon=icon or target.icon,
        icon_position=icon_position,
        query_params=dict(query or {}),
        help=help,
    )


def open_page(name: str) -> None:
    """Leave this page for the page `name`."""
    st.switch_page(_streamlit_page(find(name)))


def find(name: str) -> Page:
    """Return the page registered as `name`. Raises StopIteration for an unknown name."""
    return next(page for page in (*PAGES, INSTRUCTOR) if page.name == name)


def _home_by_name() -> None:
    """Redirect /home to `/`, where home is."""
    st.switch_page(_streamlit_page(PAGES[0]))


def _streamlit_page(page: Page, visibility: Literal["visible", "hidden"] = "visible") -> st.Page:
    home = page is PAGES[0]
    return st.Page(
        app_paths.APP / "pages" / f"{page.name}.py",
        title=page.label,
        icon=page.icon,
        url_path="" if home else page.name,
        default=home,
        visibility=visibility,
    )

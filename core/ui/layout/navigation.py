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

from core import places
from core.ui.layout import session_uploads

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
        "A kernel is a small grid of weights. Slide it over a picture: its output at each pixel is a weighted sum.",
    ),
    Page(
        "frequency",
        "Frequency",
        ":material/graphic_eq:",
        "Pictures and filters",
        "What is frequency in a picture?",
        "Every picture is a sum of waves of brightness, slow and fast. Create one, then split a picture into waves.",
    ),
    Page(
        "filters",
        "From filters to a layer",
        ":material/layers:",
        "Pictures and filters",
        "How do filters become a layer?",
        "Each filter computes one plane, or feature map. The planes of all filters, stacked, are the layer's output.",
    ),
    Page(
        "layer_calculator",
        "Layer calculator",
        ":material/calculate:",
        "Layers",
        "What does a layer cost?",
        "Set one convolution and see its output size, parameters and cost; then stack layers into a whole network.",
    ),
    Page(
        "pooling",
        "Pooling",
        ":material/compress:",
        "Layers",
        "What does pooling throw away?",
        "Each window of a picture becomes one number. Point at a window to see which, and see what is lost.",
    ),
    Page(
        "mnist",
        "MLP against CNN",
        ":material/compare_arrows:",
        "Networks that learn",
        "MLP or CNN: which reads digits better?",
        "Train both on the same handwritten digits, side by side, and see what each setting changes.",
    ),
    Page(
        "augmentation",
        "Augmentation",
        ":material/auto_awesome_motion:",
        "Networks that learn",
        "Which changes keep the label?",
        "Shift, rotate, crop and recolor a picture at random: each time it looks different, and its label is the same.",
    ),
    Page(
        "invariance",
        "Invariance",
        ":material/open_with:",
        "Networks that learn",
        "Does a network recognize a moved digit?",
        "Shift, rotate, scale, shear or blur a digit, or a whole test set, and see which predictions stay the same.",
    ),
    Page(
        "capsules",
        "Capsules",
        ":material/arrow_outward:",
        "Networks that learn",
        "Can a network know how a part lies?",
        "A capsule is a vector: its length says that a part is there, its direction how it is turned and shifted.",
    ),
    Page(
        "anatomy",
        "Anatomy of a CNN",
        ":material/account_tree:",
        "Networks that learn",
        "What happens inside a whole network?",
        "Send a picture through a trained network. Choose a layer and point at a unit to see its input and its sum.",
    ),
    Page(
        "cifar",
        "CIFAR-10",
        ":material/timer:",
        "Networks that learn",
        "How good can a CNN get, and how fast?",
        "Train networks on CIFAR-10's small color pictures on this device, and compare your time with published times.",
    ),
)


def configure() -> None:
    """Set title, icon and layout of every page, and limit what a session uploads."""
    session_uploads.bound()
    st.set_page_config(page_title="CNN Lab", page_icon=ICON, layout="wide", initial_sidebar_state=230)


def navigation() -> st.Page:
    """Set up the app's navigation (every page, by section, home at `/`), and return the page to run."""
    sections = {
        section: [_streamlit_page(page) for page in pages]
        for section, pages in itertools.groupby(PAGES, key=lambda page: page.section)
    }
    sections[PAGES[0].section].append(st.Page(_home_by_name, url_path=PAGES[0].name, visibility="hidden"))
    chosen = st.navigation(sections)
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
    return next(page for page in PAGES if page.name == name)


def _home_by_name() -> None:
    """Redirect /home to `/`, where home is."""
    st.switch_page(_streamlit_page(PAGES[0]))


def _streamlit_page(page: Page) -> st.Page:
    home = page is PAGES[0]
    return st.Page(
        places.APP / "pages" / f"{page.name}.py",
        title=page.label,
        icon=page.icon,
        url_path="" if home else page.name,
        default=home,
    )

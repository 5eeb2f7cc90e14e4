"""The registry of pages, and the app's navigation.

To add a page: write `pages/NAME.py` whose first call is `page_frame.page("NAME")`, and add one line to `PAGES`.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core import places
from core.ui.layout import session_uploads

ICON = Path(__file__).with_name("favicon.svg")  # Streamlit asks a font host for an icon of its own


NAVIGATED = "navigated"  # in the session: app.py has run


@dataclass(frozen=True, slots=True)
class Page:
    """One screen of the course."""

    name: str  # of its file in pages/, and of its URL
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
        "Move things and watch what happens: from one 3 × 3 kernel to a network that reads digits and names pictures.",
    ),
    Page(
        "kernels",
        "Kernels",
        ":material/filter_center_focus:",
        "Pictures and filters",
        "What does a kernel see?",
        "A kernel is a small grid of weights. Slid over a picture, it answers at every place how well they match.",
    ),
    Page(
        "frequency",
        "Frequency",
        ":material/graphic_eq:",
        "Pictures and filters",
        "What is frequency in a picture?",
        "Every picture is a sum of waves of brightness, slow ones and fast ones. Drive one, then take a picture apart.",
    ),
    Page(
        "filters",
        "From filters to a layer",
        ":material/layers:",
        "Pictures and filters",
        "How do filters become a layer?",
        "Each filter makes one plane. The planes stand one behind the other: that block is what a layer puts out.",
    ),
    Page(
        "layer_calculator",
        "Layer calculator",
        ":material/calculate:",
        "Layers",
        "What does a layer cost?",
        "Set one convolution and see its size, its parameters and its work; then stack layers into a whole network.",
    ),
    Page(
        "pooling",
        "Pooling",
        ":material/compress:",
        "Layers",
        "What does pooling throw away?",
        "Each window of a picture becomes one number. Point at a window to see which, and look at what is lost.",
    ),
    Page(
        "mnist",
        "MLP against CNN",
        ":material/compare_arrows:",
        "Networks that learn",
        "MLP or CNN: which reads digits better?",
        "Train both on the same handwritten digits, side by side, and see what each setting does to them.",
    ),
    Page(
        "augmentation",
        "Augmentation",
        ":material/auto_awesome_motion:",
        "Networks that learn",
        "What may change without changing the answer?",
        "Move, turn, crop and recolor a picture at random: each time it is shown it is new, and its label is the same.",
    ),
    Page(
        "invariance",
        "Invariance",
        ":material/open_with:",
        "Networks that learn",
        "Does a network know a moved digit?",
        "Shift, turn, scale, slant or blur a digit, or a whole test set, and see which networks keep their answer.",
    ),
    Page(
        "anatomy",
        "Anatomy of a CNN",
        ":material/account_tree:",
        "Networks that learn",
        "What happens inside a whole network?",
        "A picture goes through a trained network. Choose a layer, point at a unit: see what it sees, and its sum.",
    ),
    Page(
        "cifar",
        "CIFAR-10",
        ":material/timer:",
        "Networks that learn",
        "How good can a CNN get, and how fast?",
        "Train networks on CIFAR-10's small color pictures on this device, and hold the clock against what is claimed.",
    ),
)


def configure() -> None:
    """Page title, icon and layout, for every page; and limits on what a session uploads."""
    session_uploads.bound()
    st.set_page_config(page_title="CNN Lab", page_icon=ICON, layout="wide", initial_sidebar_state=230)


def navigation() -> st.Page:
    """The app's navigation: every built page, by section, home at `/`. Returns the page to run."""
    sections = {
        section: [_streamlit_page(page) for page in pages]
        for section, pages in itertools.groupby(PAGES, key=lambda page: page.section)
    }
    sections[PAGES[0].section].append(st.Page(_at_its_name, url_path=PAGES[0].name, visibility="hidden"))
    chosen = st.navigation(sections)
    st.session_state[NAVIGATED] = True
    return chosen


def link(target: Page, label: str | None = None, query: Mapping[str, str] | None = None) -> None:
    """A link to a page of the app, its icon first; `query` is what its URL holds."""
    st.page_link(
        _streamlit_page(target), label=label or target.question, icon=target.icon, query_params=dict(query or {})
    )


def find(name: str) -> Page:
    """The registered page of that name. Raises StopIteration for a name that is none."""
    return next(page for page in PAGES if page.name == name)


def _at_its_name() -> None:
    """Home stands at `/`; whoever asks for it by its name, as for all other pages, is brought there."""
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

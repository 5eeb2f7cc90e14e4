"""Draw the tools of the title line: copy the page's link, show it as a QR code, and bring back the notes.

The link is the browser's own address, which holds the page's settings as they are at that moment. What it holds is
said in words; what it cannot hold (uploads, a setting too long for an address) is said as well.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import segno
import streamlit as st

from core.ui.state import kept_page, page_state, page_url

_HERE = Path(__file__).parent
KEY = "copy_link"
MAX_QR = 1_000  # characters: a code of more has modules too small for a phone at the back of a hall
MAX_ADDRESS = 20_000
# What settings are, in words: by the end of their key, after the page's prefix and before a number or another part.
WORDS = {
    "kernel": "your kernel",
    "edit": "your kernel",
    "edits": "your filters",
    "filters": "your filters",
    "picture": "your picture",
    "image": "your picture",
    "digit": "your picture",
    "sample": "your picture",
    "runs": "your runs",
    "run": "your run",
    "net": "your network",
    "network": "your network",
    "pipeline": "your augmentation",
    "tab": "",  # where one is on the page says nothing of its own
}
_component = st.components.v2.component(
    "cnn_lab.copy_link",
    css=(_HERE / "copy_link.css").read_text(encoding="utf-8"),
    js=(_HERE / "copy_link.js").read_text(encoding="utf-8"),
)


def modules(address: str) -> list[str] | None:
    """Return the rows of an address's QR code, "0" and "1" for white and black; None for one that is too long.

    Examples:
        >>> len(modules("http://localhost:8501/kernels")), modules("a" * 2_000)
        (29, None)
    """
    if not 0 < len(address) <= MAX_QR:
        return None
    code = segno.make(address, error="l", micro=False)
    return ["".join("1" if module else "0" for module in row) for row in code.matrix]


def missing(uploads: bool, texts: Iterable[str]) -> list[str]:
    """Return sentences on what a link cannot hold.

    Args:
        uploads: Whether something was uploaded or drawn on the page.
        texts: The texts of the page's settings.

    Returns:
        The sentences.
    """
    long = any(len(text) > page_url.MAX_LENGTH for text in texts)
    return [
        *(["What you uploaded or drew stays with you: no link holds it."] if uploads else []),
        *(["One of the settings is too long for a link, and is not in it: save it as a file."] if long else []),
    ]


@st.fragment
def show() -> None:
    """Draw the buttons."""
    address = _asked()
    state = kept_page.current()
    data: dict[str, Any] = {
        "words": WORDS,
        "prefix": state.prefix,
        "missing": missing(page_state.has_kept(), state.texts.values()),
        "asked": address,
        "code": modules(address) if address else None,
    }
    _component(key=KEY, data=data, on_asked_change=lambda: None, width="content", height="content")


def _asked() -> str:
    """Return the address that the browser has asked a code for; empty for none."""
    match (st.session_state.get(KEY) or {}).get("asked"):
        case str() as address if len(address) <= MAX_ADDRESS:
            return address
    return ""

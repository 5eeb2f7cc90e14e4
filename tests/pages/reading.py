"""What is read off a page in AppTest, for the tests of all pages."""

import re
from collections.abc import Iterable
from typing import Any

from streamlit.testing.v1 import AppTest


def words(app: AppTest) -> str:
    """All that is written on the page, without the meanings of single words."""
    kinds = ("markdown", "caption", "html", "info", "error", "warning")
    written = " ".join(str(getattr(e, "value", None) or e.proto.body) for kind in kinds for e in app.get(kind))
    return re.sub("</?abbr[^>]*>", "", written)


def button(app: AppTest, label: str) -> Any:
    """The first button of this label."""
    return next(b for b in app.button if b.label == label)


def field(widgets: Iterable[Any], key: str) -> Any:
    """The widget of this setting. In a popover its key has a number once Python has set its value."""
    return next(widget for widget in widgets if re.fullmatch(rf"{key}(-\d+)?", widget.key or ""))


def labels(app: AppTest) -> list[str]:
    """What the buttons say."""
    return [b.label for b in app.button]


def set_state(app: AppTest, **values: Any) -> None:
    """Set what a browser component holds, such as the picture picked in the strip, and run the page."""
    for key, value in values.items():
        app.session_state[key] = value
    app.run()


def press(app: AppTest, key: str, value: Any) -> None:
    """Choose one of the pills, or of the segments, of this key."""
    next(group for group in app.get("button_group") if group.key == key).set_value(value).run()

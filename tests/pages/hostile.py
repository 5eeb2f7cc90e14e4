"""Every key of every page's URL, found in the code, and what an attacker may write behind it."""

import re
import sys

from core import app_paths
from core.ui.run_panels import settings_file
from core.ui.state import kernel_link
from core.ui.state.kept_page import PREFIXES
from core.ui.views.capsules import training
from core.ui.views.mnist import comparison, networks
from core.ui.views.runs import compare

HOST = "evil.test"
PICTURE = f"![x](//{HOST}/picture)"
MARKDOWN = (
    f"{PICTURE} [x](https://{HOST}/link) <img src=//{HOST}/tag> https://{HOST}/plain www.{HOST} me@{HOST} "
    f'`"{PICTURE}"` :red[**x**] $x$ \\'
)
VALUES = {
    "infinite": "inf",
    "minus infinite": "-Infinity",
    "no number": "nan",
    "a large exponent": "1e999",
    "400 digits": "9" * 400,
    "below": "-1",
    "a fraction": "0.5",
    "empty": "",
    "10 kB": "x" * 10_000,
    "no option": "No such option",
    "a picture": PICTURE,  # short: sentences cut what they quote
    "a picture in JSON": f'[{{"step": "{PICTURE}"}}]',
    "Markdown": MARKDOWN,
    "Markdown in JSON": f'[{{"layer": "{PICTURE}", "step": "{PICTURE}", "filters": "{PICTURE}"}}, ["{PICTURE}", 1]]',
    "deep JSON": "[" * 5_000,
    "an object": '{"planes": [[1e999, null]], "x": {"y": [1, "2"]}}',
    "a character's half": '["\\ud800"]',
    "control characters": "\0\x1b\u202e\n\n# x",
    "a path upward": "../../../../../../../../etc/passwd",
    "a path from the root": "/etc/passwd",
    "a path in JSON": '[{"picture": "../../../../etc/passwd", "file": "/etc/passwd", "data": "file:///etc/passwd"}]',
}
NEVER = [text for name, text in VALUES.items() if name not in ("below", "a fraction", "empty", "a character's half")]

files_opened: list[str] = []  # of those that the paths above lead to, since the tests began


def _watch_files(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("open", "os.listdir", "os.scandir") and "passwd" in str(arguments[:1]):
        files_opened.append(str(arguments[0]))


sys.addaudithook(_watch_files)

FREE_TEXT = {"r_find"}  # takes any short line: what to look for in names


# Keys that the code composes: no text of it is one.
COMPOSED = {
    "kernels": {kernel_link.WEIGHTS},
    "mnist": {*networks.DEFAULTS, *comparison.COMPARISON.defaults, settings_file.from_key("m")},
    "capsules": {*training.DEFAULTS, training.EARLIER_RUNS.parameter},
    "cifar": {settings_file.from_key("ci")},
    "runs": set(compare.DEFAULTS),
}


def keys(page: str) -> list[str]:
    """What may stand in the page's URL: every text of the code that begins as its keys do, and the picker's."""
    prefix = PREFIXES[page]
    sources = [*(app_paths.ROOT / "pages").glob("*.py"), *(app_paths.ROOT / "core" / "ui").rglob("*.py")]
    found = re.findall(rf'"({prefix}[a-z0-9_]+)"', "\n".join(source.read_text() for source in sources))
    return sorted({*found, *COMPOSED.get(page, ()), f"{prefix}picture", f"{prefix}image"})

"""Links of before: the keys and the names on the screen that URLs held once, and what stands for them now."""

from collections.abc import Mapping, Sequence

KEYS: dict[str, str] = {}
"""Keys that have another name now."""

VALUES: dict[str, dict[str, str]] = {}
"""By key: what the URL held, and what it holds now. A name that is unchanged on the screen needs no line here."""

LISTS = {"l_filters", "p_curves"}
"""Keys of several values, which stood in the URL one by one: "l_filters=Box&l_filters=Sobel"."""


def translated(given: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return a link's parameters as they are written now, by key. Of a key that is there twice the last counts."""
    found = {}
    for old, texts in given.items():
        key = KEYS.get(old, old)
        known = VALUES.get(key, {})
        words = [known.get(text, text) for text in texts]
        found[key] = ",".join(words) if key in LISTS else words[-1]
    return found

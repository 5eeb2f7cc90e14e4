"""Small pieces of English: an article, a list."""

from collections.abc import Sequence


def listed(names: Sequence[str]) -> str:
    """ "airplane, automobile and bird"."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def a(name: str) -> str:
    """A class with its article: "a 4", "an airplane"."""
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"

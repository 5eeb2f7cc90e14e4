"""Small pieces of English: an article, a list."""

from collections.abc import Sequence


def join_words(names: Sequence[str]) -> str:
    """ "airplane, automobile and bird"."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def with_article(name: str) -> str:
    """A class with its article: "a 4", "an airplane"."""
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"

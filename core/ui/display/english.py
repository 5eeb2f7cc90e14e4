"""Small pieces of English: an article, a list."""

from collections.abc import Sequence


def join_words(names: Sequence[str]) -> str:
    """Return names as a phrase: "airplane, automobile and bird"."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def with_article(name: str) -> str:
    """Return a class name with its article: "a 4", "an 8", "an airplane"."""
    return f"{'an' if name[:1].lower() in 'aeiou8' else 'a'} {name}"

"""Texts and HTML that several parts of the CIFAR-10 page use."""

from collections.abc import Iterable

from markupsafe import Markup

COURSE_NOTES = "the course notes (the lecture text that this app accompanies)"


def facts_html(facts: Iterable[tuple[str, str]]) -> Markup:
    """Return figures with their labels in a row, as HTML."""
    row = Markup("").join(Markup("<p><b>{}</b> {}</p>").format(value, label) for value, label in facts)
    return Markup('<div class="facts">{}</div>').format(row)

"""Make what somebody typed, for everybody to read, one line that hides nothing and covers no neighbor."""

import unicodedata

MAX_MARKS = 3  # combining marks on one letter: languages need no more, and a tower of them covers the lines above
_UNSEEN = ("C", "Zl", "Zp")  # categories: control, format and private characters, half pairs, line separators
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # letters and marks that nobody sees


def one_line(text: str, most: int) -> str:
    r"""Return a text as one line of at most `most` characters that are seen, in the order in which they are stored.

    >>> one_line(" Ada\u202e \u3164\n" + "e" + 30 * "\u0301", 40) == "Ada e" + 3 * "\u0301"
    True
    """
    kept: list[str] = []
    marks = 0
    for one in text[: 10 * most]:
        category = unicodedata.category(one)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if category.startswith(_UNSEEN) or one in _BLANK:
            kept.append(" ")
        elif marks <= MAX_MARKS:
            kept.append(one)
    return " ".join("".join(kept).split())[:most].strip()

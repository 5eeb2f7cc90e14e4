"""Rows of a table that describes a network, as torchinfo, torchsummary and Keras print it."""

import re
from typing import NamedTuple

from core.layers.parse.libraries.keras_layers import LAYERS
from core.layers.parse.whole_numbers import whole_numbers
from core.layers.setting_checks import MAX_CHANNELS
from core.layers.shape_inference.inferred_layer import Shape

# As below, no part may match what the part before it left: long lines would take the square of their length.
_COUNT = r"(?P<count>[\d,]+|--|\(recursive\))"
_SHAPE = r"\[(?P<shape>[^\]]*)\]"
ROWS = (
    re.compile(
        rf"^[│├└─|+\s-]*(?P<kind>[A-Z]\w{{1,99}})(?: \(\w+\))?(?:: \d+(?:-\d+)?)?\s+(?:\[(?P<coming>[^\]]*)\]\s+)?"
        rf"{_SHAPE}\s+{_COUNT}"
    ),
    re.compile(rf"^\s*(?P<kind>[A-Z]\w{{0,99}})-\d+\s+{_SHAPE}\s+{_COUNT}"),
    re.compile(
        r"^[\s│|]*+(?P<name>\S{1,200}) \((?P<kind>[A-Z]\w{0,99})…?\)?(?:\s*+[│|])?\s++"
        rf"\[?\((?P<shape>None[^)]*)\)\]?(?:\s*+[│|])?\s++{_COUNT}"
    ),
)
KERAS = ROWS[2]


class Line(NamedTuple):
    """One row of a table."""

    line: int
    kind: str
    shape: Shape  # of the output, channels first
    parameters: int
    depth: int = 0  # in which column it stands, in a table that shows what is inside of what
    name: str = ""  # of Keras' layers
    sources: tuple[str, ...] = ()  # names of the layers it is connected to; the ends of long ones are cut off
    coming: Shape = ()  # the shape of its input, where the table says it


def rows(text: str) -> list[Line]:
    """Return the rows of a table, in order; none where a text holds no table."""
    found: list[Line] = []
    for number, line in _whole(text):
        for pattern in ROWS:
            if match := pattern.match(line):
                shape = list(whole_numbers(match["shape"].replace("-1", "", 1)))
                if pattern is KERAS:
                    shape = [*shape[-1:], *shape[:-1]]
                elif not match["shape"].lstrip().startswith("-1"):
                    shape = shape[1:]
                if not 1 <= len(shape) <= 3 or not all(0 < size <= MAX_CHANNELS for size in shape):
                    continue
                digits = match["count"].replace(",", "")
                kind = _kind(match["name"], match["kind"]) if pattern is KERAS else match["kind"]
                groups = match.groupdict()
                sources = re.findall(r"(?<![\w./-])([A-Za-z][\w./-]*)(?:…|\s?\[\d+\])", line[match.end() :])
                coming = whole_numbers(groups.get("coming") or "")[1:]
                count = next(iter(whole_numbers(digits)), 0)
                place = match.start("kind") if pattern is ROWS[0] else 0
                name = groups.get("name") or ""
                found.append(Line(number, kind, tuple(shape), count, place, name, tuple(sources), coming))
                break
    return found if len(found) > 1 else []


def _whole(text: str) -> list[tuple[int, str]]:
    """Return a table's lines, each with its number; a row that Keras breaks into several is one again."""
    lines: list[tuple[int, str]] = []
    cells: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        parts = [part.strip() for part in line.split("│")[1:-1]]
        if len(parts) < 3 or not line.lstrip().startswith("│"):
            cells = []
            if lines and KERAS.match(lines[-1][1]) and line.strip() and line.startswith("  ") and "None" not in line:
                lines[-1] = (lines[-1][0], f"{lines[-1][1]} {line.strip()}")
            else:
                lines.append((number, line))
        elif cells and len(parts) == len(cells) and not parts[2]:
            cells = [f"{before} {more}".strip() for before, more in zip(cells, parts, strict=True)]
            lines[-1] = (lines[-1][0], f"│ {' │ '.join(cells)} │")
        else:
            cells = parts
            lines.append((number, line))
    return lines


def _kind(name: str, kind: str) -> str:
    """Return a Keras layer's class, which a narrow table cuts off, by its beginning and the layer's name."""
    if kind in LAYERS:
        return kind
    longer = [known for known in LAYERS if known.startswith(kind)]
    named = re.sub(r"_\d+$", "", name).replace("_", "")
    return next((known for known in longer if known.lower() == named), longer[0] if len(longer) == 1 else kind)

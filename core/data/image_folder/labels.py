"""Read tables of labels (CSV) that lie beside pictures, whatever their columns are called."""

import csv
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from core.data.image_folder.splits import Split, split_of

SUFFIXES = (".csv", ".tsv", ".txt")
MAX_TABLES = 20
MAX_TABLE_BYTES = 32 * 2**20
MAX_ROWS = 200_000
MAX_COMPARISONS = 5_000_000  # of names that end alike: a table that needs more is not read to its end
ROWS_LOOKED_AT = 200  # to see which column has what
LABEL_HEADERS = ("label", "labels", "class", "classes", "category", "target", "class_name", "classname", "label_name")
SPLIT_HEADERS = ("split", "set", "subset", "usage", "partition", "data set", "dataset", "fold")


@dataclass(frozen=True, slots=True)
class Label:
    """What a table says about a picture."""

    kind: str  # the class
    split: Split | None = None


class Index:
    """Finds pictures by what tables call them: with or without folders and ending."""

    def __init__(self, names: Sequence[str]) -> None:
        """List the pictures' names."""
        self._by_base: dict[str, list[str]] = defaultdict(list)
        self._left = MAX_COMPARISONS
        for name in names:
            base = name.rpartition("/")[2].casefold()
            self._by_base[base].append(name)
            self._by_base[base.rpartition(".")[0]].append(name)

    def find(self, text: str, table: str) -> str | None:
        """Return the one picture that a table's cell names; of several, the one that is nearest to the table."""
        text = unicodedata.normalize("NFC", text.strip().replace("\\", "/")).removeprefix("./").casefold()
        alike = self._by_base.get(text.rpartition("/")[2], ())
        self._left -= len(alike)
        if self._left < 0:
            return None
        found = [
            name
            for name in alike
            if f"/{name.casefold()}".endswith(f"/{text}")
            or f"/{name.rpartition('.')[0].casefold()}".endswith(f"/{text}")
        ]
        if len(found) > 1:
            folder, stem = table.rpartition("/")[0], split_of(_stem(table))
            beside = [name for name in found if name.startswith(f"{folder}/")] if folder else []
            same = [name for name in found if stem and stem in map(split_of, name.split("/")[:-1])]
            found = next((few for few in (beside, same) if len(few) == 1), found)
        return found[0] if len(found) == 1 else None


def read_table(content: bytes, table: str, index: Index) -> dict[str, Label]:
    """Return the labels in a table by the pictures' names.

    The column with the pictures is the one whose cells name pictures. The classes are in the one whose heading says so,
    else in the last of the others.

    Args:
        content: The file.
        table: Its name in the zip.
        index: The pictures.

    Returns:
        The labels; none if it is not a table of labels.
    """
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    try:
        rows = list(islice(_rows(text), MAX_ROWS))
    except csv.Error:
        return {}
    if not rows:
        return {}
    sample = rows[1 : 1 + ROWS_LOOKED_AT] or rows
    width = len(rows[0])
    matches = [sum(index.find(cell, table) is not None for cell in _column(sample, at)) for at in range(width)]
    pictures = max(range(width), key=matches.__getitem__)
    if 2 * matches[pictures] < len(sample) or width < 2:
        return {}
    headed = index.find(rows[0][pictures], table) is None
    headers = [cell.strip().casefold() if headed else "" for cell in rows[0]]
    splits = next((at for at in range(width) if headers[at] in SPLIT_HEADERS and at != pictures), None)
    others = [at for at in range(width) if at not in (pictures, splits)]
    flags = _flags(rows[headed:], others) if headed else []
    kinds = _label_column(headers, others)
    if kinds is None:
        return {}
    found: dict[str, Label] = {}
    for row in rows[headed:]:
        if flags and len(row) == width:
            kinds = next(at for at in flags if float(row[at]) == 1)
            row[kinds] = rows[0][kinds]
        if len(row) > max(pictures, kinds, splits or 0) and (kind := row[kinds].strip()):
            name = index.find(row[pictures], table)
            split = split_of(row[splits]) if splits is not None else split_of(_stem(table))
            if name is not None:
                found[name] = Label(unicodedata.normalize("NFC", kind), split)
    return found


def _rows(text: str) -> Iterator[list[str]]:
    """Yield a table's rows that are not empty, with the delimiter that its first line has most of."""
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t ", key=lambda sign: (first.count(sign) > 0 and sign != " ", first.count(sign)))
    table = csv.reader(text.splitlines(), delimiter=delimiter, skipinitialspace=True)
    return (row for row in table if any(cell.strip() for cell in row))


def _flags(rows: Sequence[Sequence[str]], others: Sequence[int]) -> list[int]:
    """Return the columns of a table with a column of 0 and 1 for each class, one 1 in each row; none of another."""
    plain = [at for at in others if all(len(row) > at and _number(row[at]) in (0.0, 1.0) for row in rows)]
    single = len(plain) > 1 and all(sum(float(row[at]) for at in plain) == 1 for row in rows)
    return plain if single and rows else []


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _column(rows: Iterable[Sequence[str]], at: int) -> Iterator[str]:
    """Yield the cells of a column."""
    return (row[at] for row in rows if len(row) > at)


def _label_column(headers: Sequence[str], others: Sequence[int]) -> int | None:
    """Return the column with the classes."""
    for header in LABEL_HEADERS:
        if named := [at for at in others if headers[at] == header]:
            return named[0]
    close = [at for at in others if "class" in headers[at] or "label" in headers[at]]
    return next(iter([*close, *reversed(others)]), None)


def _stem(table: str) -> str:
    """Return a file's name without folder and ending."""
    return table.rpartition("/")[2].rpartition(".")[0]

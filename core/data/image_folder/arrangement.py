"""Tell classes and training from test pictures by the names in a zip."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.data.dataset import BrokenSource
from core.data.image_folder.labels import Label
from core.data.image_folder.options import Options
from core.data.image_folder.splits import Split, split_of

MAX_CLASSES = 256  # a label is one byte
MAX_CLASS_LETTERS = 40
NAMES_SHOWN = 3
NO_CLASSES = {  # folders that lie beside the classes' in a repository or a data set
    *("docs", "doc", "assets", "static", "figures", "screenshots", "notebooks", ".github", "src", "readme"),
    *("annotations", "annotation", "labels", "masks", "mask", "segmentations", "bounding boxes", "bbox"),
}
CAMERAS = {"img", "image", "dsc", "dscn", "photo", "picture", "pic", "scan", "frame", "screenshot", "file", "page", "p"}


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Which pictures are of which class, and which are for training."""

    train: tuple[tuple[str, int], ...]  # names with their labels
    test: tuple[tuple[str, int], ...]
    classes: tuple[str, ...]  # in alphabetical order
    notes: tuple[str, ...]  # sentences: what was decided here


def arrange(names: Sequence[str], tables: Mapping[str, Label], options: Options) -> Arrangement:
    """Find the classes and the split.

    Folders count first: `train/CLASS`, `CLASS/train` or `CLASS`, in whatever folders they lie. Tables of labels count
    where folders say nothing. What has no class is left out.

    Args:
        names: The pictures, with slashes.
        tables: What tables beside them say.
        options: How to draw test pictures if there are none.

    Returns:
        The arrangement.

    Raises:
        BrokenSource: There are too few or too many classes; the message begins with a verb.
    """
    labels = _by_folders(names, tables)
    named = "" if _classes(labels) > 1 else _by_names(names, labels)
    kinds = _same_spelling(labels)
    classes = sorted(set(kinds.values()))
    if not 2 <= len(classes) <= MAX_CLASSES:
        raise BrokenSource(
            f"has {len(classes)} {'class' if len(classes) == 1 else 'classes'}; it must have 2 to {MAX_CLASSES}: one "
            "folder for each class, or a CSV file with a class for each picture."
        )
    if long := [name for name in classes if len(name) > MAX_CLASS_LETTERS]:
        raise BrokenSource(
            f"has a class with a name of {len(long[0])} letters, {long[0]!r:.60}; the limit is {MAX_CLASS_LETTERS}."
        )
    notes = [named] if named else []
    if without := [name for name in names if name not in labels]:
        notes.append(f"{counted(len(without), 'picture')} in no folder of a class left out: {listed(without)}.")
    splits, note = _splits(labels, options)
    notes += [note] if note else []
    number = {kind: label for label, kind in enumerate(classes)}
    parts: dict[Split, list[tuple[str, int]]] = {"train": [], "test": []}
    for name in sorted(labels):
        parts[splits[name]].append((name, number[kinds[name]]))
    there, tested = ({label for _, label in parts[split]} for split in ("train", "test"))
    if strange := sorted(tested - there):
        raise BrokenSource(
            f"has pictures of {classes[strange[0]]!r} for testing but no train/{classes[strange[0]]}: each class must "
            "be among the training pictures."
        )
    if not tested:
        raise BrokenSource("has only one picture of each class: at least one class must have two, one of them to test.")
    if untested := sorted(there - tested):
        notes.append(f"No test pictures of {listed([classes[label] for label in untested])}.")
    return Arrangement(tuple(parts["train"]), tuple(parts["test"]), tuple(classes), tuple(notes))


def counted(count: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def listed(names: Sequence[str]) -> str:
    """Return the first names of a list, and how many more there are."""
    more = f" and {len(names) - NAMES_SHOWN:,} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(f"{name:.80}" for name in names[:NAMES_SHOWN]) + more


def _by_folders(names: Sequence[str], tables: Mapping[str, Label]) -> dict[str, Label]:
    """Return what the folders say, with the tables where these say nothing."""
    folders = {name: name.split("/")[:-1] for name in names}
    depth = _common_depth(list(folders.values()))
    inner = {name: dirs[depth:] for name, dirs in folders.items()}
    aside = {dirs[0] for dirs in inner.values() if dirs and dirs[0].casefold() in NO_CLASSES}
    left = {name: dirs for name, dirs in inner.items() if dirs and dirs[0] not in aside}
    if aside and len({dirs[0] for dirs in left.values()}) == 1 and len({tuple(dirs) for dirs in left.values()}) > 1:
        return _by_folders(list(left), {name: label for name, label in tables.items() if name in left})
    split_layout = _split_layout(inner)
    if any(label.split == "train" for label in split_layout.values()) and _classes(split_layout) > 1:
        for name, label in tables.items():  # a folder of test pictures is often labeled by a table
            split = _split_among(inner[name]) or label.split
            if name not in split_layout and split:
                split_layout[name] = Label(label.kind, split)
        return split_layout
    plain = {name: Label(_class(dirs[0])) for name, dirs in inner.items() if dirs}
    if _classes(plain) > 1 and not all(split_of(label.kind) for label in plain.values()):
        return plain
    labeled = {name: Label(label.kind, label.split or _split_among(folders[name])) for name, label in tables.items()}
    return labeled if labeled or all(split_of(label.kind) for label in plain.values()) else plain


def _common_depth(folders: Sequence[Sequence[str]]) -> int:
    """Return how many outer folders hold all others: "pets-main/data" of "pets-main/data/cat" and ".../data/dog"."""
    depth = 0
    while True:
        deep = [dirs for dirs in folders if len(dirs) > depth]
        if len({dirs[depth] for dirs in deep}) != 1 or all(len(dirs) == depth + 1 for dirs in deep):
            return depth
        depth += 1


def _split_layout(folders: Mapping[str, Sequence[str]]) -> dict[str, Label]:
    """Return what folders called train and test say, as `_split_and_class` does, below a folder that all of them have.

    In `train/images/CLASS` and `test/images/CLASS` that is `images`.
    """
    found = {name: label for name, dirs in folders.items() if (label := _split_and_class(dirs))}
    if found and _classes(found) == 1:
        (same,) = {label.kind for label in found.values()}
        deeper = {name: [one for one in dirs if one.strip() != same] for name, dirs in folders.items() if name in found}
        if deeper != {name: list(folders[name]) for name in found}:
            return _split_layout(deeper) or found
    return found


def _by_names(names: Sequence[str], labels: dict[str, Label]) -> str:
    """Take the beginnings of the names as classes, as of cat.0.jpg or cat_001.png, and return a sentence that says so.

    Nothing is taken unless nearly all names end in numbers and each class has several.
    """
    kinds = {name: kind for name in names if (kind := _numbered(name))}
    counts = Counter(kinds.values())
    if CAMERAS & {kind.casefold() for kind in counts} or len(kinds) < 0.9 * len(names):
        return ""
    if not 2 <= len(counts) <= MAX_CLASSES or min(counts.values()) < 2:
        return ""
    labels.clear()
    labels |= {name: Label(kind, _split_among(name.split("/")[:-1])) for name, kind in kinds.items()}
    return f"The classes are the beginnings of the files' names: {listed(sorted(counts))}."


def _numbered(name: str) -> str:
    """Return what stands before a file's number, "cat" of cat.0.jpg, cat_001.png and cat (3).png; "" without one.

    No regular expression: on names of thousands of underscores or digits one would take the square of their length.
    """
    stem = name.rpartition("/")[2].rpartition(".")[0].removesuffix(")")
    before = stem.rstrip("0123456789")
    kind = before.removesuffix("(").rstrip(" ._-")
    return kind if before != stem and kind[:1].isalpha() else ""


def _split_and_class(dirs: Sequence[str]) -> Label | None:
    """Return what `train/CLASS` or `CLASS/train` says; None for other folders."""
    for at, name in enumerate(dirs):
        if split := split_of(name):
            if at + 1 < len(dirs):
                return Label(_class(dirs[at + 1]), split)
            return Label(_class(dirs[at - 1]), split) if at else None
    return None


def _class(folder: str) -> str:
    """Return the class that a folder names: without spaces around it, unless it has nothing else."""
    return folder.strip() or folder


def _split_among(dirs: Sequence[str]) -> Split | None:
    """Return the first part of a dataset that a folder names."""
    return next((split for name in dirs if (split := split_of(name))), None)


def _classes(labels: Mapping[str, Label]) -> int:
    return len({label.kind for label in labels.values()})


def _same_spelling(labels: Mapping[str, Label]) -> dict[str, str]:
    """Return each picture's class, with `Cat` of one part as `cat` of another unless one part has both."""
    spellings: dict[str, dict[Split | None, set[str]]] = defaultdict(lambda: defaultdict(set))
    for label in labels.values():
        spellings[label.kind.casefold()][label.split].add(label.kind)
    one = {
        fold: min(set().union(*parts.values()))
        for fold, parts in spellings.items()
        if all(len(kinds) == 1 for kinds in parts.values())
    }
    return {name: one.get(label.kind.casefold(), label.kind) for name, label in labels.items()}


def _splits(labels: Mapping[str, Label], options: Options) -> tuple[dict[str, Split], str]:
    """Return whether each picture is for training or testing, and a sentence if that was decided here."""
    there = {label.split for label in labels.values()}
    if not {"train", "test"} <= there and not {"train", "val"} <= there:
        return _drawn(labels, options)
    tests: Split = "test" if "test" in there else "val"
    splits: dict[str, Split] = {name: "test" if label.split == tests else "train" for name, label in labels.items()}
    if tests == "val":
        return splits, "The validation pictures are for testing, as there are no test pictures."
    return splits, "The validation pictures are for training." if "val" in there else ""


def _drawn(labels: Mapping[str, Label], options: Options) -> tuple[dict[str, Split], str]:
    """Draw test pictures from each class: those whose names have the smallest digests with the seed."""
    classes: dict[str, list[str]] = defaultdict(list)
    for name, label in labels.items():
        classes[label.kind].append(name)
    splits: dict[str, Split] = dict.fromkeys(labels, "train")
    for names in classes.values():
        names.sort(key=lambda name: hashlib.sha256(f"{options.seed} {name}".encode()).digest())
        most = min(max(1, round(options.test_share * len(names))), len(names) - 1)
        splits.update(dict.fromkeys(names[:most], "test"))
    return splits, (
        f"There are no test pictures, so {options.test_share:.0%} of each class are for testing, drawn with seed "
        f"{options.seed}."
    )

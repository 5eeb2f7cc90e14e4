"""Zips as people make them: folders, spellings, tables of labels and encodings of names."""

import json
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data import image_folder
from core.data.dataset import BrokenSource, Rows
from core.data.image_folder import archive
from core.data.image_folder.arrangement import arrange
from core.data.image_folder.labels import Index, read_table
from core.data.image_folder.options import Options

MakeZip = Callable[..., Path]
PARTS, KINDS = ("train", "test"), ("cat", "dog")
CAFE = "caf\u00e9"
TWELVE = [(part, kind, number) for part in PARTS for kind in KINDS for number in range(3)]


def rows(path: Path) -> Rows:
    return image_folder.read(path, path.stem, lambda progress: None)


def picture(label: int, number: int = 0) -> np.ndarray:
    """A picture that tells its class by its last pixel, and is another one for each number."""
    pixels = np.full((1, 8, 8), 255 * label, np.uint8)
    pixels[0, 0, 0] = number
    return pixels


def labels_are_those_of_the_pictures(found: Rows) -> bool:
    return np.array_equal(found.array[:, 0], found.array[:, -1] // 255)


FOLDERS = {
    "in one folder": "pets-main/{part}/{kind}/{n}.png",
    "in two folders": "a/pets/{part}/{kind}/{n}.png",
    "dot": "./{part}/{kind}/{n}.png",
    "a repository's": "repo/data/{part}/{kind}/{n}.png",
    "backslashes": "pets\\{part}\\{kind}\\{n}.png",
    "upper case": "{PART}/{kind}/{n}.PNG",
    "the class first": "{kind}/{part}/{n}.png",
    "the class first, in a folder": "pets/{kind}/{part}ing/{n}.png",
    "deeper folders": "{part}/{kind}/{n}/a.png",
    "sets": "{part}ing_Set/{kind}/{n}.png",
    "images": "{part}-images/{kind}/{n}.png",
    "images inside": "{part}/images/{kind}/{n}.png",
    "in the names": "{part}/{kind}.{n}.png",
    "in the names with zeros": "data/{part}/{kind}_00{n}.png",
}


@pytest.mark.parametrize("name", FOLDERS)
def test_folders_as_people_make_them(make_zip: MakeZip, name: str) -> None:
    pictures = {
        FOLDERS[name].format(part=part, PART=part.upper(), kind=kind, n=n): picture(
            kind == "dog", n + 3 * (part == "test")
        )
        for part, kind, n in TWELVE
    }
    other = {"repo/logo.png": picture(0)} if "repository" in name else {}
    path = make_zip(each=0, extra={**pictures, **other})
    found = rows(path)
    assert found.classes == KINDS
    assert (found.train, len(found.array)) == (6, 12)
    assert {
        entry.filename.replace("\\", "/").lower().count("train") for entry, _ in image_folder.survey(path).train
    } == {1}
    assert labels_are_those_of_the_pictures(found)


@pytest.mark.parametrize("word", ["val", "Valid", "VALIDATION", "dev"])
def test_validation_pictures_are_for_testing_where_there_are_no_others(make_zip: MakeZip, word: str) -> None:
    found = rows(make_zip(without="test/", extra={f"{word}/{kind}/a.png": picture(0) for kind in KINDS}))
    assert (found.train, len(found.array)) == (12, 14)
    found = rows(make_zip(extra={f"{word}/{kind}/a.png": picture(0) for kind in KINDS}))
    assert (found.train, len(found.array)) == (14, 26)
    assert "validation" in found.notes[0]


@pytest.mark.parametrize("root", ["", "train/", "pets/Train/", "pets/"])
def test_without_test_pictures_some_of_each_class_are_drawn_and_that_is_said(make_zip: MakeZip, root: str) -> None:
    pictures = {f"{root}{kind}/{n}.png": picture(kind == "dog", n) for kind in KINDS for n in range(10)}
    path = make_zip(each=0, extra=pictures)
    found = rows(path)
    assert np.bincount(found.array[: found.train, 0]).tolist() == [8, 8]
    assert np.bincount(found.array[found.train :, 0]).tolist() == [2, 2]
    assert "20%" in found.notes[0]
    path.with_suffix(".json").write_text(json.dumps({"seed": 3}))
    other = rows(path)
    assert (other.train, len(other.array)) == (16, 20)
    assert not np.array_equal(other.array, found.array)
    path.with_suffix(".json").write_text(json.dumps({"test_share": 0.5}))
    assert rows(path).train == 10


@pytest.mark.parametrize("name", ["{kind}/{number}.png", "train/{kind}/{number}.png", "{kind}/train/{number}.png"])
def test_spaces_around_a_folders_name_make_no_other_class(make_zip: MakeZip, name: str) -> None:
    found = {
        name.format(kind=kind, number=number): picture(0, number) for kind in ("cat", "dog") for number in range(4)
    }
    spaced = {name.format(kind=" cat ", number=number): picture(0, number) for number in (7, 8)}
    assert rows(make_zip(each=0, extra=found | spaced)).classes == ("cat", "dog")


def test_a_class_only_in_train_is_said(make_zip: MakeZip) -> None:
    found = rows(make_zip(extra={"train/cow/a.png": picture(0)}))
    assert found.classes == ("cat", "cow", "dog")
    assert "cow" in found.notes[0]


def test_pictures_outside_of_classes_are_left_out_and_said(make_zip: MakeZip) -> None:
    found = rows(make_zip(extra={"train/a.png": picture(0), "logo.png": picture(0)}))
    assert len(found.array) == 24
    assert found.notes[0].startswith("2 pictures")
    assert "logo.png" in found.notes[0]


def test_classes_may_be_called_train_and_differ_by_case_alone(make_zip: MakeZip) -> None:
    vehicles = {f"{kind}/{n}.png": picture(0) for kind in ("train", "car") for n in range(3)}
    assert image_folder.survey(make_zip(each=0, extra=vehicles)).classes == ("car", "train")
    letters = {f"{part}/{kind}/{n}.png": picture(0) for part in PARTS for kind in "aA" for n in range(3)}
    assert image_folder.survey(make_zip(each=0, extra=letters)).classes == ("A", "a")
    spelled = {
        f"{part}/{kind}/{n}.png": picture(0) for part, kind in zip(PARTS, ("Cow", "cow"), strict=True) for n in "01"
    }
    assert image_folder.survey(make_zip(extra=spelled)).classes == ("Cow", "cat", "dog")


TABLES = {
    "labels.csv": "filename,label\n" + "".join(f"{n}.png,{KINDS[n % 2]}\n" for n in range(10)),
    "pets/meta/labels.csv": "id;width;breed\n" + "".join(f"{n};8;{KINDS[n % 2]}\n" for n in range(10)),
    "pets/list.csv": "".join(f"images/{n}.png,{KINDS[n % 2]}\r\n" for n in range(10)),
    "quoted.csv": "file, label\n" + "".join(f'"{n}.png", "{KINDS[n % 2]}"\n' for n in range(10)),
    "labels.txt": "".join(f"{n}.png {KINDS[n % 2]}\n" for n in range(10)),
    "flags.csv": "image,cat,dog\n" + "".join(f"{n}.png,{1 - n % 2},{n % 2}\n" for n in range(10)),
    "pets/x.TSV": "\ufeffsplit\tclass\tpath\n"
    + "".join(f"{'val' if n < 2 else 'train'}\t{KINDS[n % 2]}\timages\\{n}.png\n" for n in range(10)),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_labels_beside_the_pictures(make_zip: MakeZip, name: str) -> None:
    pictures = {f"pets/images/{n}.png": picture(n % 2, n) for n in range(10)}
    content = TABLES[name].encode("utf-16" if name == "quoted.csv" else "utf-8")
    found = rows(make_zip(each=0, extra={**pictures, name: content}))
    assert found.classes == KINDS
    assert (found.train, len(found.array)) == (8, 10)
    assert labels_are_those_of_the_pictures(found)


def test_folders_beside_those_of_the_classes_are_left_out_and_said(make_zip: MakeZip) -> None:
    pictures = {
        f"pets/{top}/{kind}/{n}.png": picture(kind == "dog", n)
        for top in ("images", "masks")
        for kind in KINDS
        for n in range(5)
    }
    found = rows(make_zip(each=0, extra={**pictures, "pets/docs/logo.png": picture(0)}))
    assert (found.classes, len(found.array)) == (KINDS, 10)
    assert found.notes[0].startswith("11 pictures")


def test_names_that_a_camera_gives_are_no_classes(make_zip: MakeZip) -> None:
    pictures = {f"{word}_{n:04}.png": picture(0) for word in ("IMG", "DSC") for n in range(4)}
    with pytest.raises(BrokenSource, match="0 classes"):
        rows(make_zip(each=0, extra=pictures))


def test_tables_that_name_pictures_alike_in_two_folders(make_zip: MakeZip) -> None:
    labels = {part: [(n + (part == "test")) % 2 for n in range(4)] for part in PARTS}
    pictures = {f"{part}/{n}.png": picture(label, n) for part in PARTS for n, label in enumerate(labels[part])}
    tables = {
        f"{part}.csv": "image,class\n" + "".join(f"{n}.png,{KINDS[label]}\n" for n, label in enumerate(labels[part]))
        for part in PARTS
    }
    found = rows(make_zip(each=0, extra=pictures | {name: table.encode() for name, table in tables.items()}))
    assert (found.train, len(found.array)) == (4, 8)
    assert labels_are_those_of_the_pictures(found)


def test_test_pictures_without_folders_get_their_classes_from_a_table(make_zip: MakeZip) -> None:
    pictures = {f"Test/{n:05}.png": picture(n % 2, n) for n in range(4)}
    table = "Width,Height,ClassId,Path\n" + "".join(f"8,8,{KINDS[n % 2]},Test/{n:05}.png\n" for n in range(4))
    found = rows(make_zip(without="test/", extra={**pictures, "Test.csv": table.encode()}))
    assert (found.train, len(found.array)) == (12, 16)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8 flagged", "nfd", "cp437", "info-zip"])
def test_names_in_any_encoding(encoding: str) -> None:
    text = "train/caf\u00e9/a.png"
    entry = zipfile.ZipInfo("x")
    raw = text.encode("cp437")
    if encoding == "nfd":
        raw = unicodedata.normalize("NFD", text).encode()
    elif encoding.startswith("utf-8"):
        raw = text.encode()
    elif encoding == "info-zip":
        raw = b"train/caf?/a.png"
        field = b"\1" + struct.pack("<I", zlib.crc32(raw)) + text.encode()
        entry.extra = struct.pack("<HH", 0x5455, 1) + b"x" + struct.pack("<HH", 0x7075, len(field)) + field
    flagged = encoding == "utf-8 flagged"
    entry.flag_bits = archive.UTF8_FLAG * flagged
    entry.orig_filename = raw.decode("utf-8" if flagged else "cp437")
    assert archive.plain_name(entry) == text


def test_a_field_for_another_name_is_not_believed() -> None:
    entry = zipfile.ZipInfo("train/a.png")
    field = b"\1" + struct.pack("<I", 1) + b"train/b.png"
    entry.extra = struct.pack("<HH", 0x7075, len(field)) + field
    assert archive.plain_name(entry) == "train/a.png"


def test_composed_and_decomposed_names_are_one_class(make_zip: MakeZip) -> None:
    forms = {"train": "NFC", "test": "NFD"}
    pictures = {f"{part}/{unicodedata.normalize(form, CAFE)}/a.png": picture(0) for part, form in forms.items()}
    assert image_folder.survey(make_zip(extra=pictures)).classes == ("caf\u00e9", "cat", "dog")


def test_utf_8_without_the_flag_is_read_from_a_zip(make_zip: MakeZip) -> None:
    path = make_zip(extra={f"{part}/\u72ac/a.png": picture(0) for part in PARTS})
    content = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        at = -1
        while (at := content.find(signature, at + 1)) >= 0:
            content[at + flags + 1] &= ~8 & 0xFF  # bit 11 of the flags
    path.write_bytes(content)
    found = rows(path)
    assert found.classes == ("cat", "dog", "\u72ac")
    assert len(found.array) == 26


def test_the_file_managers_own_files_are_passed_over(make_zip: MakeZip) -> None:
    litter = [
        *("__MACOSX/train/cat/._0.png", "pets/__MACOSX/a.png", "train/cat/._0.png", "train/.DS_Store", "THUMBS.DB"),
        *("train/cat/desktop.ini", "train/Icon\r", ".git/logo.png", "train/cat/@eaDir/0.png"),
    ]
    found = rows(make_zip(extra=dict.fromkeys(litter, b"x")))
    assert (found.classes, len(found.array), found.notes) == (KINDS, 24, ())


FOLDER = st.sampled_from(["train", "Test", "val", "cat", "dog", "Dog", "caf\u00e9", "images", ""])
NAME = st.tuples(st.lists(FOLDER, max_size=4), st.integers(0, 3)).map(
    lambda found: "/".join([*found[0], f"{found[1]}.png"])
)


@settings(deadline=None)
@given(names=st.lists(NAME, unique=True, max_size=12), table=st.text(alphabet='0123.png,;"\ncatdog', max_size=80))
def test_any_names_and_tables_are_arranged_or_refused(names: list[str], table: str) -> None:
    labels = read_table(table.encode(), "train.csv", Index(names))
    assert labels.keys() <= set(names)
    try:
        found = arrange(names, labels, Options())
    except BrokenSource:
        return
    used = [name for name, _ in (*found.train, *found.test)]
    assert len(set(used)) == len(used)
    assert set(used) <= set(names)
    assert {label for _, label in found.train} == set(range(len(found.classes)))
    assert found.test

"""Measures in the home: known after a restart, never half of one, never more than there is room for."""

import os
from pathlib import Path

import numpy as np
import pytest

from core.runs.measurement_cache import FOLDER, MeasurementCache, key_of

ARRAYS = {"answers": np.arange(17, dtype=np.uint8), "change": np.array([0.5, np.nan])}


def weights(folder: Path, content: bytes = b"weights") -> Path:
    path = folder / "weights.safetensors"
    path.write_bytes(content)
    return path


def test_what_was_put_is_there_for_another_process_too(home: Path, tmp_path: Path) -> None:
    key = key_of("map", weights(tmp_path), count=500)
    assert MeasurementCache(home).get(key) is None
    MeasurementCache(home).put(key, ARRAYS)
    found = MeasurementCache(home).get(key)
    assert found is not None
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype
    assert [path.name for path in (home / FOLDER).iterdir()] == [f"{key}.npz"]  # and nothing half-written


def test_a_key_is_of_the_weights_themselves_and_of_every_value(tmp_path: Path) -> None:
    file = weights(tmp_path)
    key = key_of("map", file, count=500, seed=0)
    assert key_of("map", file, seed=0, count=500) == key
    assert key_of("map", file, count=501, seed=0) != key
    assert key_of("curve", file, count=500, seed=0) != key
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert key_of("map", weights(elsewhere), count=500, seed=0) == key  # equal weights are one network
    assert key_of("map", weights(tmp_path, b"others"), count=500, seed=0) != key
    with pytest.raises(OSError, match="absent"):
        key_of("map", tmp_path / "absent")


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "another kind", "pickle", "huge"])
def test_a_broken_file_is_as_good_as_none_and_can_be_written_anew(home: Path, damage: str) -> None:
    measures = MeasurementCache(home)
    measures.put("k", {"answers": np.arange(5000, dtype=np.int64)})
    path = home / FOLDER / "k.npz"
    content = path.read_bytes()
    if damage == "pickle":
        np.savez(path, answers=np.array([{"a": 1}], dtype=object))
    else:
        middle = len(content) // 2
        path.write_bytes(
            {
                "cut": content[:middle],
                "changed": content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :],
                "empty": b"",
                "another kind": b"not a measure",
                "huge": content + bytes(2**20),
            }[damage]
        )
    assert measures.get("k") is None
    measures.put("k", ARRAYS)
    assert measures.get("k") is not None


def test_those_unused_the_longest_give_way(home: Path) -> None:
    for number in range(6):
        MeasurementCache(home, most=4).put(f"k{number}", ARRAYS)  # each looks at its first
        os.utime(home / FOLDER / f"k{number}.npz", (number, number))
        if number == 3:
            MeasurementCache(home).get("k0")  # used: now the newest
    assert {path.stem for path in (home / FOLDER).iterdir()} == {"k0", "k3", "k4", "k5"}


def test_a_home_that_cannot_be_written_keeps_nothing_and_says_so_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    home = tmp_path / "home"
    home.write_text("a file where the folder should be")
    MeasurementCache(home).put("k", ARRAYS)
    assert MeasurementCache(home).get("k") is None
    assert "is not kept" in caplog.text

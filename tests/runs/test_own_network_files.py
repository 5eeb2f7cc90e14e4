"""The folder of people's own networks: names that tell nothing, few files, nothing outside it."""

import os
from pathlib import Path

import pytest

from core.insight.pretrained import network
from core.runs import own_network_files
from core.runs.inference_client import InferenceClient, InferenceError


def test_a_name_is_of_all_that_made_it() -> None:
    names = [
        own_network_files.name_of("me", *given)
        for given in [(b"a", "", "x"), (b"a", "x", ""), (b"", "a", "x"), (b"a", "", "y")]
    ]
    assert len({*names, own_network_files.name_of("you", b"a", "", "x")}) == 5
    assert names[0] == own_network_files.name_of("me", b"a", "", "x")


@pytest.mark.parametrize(
    "name", ["mnist-cnn", "own-", "own-../../x", f"own-{'0' * 31}", f"own-{'0' * 32}/x", f"own-{'G' * 32}"]
)
def test_no_other_name_is_a_file(tmp_path: Path, name: str) -> None:
    assert own_network_files.file_of(tmp_path, "me", name) is None


def test_only_its_owner_finds_a_network(tmp_path: Path) -> None:
    mine, theirs = (InferenceClient(tmp_path).for_owner(one) for one in ("me", "you"))
    name = own_network_files.name_of("me", b"a", "", "x")
    file = own_network_files.file_of(tmp_path, "me", name)
    assert file is not None
    own_network_files.put_down(tmp_path, "me", name, b"a").rename(file)
    assert mine.file(name) == str(file)
    for stranger in (theirs, InferenceClient(tmp_path)):
        with pytest.raises(InferenceError):
            stranger.file(name)
    assert file.parent.stat().st_mode & 0o077 == 0


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_oldest_go(tmp_path: Path) -> None:
    """Of each owner, and of all; files that an earlier version kept for everybody go first."""
    folder = tmp_path / own_network_files.FOLDER
    folder.mkdir()
    for age in range(own_network_files.MAX_KEPT + 5):
        path = folder / f"{age}.safetensors"
        path.touch()
        os.utime(path, (1e9 - age, 1e9 - age))
    for number in range(own_network_files.MAX_OF_OWNER + 2):
        content = bytes([number])
        name = own_network_files.name_of("me", content, "", "x")
        own_network_files.put_down(tmp_path, "me", name, content)
    assert len(files_in(folder)) == own_network_files.MAX_KEPT
    assert len(files_in(folder)) - len(list(folder.glob("*.safetensors"))) == own_network_files.MAX_OF_OWNER
    assert (folder / "0.safetensors").exists()


def test_a_network_of_ones_own_answers_in_the_real_process(tmp_path: Path) -> None:
    asked = InferenceClient(tmp_path)
    try:
        found = asked.adopt(network("mnist-mlp").file.read_bytes(), "", "mnist-5k")
        assert Path(asked.file(found["name"])).is_relative_to(tmp_path)
        weights, _ = asked.query("parameters", network=asked.file(found["name"]), layer=1)
        assert weights == asked.query("parameters", network=str(network("mnist-mlp").file), layer=1)[0]
        with pytest.raises(InferenceError, match="safetensors"):
            asked.adopt(b"nothing", "", "mnist-5k")
        assert len(files_in(tmp_path / own_network_files.FOLDER)) == 1  # no upload is left
        Path(asked.file(found["name"])).unlink()
        with pytest.raises(InferenceError, match="upload it again"):
            asked.file(found["name"])
    finally:
        asked.stop()


def test_the_size_is_bounded(tmp_path: Path) -> None:
    for content in (b"", bytes(own_network_files.MAX_BYTES + 1)):
        with pytest.raises(InferenceError, match="MB"):
            InferenceClient(tmp_path).adopt(content, "", "mnist-5k")
    assert not (tmp_path / own_network_files.FOLDER).exists()

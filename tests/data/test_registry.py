import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core import data
from core.data import prepared, registry

ROOT = Path(__file__).resolve().parents[2]
PREPARE = """
import sys
from core import data
print(data.prepare(sys.argv[1], download=False, report=lambda progress: print(progress.stage, flush=True)).name)
"""


def start_preparing(name: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", PREPARE, name], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_nothing_here_needs_torch() -> None:
    loads = "import sys; from core import data; data.load('mnist'); data.load('cifar10'); data.statuses();"
    loads += "print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loads], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "False", done.stderr


def test_with_nothing_at_hand_the_embedded_sets_serve(home: Path) -> None:
    assert data.resolve("mnist") == data.info("mnist").name == data.load("mnist").info.name == "mnist-5k"
    assert data.resolve("cifar10") == data.load("cifar10").info.name == "cifar10-standin"
    assert data.info("mnist").standin
    assert "stand-in" in data.info("cifar10").title
    assert not list(home.rglob("*.npy"))  # never kept as a copy of the real set


def test_what_an_experiment_was_keyed_on_is_not_replaced_in_silence() -> None:
    with pytest.raises(data.DataError, match=r"MNIST handwritten digits .* not available"):
        data.load("mnist", exact=True)
    assert data.load("mnist-5k", exact=True).info.name == "mnist-5k"


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "a b", "pets@XYZ", "x" * 61, "<b>", "pets@0123456789"])
def test_a_name_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(data.DataError, match="letters, digits, dots"):
        data.resolve(name)


def test_an_unknown_name_tells_what_there_is(make_zip: Callable[..., Path]) -> None:
    make_zip("pets")
    with pytest.raises(data.DataError, match=r"mnist, cifar10, pets\. Put cats\.zip"):
        data.resolve("cats")
    with pytest.raises(data.DataError, match=r"pets\.zip"):
        data.load("pets@01234567")


def test_real_data_takes_over_and_is_kept(small_mnist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert data.resolve("mnist") == "mnist-5k"
    monkeypatch.setenv("CNNLAB_DATA", str(small_mnist))
    assert data.resolve("mnist") == "mnist"
    found = data.load("mnist")
    assert (found.info.name, len(found.train_images), len(found.test_images)) == ("mnist", 60, 20)
    monkeypatch.delenv("CNNLAB_DATA")
    assert data.load("mnist", exact=True) is found
    assert "prepared copy" in data.info("mnist").source
    assert str(small_mnist) in data.info("mnist").source


def test_pictures_are_views_of_one_read_only_map(small_mnist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNLAB_DATA", str(small_mnist))
    found = data.load("mnist")
    for images in (found.train_images, found.test_images):
        assert isinstance(images, np.memmap)
        assert images.dtype == np.uint8
    for array in (found.train_images, found.train_labels, found.test_images, found.test_labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_a_set_of_ones_own_is_named_by_its_content(make_zip: Callable[..., Path]) -> None:
    path = make_zip("pets")
    first = data.resolve("pets")
    assert first.startswith("pets@")
    assert (data.info("pets").train_images, data.info("pets").shape) == (12, (3, 8, 8))
    assert data.load("pets").info.name == first
    make_zip("pets", each=7)
    second = data.resolve("pets")
    assert second != first
    assert len(data.load("pets").train_images) == 14
    assert len(data.load(first).train_images) == 12  # still here for the runs that were trained on it
    path.unlink()
    assert data.resolve("pets") == second


def test_what_is_called_a_zip_and_cannot_be_read_is_in_nobodys_way(make_zip: Callable[..., Path]) -> None:
    pets = make_zip("pets")
    (pets.parent / "folder.zip").mkdir()
    (pets.parent / "gone.zip").symlink_to("nowhere")
    assert registry.own_names() == ["pets"]
    pets.with_suffix(".json").mkdir()  # where its options would be
    told = {status.name: status for status in data.statuses()}
    assert "pets.json cannot be read" in " ".join(told["pets"].broken)
    assert data.own() == []
    for name in ("folder", "gone", "pets"):
        with pytest.raises(data.DataError):
            data.load(name)


def test_zips_that_would_pass_for_the_apps_own_are_left_aside(make_zip: Callable[..., Path]) -> None:
    make_zip("mnist")
    make_zip("my pets")
    assert data.resolve("mnist") == "mnist-5k"
    told = " ".join(reason for status in data.statuses() for reason in status.broken)
    assert "mnist.zip is not used" in told
    assert "my pets.zip is not used" in told


def test_a_zip_named_cifar10_must_be_cifar10(make_zip: Callable[..., Path]) -> None:
    make_zip("cifar10")
    with pytest.raises(data.DataError, match=r"cifar10\.zip .* published CIFAR-10"):
        data.load("cifar10", exact=True)
    assert data.load("cifar10").info.name == "cifar10-standin"


def flip_a_byte(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last[0] ^ 1]))


@pytest.mark.parametrize("damage", ["flipped byte", "cut short", "no sidecar", "broken sidecar", "other format"])
def test_a_damaged_copy_is_never_used(
    small_mnist: Path, home: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setenv("CNNLAB_DATA", str(small_mnist))
    whole = np.array(data.load("mnist").train_images)
    array, sidecar = home / "data" / "mnist.npy", home / "data" / "mnist.json"
    match damage:
        case "flipped byte":
            flip_a_byte(array)
        case "cut short":
            array.write_bytes(array.read_bytes()[:1000])
        case "no sidecar":
            sidecar.unlink()
        case "broken sidecar":
            sidecar.write_text("{")
        case "other format":
            sidecar.write_text(json.dumps({**json.loads(sidecar.read_text()), "format": 0}))
    monkeypatch.delenv("CNNLAB_DATA")
    assert data.load("mnist").info.name == "mnist-5k"
    assert data.resolve("mnist") == "mnist-5k"
    status = data.statuses()[0]
    assert not status.whole or damage != "flipped byte"
    if damage == "flipped byte":
        assert "mnist.npy.broken" in status.broken[0]
    monkeypatch.setenv("CNNLAB_DATA", str(small_mnist))
    np.testing.assert_array_equal(data.load("mnist", exact=True).train_images, whole)  # made anew
    assert data.statuses()[0].whole


def test_a_damaged_copy_shows_before_anyone_loads_it(
    small_mnist: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CNNLAB_DATA", str(small_mnist))
    data.load("mnist")
    flip_a_byte(home / "data" / "mnist.npy")
    status = data.statuses()[0]
    assert (status.prepared, status.whole) == (False, False)
    assert "mnist.npy" in status.broken[0]


def test_two_processes_prepare_at_once(make_zip: Callable[..., Path], home: Path) -> None:
    make_zip("pets", each=300)
    children = [start_preparing("pets") for _ in range(2)]
    told = [child.communicate(timeout=60)[0].split() for child in children]
    assert [child.returncode for child in children] == [0, 0]
    assert told[0][-1] == told[1][-1] == data.resolve("pets")
    assert len(data.load("pets").train_images) == 600
    assert not list(home.rglob("*.tmp"))


def test_one_waits_while_another_prepares(make_zip: Callable[..., Path]) -> None:
    make_zip("pets")
    with prepared.lock(data.resolve("pets"), lambda progress: None):
        child = start_preparing("pets")
        assert child.stdout is not None
        assert child.stdout.readline().strip() == "waiting"
    out, _ = child.communicate(timeout=60)
    assert (child.returncode, out.split()[-1]) == (0, data.resolve("pets"))


def test_a_preparation_killed_in_the_middle_leaves_nothing_in_the_way(
    small_mnist: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "data").mkdir(parents=True)
    dying = "from core.data import prepared\nwith prepared.lock('mnist', print), prepared.workspace('mnist') as work:\n"
    dying += " (work / 'array.npy').write_bytes(b'half')\n print('here', flush=True)\n input()"
    child = subprocess.Popen(
        [sys.executable, "-c", dying], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "here"
    child.send_signal(signal.SIGKILL)
    child.communicate(timeout=10)
    assert "unfinished" in data.statuses()[0].broken[0]
    monkeypatch.setenv("CNNLAB_DATA", str(small_mnist))
    assert data.load("mnist").info.name == "mnist"
    assert not list(home.rglob("*.tmp"))


def test_a_home_that_cannot_be_written_is_told_in_a_sentence(
    small_mnist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "file"))
    assert data.load("mnist").info.name == "mnist-5k"  # what is embedded needs no home
    monkeypatch.setenv("CNNLAB_DATA", str(small_mnist))
    with pytest.raises(data.DataError, match=r"cannot be used .* CNNLAB_HOME"):
        data.load("mnist")


@pytest.mark.skipif(sys.platform == "win32", reason="a limit on file sizes stands for a full disk")
def test_a_disk_that_fills_up_leaves_no_half_copy(make_zip: Callable[..., Path], home: Path) -> None:
    make_zip("pets")
    limited = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n" + PREPARE
    done = subprocess.run([sys.executable, "-c", limited, "pets"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert "DataError: The app's folder" in done.stderr
    assert not [path for path in home.rglob("*") if path.suffix in (".npy", ".tmp", ".json")]


@pytest.mark.clock
@pytest.mark.realdata
@pytest.mark.usefixtures("whole_data")
def test_prepared_mnist_opens_in_well_under_a_second() -> None:
    data.prepare("mnist")
    timed = "import time; from core import data; begin = time.perf_counter(); data.load('mnist');"
    timed += "print(time.perf_counter() - begin)"
    done = subprocess.run([sys.executable, "-c", timed], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert float(done.stdout) < 1.0  # 0.05 s here; the bound allows for a busy machine
    begin = time.perf_counter()
    for _ in range(100):
        data.resolve("mnist")
        data.load("mnist")
    assert time.perf_counter() - begin < 0.5  # asked on every page run


@pytest.mark.parametrize("kind", ["absent", "a file"])
def test_a_data_folder_that_is_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    folder = tmp_path / "my data"
    if kind == "a file":
        folder.write_text("no folder")
    monkeypatch.setenv("CNNLAB_DATA", str(folder))
    said = f"{folder}, which is not a folder on this machine"
    assert said in data.missing_folder()
    assert [status.name for status in data.statuses() if said in " ".join(status.broken)] == ["CNNLAB_DATA"]
    assert said in data.prepare("mnist", download=False).source
    assert said in data.prepare("cifar10", download=False).source
    with pytest.raises(data.DataError, match="not a folder"):
        data.load("mnist", exact=True)
    with pytest.raises(data.DataError, match="not a folder"):
        data.load("pets@01234567")
    with pytest.raises(data.DataError, match=r"'pets'.*not a folder"):
        data.resolve("pets")


def test_a_data_folder_that_is_there_is_not_complained_of(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert data.missing_folder() == ""
    assert [status.name for status in data.statuses()] == ["mnist", "cifar10"]
    monkeypatch.delenv("CNNLAB_DATA")
    assert data.missing_folder() == ""

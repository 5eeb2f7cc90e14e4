"""The GPU benchmark runs from beginning to end where there is no GPU, and what it packs comes out as it went in."""

import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import core.data
from core.data import prepared

SCRIPT = Path(__file__).parent / "gpu.py"


@pytest.fixture(scope="module")
def gpu() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_gpu", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_gpu"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_what_is_packed_is_unpacked_and_fits(gpu: ModuleType, tmp_path: Path) -> None:
    dataset = core.data.load("cifar10-standin")
    most = 900_000
    path = gpu.pack(dataset, tmp_path / "new", most)
    assert 0.8 * most < path.stat().st_size <= most
    rows = gpu.unpack(path)
    train, test = rows.train, len(rows.array) - rows.train
    assert 3 < train / test < 5
    for split, count, part in (("train", train, rows.array[:train]), ("test", test, rows.array[train:])):
        assert np.array_equal(part[:, 0], getattr(dataset, f"{split}_labels")[:count])
        assert np.array_equal(part[:, 1:].reshape(-1, 3, 32, 32), getattr(dataset, f"{split}_images")[:count])
    assert rows.classes == dataset.info.classes


def test_a_set_smaller_than_the_limit_is_packed_whole(gpu: ModuleType, tmp_path: Path) -> None:
    dataset = core.data.load("mnist-5k")
    rows = gpu.unpack(gpu.pack(dataset, tmp_path))
    assert (rows.train, len(rows.array) - rows.train) == (dataset.info.train_images, dataset.info.test_images)


@pytest.mark.nightly
@pytest.mark.realdata
def test_a_third_of_cifar_10_travels(
    gpu: ModuleType, real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CNNLAB_DATA", str(real_data))
    path = gpu.pack(core.data.load("cifar10"), tmp_path)
    assert path.stat().st_size <= 50 * 2**20
    assert gpu.unpack(path).train > 15_000


def test_a_stand_in_is_not_packed(tmp_path: Path) -> None:
    environment = os.environ | {"CNNLAB_DATA": str(tmp_path)}
    command = [sys.executable, str(SCRIPT), "--pack", str(tmp_path / "packed")]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode
    assert "no CIFAR-10" in run.stderr
    assert not (tmp_path / "packed").exists()


def test_pictures_made_here_say_so_and_have_the_size_of_the_real_ones(gpu: ModuleType) -> None:
    setup = gpu.Setup("cpu", False, Path())
    info = core.data.load(gpu.made("mnist", setup)).info
    assert (info.train_images, info.test_images, info.shape) == (60_000, 10_000, (1, 28, 28))
    assert "repeated" in info.title
    assert prepared.sidecar(gpu.MADE["mnist"]) is not None


def test_it_runs_from_beginning_to_end(gpu: ModuleType, tmp_path: Path) -> None:
    """Each part in a process of its own; what the other parts tell is tested below in this one."""
    environment = os.environ | {"OUT": str(tmp_path)}
    command = [sys.executable, str(SCRIPT), "--device", "cpu", "--quick", "--only", "machine", "graphs"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    results = json.loads(run.stdout.splitlines()[-1])
    assert json.loads((tmp_path / "gpu.json").read_text()) == results
    assert {name: part["ended"] for name, part in results.items()} == {"machine": "done", "graphs": "done"}
    assert not any("error" in part for part in results.values())
    for preset in gpu.QUICK_PRESETS:
        found = results["graphs"][preset]
        assert found["step_ms"] > 0
        assert sum(found["parts"]) == pytest.approx(found["whole_seconds"], rel=0.05)


def test_what_the_other_parts_tell(gpu: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gpu.pack(core.data.load("cifar10-standin"), tmp_path, 500_000)
    told: dict[str, Any] = {}
    for part in ("record", "learning", "profile"):
        gpu.PARTS[part][0](gpu.Setup("cpu", True, tmp_path))
        for line in capsys.readouterr().out.splitlines():
            told |= json.loads(line)
    assert "error" not in told
    assert told["plain record, eager"]["images_per_second"] > 0
    assert told["plain record, eager"]["accuracy"] is None  # of pictures made here
    assert 0 <= told["cifar-70, seed 0"]["accuracy"] <= 1
    assert len(told["eager"]["top"]) == 10


def test_a_slow_part_is_cut_and_what_it_told_is_kept(gpu: ModuleType) -> None:
    code = "import json, time; print(json.dumps({'first': 1}), flush=True); time.sleep(60)"
    began = time.monotonic()
    found = gpu.measured("machine", [sys.executable, "-c", code], 3, dict(os.environ))
    assert time.monotonic() - began < 10
    assert found["first"] == 1
    assert found["ended"] == "cut after 3 s"


def test_a_part_that_fails_says_why(gpu: ModuleType) -> None:
    code = "print('{\"first\": 1}'); raise RuntimeError('no such GPU')"
    found = gpu.measured("machine", [sys.executable, "-c", code], 30, dict(os.environ))
    assert (found["first"], found["ended"]) == (1, "failed")
    assert found["error"] == "RuntimeError: no such GPU"

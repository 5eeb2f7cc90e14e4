from pathlib import Path

import pytest

from core.runs import host
from core.runs.child_process import environment


@pytest.mark.parametrize(
    ("text", "cores"), [("max 100000", 8), ("200000 100000", 2), ("150000 100000", 2), ("10000 100000", 1), ("?", 8)]
)
def test_a_container_has_the_cores_of_its_quota(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, cores: int
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)))
    (tmp_path / "cpu.max").write_text(text)
    assert host.cores(tmp_path / "cpu.max") == cores
    assert host.cores(tmp_path / "no such file") == 8


def test_runs_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "cores", lambda: 8)
    assert [host.threads(2, wanted) for wanted in (1, 2, 50)] == [8, 4, 4]
    assert host.threads(16, 16) == 1


def test_one_run_a_gpu_and_two_on_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "cores", lambda: 8)
    assert host.slots(["cuda", "cpu"], gpus=4) == 4
    assert host.slots(["mps", "cpu"], gpus=0) == 1
    assert host.slots(["cpu"], gpus=0) == 2
    monkeypatch.setattr(host, "cores", lambda: 1)
    assert host.slots(["cpu"], gpus=0) == 1


@pytest.mark.parametrize(
    ("visible", "gpu", "given"), [(None, 1, "1"), ("3,5", 1, "5"), ("", 1, "1"), ("3,5", None, "3,5"), ("7", 0, "7")]
)
def test_a_worker_is_given_its_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visible: str | None, gpu: int | None, given: str
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert environment(tmp_path, cores=2, gpu=gpu)["CUDA_VISIBLE_DEVICES"] == given


def test_openmp_threads_do_not_spin(tmp_path: Path) -> None:
    variables = environment(tmp_path, cores=2)
    assert variables["OMP_WAIT_POLICY"] == "PASSIVE"
    assert variables["CNNLAB_HOME"] == str(tmp_path)

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from core.runs import hardware, worker
from core.runs.child_process import OF_THE_WEB, environment

GB = 10**9


@pytest.mark.parametrize(
    ("text", "cores"), [("max 100000", 8), ("200000 100000", 2), ("150000 100000", 2), ("10000 100000", 1), ("?", 8)]
)
def test_a_container_has_the_cores_of_its_quota(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, cores: int
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)))
    (tmp_path / "cpu.max").write_text(text)
    assert hardware.cores(tmp_path / "cpu.max") == cores
    assert hardware.cores(tmp_path / "no such file") == 8


def test_runs_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "cores", lambda: 8)
    assert [hardware.threads(2, wanted) for wanted in (1, 2, 50)] == [8, 4, 4]
    assert hardware.threads(16, 16) == 1


def test_one_run_a_gpu_and_two_on_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "cores", lambda: 8)
    assert hardware.slots(["cuda", "cpu"], gpus=4) == 4
    assert hardware.slots(["mps", "cpu"], gpus=0) == 1
    assert hardware.slots(["cpu"], gpus=0) == 2
    monkeypatch.setattr(hardware, "cores", lambda: 1)
    assert hardware.slots(["cpu"], gpus=0) == 1


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


def test_runs_share_a_gpu_by_memory_and_leave_room_for_cuda_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hardware.memory_share(8 * GB) == 1.0
    monkeypatch.setenv(hardware.PART_VARIABLE, "0.25")
    assert hardware.memory_share(80 * GB) == pytest.approx(0.25 - 0.6 / 80)
    assert hardware.memory_share(GB) == 0.125  # a small one leaves half of the part at least
    total = 24 * GB
    assert hardware.runs_per_gpu() * (hardware.memory_share(total) * total + hardware.CONTEXT_BYTES) <= total


@pytest.mark.parametrize(
    ("text", "share"), [("", None), ("0.5", 0.5 - 0.6 / 24), ("0.1", 0.1 - 0.6 / 24), ("x", None), ("1", None)]
)
def test_a_worker_holds_itself_to_its_part(monkeypatch: pytest.MonkeyPatch, text: str, share: float | None) -> None:
    taken: list[float] = []
    monkeypatch.setenv(hardware.PART_VARIABLE, text)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: SimpleNamespace(total_memory=24 * GB))
    monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", taken.append)
    worker.share_gpu()
    assert taken == ([] if share is None else [pytest.approx(share)])


@pytest.mark.parametrize(("gpus", "given"), [(0, [None] * 4), (1, [None] * 4), (3, [0, 1, 2, 0])])
def test_slots_get_gpus_in_turn(gpus: int, given: list[int | None]) -> None:
    assert [hardware.gpu_of(slot, gpus) for slot in range(4)] == given


@pytest.mark.parametrize(
    ("visible", "node", "name"),
    [(None, "", "0"), ("2", "", "2"), ("3,5", "", "3"), ("1", "node7", "1 on node7"), ("GPU-5e0b", "", "GPU-5e0b")],
)
def test_a_gpu_has_the_name_that_the_machine_gives_it(
    monkeypatch: pytest.MonkeyPatch, visible: str | None, node: str, name: str
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible or "")
    monkeypatch.setenv(hardware.NODE_VARIABLE, node)
    assert hardware.gpu_name() == name


def test_openmp_threads_do_not_spin(tmp_path: Path) -> None:
    variables = environment(tmp_path, cores=2)
    assert variables["OMP_WAIT_POLICY"] == "PASSIVE"
    assert variables["CNNLAB_HOME"] == str(tmp_path)


def test_what_makes_a_web_process_give_memory_back_is_not_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyTorch's processes are to keep theirs, and Python's own allocator is the faster one."""
    for name in OF_THE_WEB:
        monkeypatch.setenv(name, "1")
    assert not OF_THE_WEB & set(environment(tmp_path, cores=2))

import errno
import logging
import re
from pathlib import Path
from typing import Any

import pytest
import torch

from core.runs import executor as attempts
from core.runs.database import Database
from core.runs.store import Store


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "did not fit in memory: a smaller batch"),
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"), "did not fit in memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"), "fit in memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "is full"),
        (OSError("I/O error: No space left on device (os error 28)"), "is full"),
        (PermissionError(errno.EACCES, "Permission denied"), "cannot write to its folder"),
        (
            ZeroDivisionError("division by zero"),
            r"\(ZeroDivisionError\)",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_is_a_sentence_for_a_person(tmp_path: Path, error: Exception, words: str) -> None:
    assert re.search(words, attempts.describe_error(error, tmp_path))


def test_an_error_of_the_program_fails_the_run_and_its_trace_is_in_the_log_only(
    tmp_path: Path, lab: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(attempts, "train", broken)
    store = Store(Database(tmp_path))
    run = store.enqueue(lab.tiny(), "me", "auto", per_person=1, in_all=1)
    store.claim([run], "x")
    with caplog.at_level(logging.ERROR):
        fit = attempts.execute(store.database, run, "x", "auto", threads=1)
    assert not fit  # the worker is replaced
    failed = store.run(run)
    assert failed.state == "failed"
    assert "secret" not in str(failed.reason)
    assert "secret detail" in caplog.text
    assert "Traceback" in caplog.text

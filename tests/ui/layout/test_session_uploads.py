"""A session's uploads are limited in number and in sum: the oldest give way."""

import pytest
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from core.ui.layout import session_uploads


def put(files: MemoryUploadedFileManager, name: str, size: int, session: str = "me") -> None:
    files.add_file(session, UploadedFileRec(name, f"{name}.png", "image/png", bytes(size)))


def kept(files: MemoryUploadedFileManager, session: str = "me") -> list[str]:
    return list(files.file_storage.get(session, {}))


def test_a_session_keeps_a_few_files_and_the_newest_ones() -> None:
    files = session_uploads.BoundedFiles("/upload")
    for number in range(50):
        put(files, str(number), 10)
    put(files, "0", 10, session="somebody else")
    assert kept(files) == [str(number) for number in range(50 - session_uploads.MAX_FILES, 50)]
    assert kept(files, "somebody else") == ["0"], "nobody's files give way to another's"


def test_a_session_keeps_so_many_bytes() -> None:
    files = session_uploads.BoundedFiles("/upload")
    for number in range(6):
        put(files, str(number), session_uploads.MAX_BYTES // 4 + 1)
    assert kept(files) == ["3", "4", "5"]
    put(files, "large", session_uploads.MAX_BYTES)
    assert kept(files) == ["large"]
    for size in (5, 7):
        put(files, "again", size)
    assert kept(files) == ["again"]


def test_the_process_that_serves_is_bound_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Runtime:
        uploaded_file_mgr = MemoryUploadedFileManager("/upload")

    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", Runtime)
    put(Runtime.uploaded_file_mgr, "before", 10)
    session_uploads.bound()
    session_uploads.bound()
    for number in range(50):
        put(Runtime.uploaded_file_mgr, str(number), 10)
    assert len(kept(Runtime.uploaded_file_mgr)) == session_uploads.MAX_FILES

"""Limit the files that a session uploads."""

from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

MAX_FILES = 8  # of one session: more than any page has fields for
MAX_BYTES = 40 * 2**20  # of all of them together: two of the largest allowed


class BoundedFiles(MemoryUploadedFileManager):
    """Streamlit's store of uploads, which drops a session's oldest files beyond the limits.

    Streamlit limits the size of one file (server.maxUploadSize), but not how many a session sends.
    """

    def add_file(self, session_id: str, file: UploadedFileRec) -> None:
        """Keep a file, and drop the session's oldest beyond the limits."""
        self.remove_file(session_id, file.file_id)
        super().add_file(session_id, file)
        kept = dict(self.file_storage[session_id])
        while len(kept) > MAX_FILES or sum(len(file.data) for file in kept.values()) > MAX_BYTES:
            oldest = next(iter(kept))
            del kept[oldest]
            self.remove_file(session_id, oldest)


def bound() -> None:
    """Apply the limits to this process's uploads; a second call changes nothing."""
    files = runtime.get_instance().uploaded_file_mgr if runtime.exists() else None
    if type(files) is MemoryUploadedFileManager:
        files.__class__ = BoundedFiles

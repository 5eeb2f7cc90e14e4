"""How much a session may leave with the app in files it uploads."""

from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

MAX_FILES = 8  # of one session: more than any page has places for
MAX_BYTES = 40 * 2**20  # of all of them together: two of the largest


class BoundedFiles(MemoryUploadedFileManager):
    """Streamlit's store of uploads, in which a session's oldest files give way to the newest.

    Streamlit limits one file (server.maxUploadSize), and not how many a session sends, whether a page asks or not.
    """

    def add_file(self, session_id: str, file: UploadedFileRec) -> None:
        """Keep a file, and drop the session's oldest beyond the limits."""
        self.remove_file(session_id, file.file_id)
        super().add_file(session_id, file)
        kept = dict(self.file_storage[session_id])
        while len(kept) > MAX_FILES or sum(len(one.data) for one in kept.values()) > MAX_BYTES:
            oldest = next(iter(kept))
            del kept[oldest]
            self.remove_file(session_id, oldest)


def bound() -> None:
    """Hold this process's uploads to the limits; a second call changes nothing."""
    files = runtime.get_instance().uploaded_file_mgr if runtime.exists() else None
    if type(files) is MemoryUploadedFileManager:
        files.__class__ = BoundedFiles

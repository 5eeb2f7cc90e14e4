"""Report the state of every dataset on this machine, for `python -m core data` and the home page."""

from core.data import data_folder, embedded_digits, prepared
from core.data.dataset import DataError, Dataset, DatasetInfo, Status
from core.data.registry import PUBLISHED, info, own_names, resolve


def statuses() -> list[Status]:
    """Return the state of each known dataset, of each zip that is ignored, and of a folder that does not exist.

    Prepared copies are verified (read once per process). Of files in `CNNLAB_DATA` that are not prepared yet, only
    names and sizes are checked; `prepare(name, download=False)` verifies and prepares them.
    """
    aside = [
        Status(name=path.stem, info=None, prepared=False, whole=False, bytes=path.stat().st_size, broken=(reason,))
        for path, reason in data_folder.misnamed().items()
    ]
    if missing := data_folder.missing_folder():
        aside.append(Status(name="CNNLAB_DATA", info=None, prepared=False, whole=False, bytes=0, broken=(missing,)))
    return [*map(_status, [*PUBLISHED, *own_names()]), *aside]


def _status(name: str) -> Status:
    """Return the state of one dataset."""
    try:
        identity = name if name in PUBLISHED else resolve(name)
    except DataError as error:
        return Status(name=name, info=None, prepared=False, whole=False, bytes=0, broken=(str(error),))
    found = data_folder.find(identity)
    broken = [problem for source in found for problem in source.problems]
    if prepared.broken_path(identity).exists():
        broken.append(f"{prepared.broken_path(identity)} is a prepared copy that was changed; it is not used.")
    for path in prepared.unfinished_paths(identity):
        broken.append(f"{path} is unfinished: it is being written now, or was left by a process that stopped.")
    copy: Dataset | None = None
    known: DatasetInfo | None = None
    try:
        copy = prepared.load(identity)
        known = copy.info if copy else info(name)
    except DataError as error:
        broken.append(str(error))
    size = 0
    if copy:
        size = prepared.array_path(identity).stat().st_size
    elif known and known.name == embedded_digits.INFO.name:
        size = embedded_digits.FILE.stat().st_size
    elif usable := [source for source in found if not source.problems]:
        size = usable[0].bytes()
    return Status(
        name=name,
        info=known,
        prepared=copy is not None,
        whole=not broken,
        bytes=size,
        broken=tuple(dict.fromkeys(broken)),
    )

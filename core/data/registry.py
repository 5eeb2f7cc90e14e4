"""Look up datasets by name: which one this machine would use, its description, and its pictures.

A name is what callers ask for ("mnist", "cifar10", or NAME for NAME.zip in `CNNLAB_DATA`); an identity is what they get
("mnist" or "mnist-5k", "cifar10" or "cifar10-standin", "NAME@digest"). The search order is: a prepared copy in the
home; files in `CNNLAB_DATA`; a download, if preparing; what the app embeds.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from core.data import (
    cifar10,
    cifar10_standin,
    data_folder,
    download,
    embedded_digits,
    image_folder,
    mnist,
    mnist_40,
    prepared,
)
from core.data.dataset import BrokenSource, DataError, Dataset, DatasetInfo, Progress, Report
from core.data.embedded_editions import FORMER_IDENTITIES

PUBLISHED = {"mnist": mnist.INFO, "cifar10": cifar10.INFO}
STANDIN_OF = {"mnist": "mnist-5k", "cifar10": "cifar10-standin"}
EMBEDDED: dict[str, tuple[DatasetInfo, Callable[[], Dataset]]] = {
    "mnist-5k": (embedded_digits.INFO, embedded_digits.load),
    "cifar10-standin": (cifar10_standin.INFO, cifar10_standin.load),
    "mnist-40": (mnist_40.INFO, lambda: mnist_40.center_in_frame(load("mnist", exact=True))),
}


def resolve(name: str) -> str:
    """Return the identity that a name stands for on this machine now; an identity stands for itself.

    Only names, sizes and times are read.

    Args:
        name: A name or an identity.

    Returns:
        The identity.

    Raises:
        DataError: The name stands for nothing.
    """
    if name in EMBEDDED:
        return name
    if name in FORMER_IDENTITIES:
        raise DataError(
            f"This was measured on test pictures that an earlier version of the app used for {FORMER_IDENTITIES[name]};"
            " this version uses others. Train it again."
        )
    if name in PUBLISHED:
        return name if prepared.sidecar(name) or _usable(name) else STANDIN_OF[name]
    if data_folder.IDENTITY.fullmatch(name):
        return name
    if not data_folder.NAME.fullmatch(name):
        raise DataError(f"{name!r:.80} is not a valid dataset name: use letters, digits, dots, dashes and underscores.")
    for path in data_folder.zips():
        if path.stem == name:
            return data_folder.identity_of(path)
    copies = [path for path in prepared.folder().glob(f"{name}@*.npy") if prepared.sidecar(path.stem)]
    if copies:  # the zip is gone, and what was made from it is still here
        return max(copies, key=lambda path: path.stat().st_mtime_ns).stem
    known = ", ".join([*PUBLISHED, *(path.stem for path in data_folder.zips())])
    put = data_folder.missing_folder() or f"Put {name}.zip into the folder of CNNLAB_DATA."
    raise DataError(f"There is no dataset {name!r} on this machine, only {known}. {put}")


def published(identity: str) -> str:
    """Return the name of the published set that a stand-in replaces; any other identity as it is."""
    return next((name for name, standin in STANDIN_OF.items() if standin == identity), identity)


def info(name: str) -> DatasetInfo:
    """Return what `load(name)` would give, without reading pictures. Raises DataError if there is nothing."""
    identity = resolve(name)
    if identity in EMBEDDED:
        return EMBEDDED[identity][0]
    if content := prepared.sidecar(identity):
        return prepared.describe(identity, content)
    if not (found := _usable(identity)):
        raise DataError(_why_unavailable(identity))
    source = f"Files in {found[0].place}, checked and prepared at first use."
    if identity in PUBLISHED:
        return replace(PUBLISHED[identity], source=source)
    if (stamp := prepared.stamp(found[0].place)) is None:
        raise DataError(_why_unavailable(identity))
    return replace(_survey(identity, stamp), source=source)


def own_names() -> list[str]:
    """Return the names of the sets that users brought, of zips and of what was prepared from earlier ones."""
    copies = [path.stem.partition("@")[0] for path in sorted(prepared.folder().glob("*@*.npy"))]
    return list(dict.fromkeys([*(path.stem for path in data_folder.zips()), *copies]))


def own() -> list[DatasetInfo]:
    """Return what is known about the sets that users brought, of those that can be used."""
    found = []
    for name in own_names():
        with suppress(DataError, OSError):
            found.append(info(name))
    return found


@lru_cache(maxsize=64)
def _survey(identity: str, stamp: prepared.Stamp) -> DatasetInfo:
    """Return what a zip's directory says. Raises BrokenSource."""
    path = Path(stamp[0])
    found = image_folder.survey(path)
    return DatasetInfo(
        name=identity,
        title=path.stem,
        shape=found.shape,
        classes=found.classes,
        train_images=len(found.train),
        test_images=len(found.test),
        source="",
        standin=False,
        notes=found.notes,
    )


def load(name: str, *, exact: bool = False) -> Dataset:
    """Return the pictures and labels that a name stands for, memory-mapped once they are prepared.

    Files in `CNNLAB_DATA` are verified and prepared first (once; 1 s for MNIST, 30 s for CIFAR-10 as a zip); nothing is
    downloaded. "mnist" and "cifar10" fall back to what the app embeds, which `info.name` then says.

    Args:
        name: A name or an identity.
        exact: Raise instead of falling back, for a run whose key says which data it is trained on.

    Returns:
        The dataset.

    Raises:
        DataError: The data is not here.
    """
    identity = name if exact and name in PUBLISHED else resolve(name)
    if identity in EMBEDDED:
        return EMBEDDED[identity][1]()
    if (copy := _verified_copy(identity)) is None:
        found = prepare(identity, download=False)
        copy = _verified_copy(identity)
        if copy is None and not exact and found.name in EMBEDDED:
            return EMBEDDED[found.name][1]()
    if copy is None:
        raise DataError(_why_unavailable(identity))
    return copy


def opens_at_once(name: str) -> bool:
    """Return whether `load(name, exact=True)` prepares nothing first: the set is prepared or comes with the app."""
    identity = name if name in PUBLISHED else resolve(name)
    return identity in EMBEDDED or _verified_copy(identity) is not None


def prepare(name: str, *, download: bool = True, report: Report | None = None) -> DatasetInfo:
    """Make a prepared copy unless there is one that is whole.

    Files in `CNNLAB_DATA` come first, then a download, then what is embedded, with the reason at the end of
    `info.source`. Any number of processes may call this at once: one works and the others wait for it. A mirror that
    does not answer delays it by 20 s.

    Args:
        name: A name or an identity.
        download: Allow a download.
        report: Called with the progress.

    Returns:
        What `load(name)` then gives.

    Raises:
        DataError: The home cannot be written, or a user's own set cannot be used.
    """
    tell = report or (lambda progress: None)
    identity = name if name in PUBLISHED else resolve(name)
    if identity in EMBEDDED:
        return EMBEDDED[identity][0]
    if copy := _verified_copy(identity):
        return copy.info
    try:
        with prepared.lock(identity, tell):
            if copy := _verified_copy(identity):
                return copy.info
            prepared.clear(identity)
            reasons = _from_files(identity, tell)
            if reasons is not None and download and identity in PUBLISHED:
                reasons = _from_download(identity, reasons, tell)
    except OSError as error:
        raise DataError(
            f"The app's folder {prepared.folder()} cannot be used ({error.strerror or error}). "
            "It must be writable and have free space; CNNLAB_HOME can name another folder."
        ) from error
    if reasons is None:
        return info(identity)
    if identity not in PUBLISHED:
        raise DataError(_why_unavailable(identity))
    fallback = EMBEDDED[STANDIN_OF[identity]][0]
    why = " ".join(filter(None, [data_folder.missing_folder(), *reasons]))
    tell(Progress(stage="fallback", text=f"Using {fallback.title}. {why}".strip()))
    return replace(fallback, source=f"{fallback.source} {why}".strip())


def _verified_copy(identity: str) -> Dataset | None:
    """Return the prepared copy if there is one and its checksum is right."""
    try:
        return prepared.load(identity)
    except BrokenSource:
        return None


def _usable(identity: str) -> list[data_folder.Source]:
    """Return the sources of a dataset without known problems."""
    return [source for source in data_folder.find(identity) if not source.problems]


def _from_files(identity: str, report: Report) -> list[str] | None:
    """Prepare from the first good source in `CNNLAB_DATA`. Return None when done, else a sentence for each bad one."""
    reasons: list[str] = []
    for source in data_folder.find(identity):
        if source.problems:
            reasons += source.problems
            continue
        try:
            rows = source.read(report)
        except BrokenSource as error:
            data_folder.refuse(identity, source, str(error))
            reasons.append(str(error))
        except OSError as error:  # not the content's fault, and perhaps over at the next try
            reasons.append(f"{error.filename or source.place} cannot be read ({error.strerror or error}).")
        else:
            prepared.write(identity, rows, str(source.place), report)
            return None
    return reasons


def _from_download(identity: str, reasons: list[str], report: Report) -> list[str] | None:
    """Prepare from the published files. Return None when done, else the reasons so far and why this failed."""
    with prepared.workspace(identity) as work:
        try:
            rows, origin = download.rows(identity, work, report)
        except DataError as error:
            return [*reasons, str(error)]
        prepared.write(identity, rows, origin, report)
    return None


def _why_unavailable(identity: str) -> str:
    """Return why a dataset is not available, and what to do."""
    found = [problem for source in data_folder.find(identity) for problem in source.problems]
    problems = " ".join(filter(None, [data_folder.missing_folder(), *found]))
    if identity in PUBLISHED:
        advice = "Let the app download it, or set CNNLAB_DATA to a folder that has it."
        return f"{PUBLISHED[identity].title} is not available on this machine. {problems} {advice}".replace("  ", " ")
    if problems:
        return problems
    name = identity.partition("@")[0]
    return f"The data {identity} is not available: put the original {name}.zip back into the folder of CNNLAB_DATA."

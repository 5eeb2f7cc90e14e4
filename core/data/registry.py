"""Datasets by name: which one this machine would use, what it is, and its pictures.

A name is what one asks for ("mnist", "cifar10", or NAME for NAME.zip in `CNNLAB_DATA`); an identity is what one gets
("mnist" or "mnist-5k", "cifar10" or "cifar10-standin", "NAME@digest"). Looked for in this order: a prepared copy in
the home; files in `CNNLAB_DATA`; a download, when asked to prepare; what the app embeds.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from core.data import centered, cifar10, download, embed, image_folder, mnist, prepared, sources, standin
from core.data.dataset import BrokenSource, DataError, Dataset, DatasetInfo, Progress, Report
from core.data.editions import FORMER_IDENTITIES

PUBLISHED = {"mnist": mnist.INFO, "cifar10": cifar10.INFO}
STANDIN_OF = {"mnist": "mnist-5k", "cifar10": "cifar10-standin"}
EMBEDDED: dict[str, tuple[DatasetInfo, Callable[[], Dataset]]] = {
    "mnist-5k": (embed.INFO, embed.load),
    "cifar10-standin": (standin.INFO, standin.load),
    "mnist-40": (centered.INFO, lambda: centered.center_in_frame(load("mnist", exact=True))),
}


def resolve(name: str) -> str:
    """The identity that `name` stands for on this machine now; an identity stands for itself.

    Looks at names, sizes and times only. Raises DataError for a name that stands for nothing.
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
    if sources.IDENTITY.fullmatch(name):
        return name
    if not sources.NAME.fullmatch(name):
        raise DataError(f"{name!r:.80} is no name of a dataset: use letters, digits, dots, dashes and underscores.")
    for path in sources.zips():
        if path.stem == name:
            return sources.identity_of(path)
    copies = [path for path in prepared.folder().glob(f"{name}@*.npy") if prepared.sidecar(path.stem)]
    if copies:  # the zip is gone, and what was made from it is still here
        return max(copies, key=lambda path: path.stat().st_mtime_ns).stem
    known = ", ".join([*PUBLISHED, *(path.stem for path in sources.zips())])
    put = sources.missing_folder() or f"Put {name}.zip into the folder of CNNLAB_DATA."
    raise DataError(f"There is no dataset {name!r} here, only {known}. {put}")


def published(identity: str) -> str:
    """Return the name of the published set that a stand-in takes the place of; any other identity as it is."""
    return next((name for name, standin in STANDIN_OF.items() if standin == identity), identity)


def info(name: str) -> DatasetInfo:
    """What `load(name)` would give. Reads no pictures. Raises DataError where there is nothing."""
    identity = resolve(name)
    if identity in EMBEDDED:
        return EMBEDDED[identity][0]
    if content := prepared.sidecar(identity):
        return prepared.describe(identity, content)
    if not (found := _usable(identity)):
        raise DataError(_why_unavailable(identity))
    source = f"Files in {found[0].place}, which are checked and prepared at first use."
    if identity in PUBLISHED:
        return replace(PUBLISHED[identity], source=source)
    if (stamp := prepared.stamp(found[0].place)) is None:
        raise DataError(_why_unavailable(identity))
    return replace(_survey(identity, stamp), source=source)


@lru_cache(maxsize=64)
def _survey(identity: str, stamp: prepared.Stamp) -> DatasetInfo:
    """What a zip's directory says. Raises BrokenSource."""
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
    )


def load(name: str, *, exact: bool = False) -> Dataset:
    """The pictures and labels that `name` stands for, memory-mapped where they are prepared.

    Files in `CNNLAB_DATA` are verified and prepared first (once; 1 s for MNIST, 10 s for CIFAR-10 as a zip); nothing is
    downloaded. "mnist" and "cifar10" fall back to what the app embeds, which `info.name` then says; with `exact` that
    raises DataError instead, for a run whose key says which data it is trained on. Raises DataError for an identity
    that is not here.
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


def prepare(name: str, *, download: bool = True, report: Report | None = None) -> DatasetInfo:
    """Make a prepared copy if there is none that is whole, and say what `load(name)` then gives.

    Files in `CNNLAB_DATA` come first, then a download, then what is embedded, with the reason at the end of
    `info.source`. Any number of processes may ask at once: one works and the others wait for it. A mirror that does
    not answer holds it up for 20 s. Raises DataError where the home cannot be written, or a set of one's own be used.
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
            "It needs to be writable and to have room; CNNLAB_HOME can name another."
        ) from error
    if reasons is None:
        return info(identity)
    if identity not in PUBLISHED:
        raise DataError(_why_unavailable(identity))
    fallback = EMBEDDED[STANDIN_OF[identity]][0]
    why = " ".join(filter(None, [sources.missing_folder(), *reasons]))
    tell(Progress(stage="fallback", text=f"Using {fallback.title}. {why}".strip()))
    return replace(fallback, source=f"{fallback.source} {why}".strip())


def _verified_copy(identity: str) -> Dataset | None:
    """The prepared copy, if there is one and its checksum is right."""
    try:
        return prepared.load(identity)
    except BrokenSource:
        return None


def _usable(identity: str) -> list[sources.Source]:
    return [source for source in sources.find(identity) if not source.problems]


def _from_files(identity: str, report: Report) -> list[str] | None:
    """Prepare from the first good source in `CNNLAB_DATA`. None when done, else a sentence for each that is no good."""
    reasons: list[str] = []
    for source in sources.find(identity):
        if source.problems:
            reasons += source.problems
            continue
        try:
            rows = source.read(report)
        except BrokenSource as error:
            sources.refuse(identity, source, str(error))
            reasons.append(str(error))
        except OSError as error:  # not the content's fault, and perhaps over at the next try
            reasons.append(f"{error.filename or source.place} cannot be read ({error.strerror or error}).")
        else:
            prepared.write(identity, rows, str(source.place), report)
            return None
    return reasons


def _from_download(identity: str, reasons: list[str], report: Report) -> list[str] | None:
    """Prepare from the published files. None when done, else the reasons so far and why not."""
    with prepared.workspace(identity) as work:
        try:
            rows, origin = download.rows(identity, work, report)
        except DataError as error:
            return [*reasons, str(error)]
        prepared.write(identity, rows, origin, report)
    return None


def _why_unavailable(identity: str) -> str:
    """Why an identity cannot be had, and what to do."""
    found = [problem for source in sources.find(identity) for problem in source.problems]
    problems = " ".join(filter(None, [sources.missing_folder(), *found]))
    if identity in PUBLISHED:
        advice = "Let the app download it, or name a folder that has it in CNNLAB_DATA."
        return f"{PUBLISHED[identity].title} cannot be had on this machine. {problems} {advice}".replace("  ", " ")
    if problems:
        return problems
    name = identity.partition("@")[0]
    return f"The data {identity} is not here: put the {name}.zip it was made from back into the folder of CNNLAB_DATA."

"""Write runs as TensorBoard event files: a ZIP with one folder a run, its settings beside the events.

The packages that write such files import torch, which the web process does without. A file is a row of records: the
length of the data (8 bytes, little-endian) and its checksum, then the data and its checksum. The data is a protobuf
`Event` (tensorflow/core/util/event.proto); the checksum is a CRC-32C, rotated and shifted ("masked").
"""

import io
import re
import struct
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import google_crc32c
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from core.training.evaluation_plan import VIEWS

MAX_RUNS = 30  # in one ZIP
TRAINING = {"loss": "train/loss", "accuracy": "train/accuracy", "learning_rate": "train/learning_rate"}
TESTS = ("loss", "accuracy")  # figures of an evaluation
_VERSION = "brain.Event:2"
_FIELD = descriptor_pb2.FieldDescriptorProto
_UNSAFE = re.compile(r"[^A-Za-z0-9._ -]+")


@dataclass(frozen=True, slots=True)
class RunHistory:
    """A run to be written."""

    id: str
    name: str  # what people call it; "" if nothing
    settings: str  # the experiment's JSON
    started: float  # seconds since 1970
    events: tuple[Mapping[str, Any], ...]  # as core.runs.history_cache.joined gives them


def archive(runs: Iterable[RunHistory]) -> bytes:
    """Return the ZIP of these runs."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for run in runs:
            folder = folder_name(run)
            file.writestr(f"{folder}/events.out.tfevents.{int(run.started)}.cnnlab", event_file(run))
            file.writestr(f"{folder}/settings.json", run.settings)
    return buffer.getvalue()


def folder_name(run: RunHistory) -> str:
    """Return the run's folder: its name in letters that every file system has, and its id."""
    name = _UNSAFE.sub("-", run.name).strip("-. ")[:40]
    return f"{name} {run.id}" if name else run.id


def event_file(run: RunHistory) -> bytes:
    """Return the event file of a run: its curves, step by step, at the times at which they were measured."""
    event = _messages()
    first = event(wall_time=run.started, file_version=_VERSION)
    return b"".join(record(one.SerializeToString()) for one in (first, *_events(run)))


def record(data: bytes) -> bytes:
    """Return data as a record of an event file."""
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", _masked(length)) + data + struct.pack("<I", _masked(data))


def _events(run: RunHistory) -> Iterator[Any]:
    event = _messages()
    for point in run.events:
        tags = _tags(point)
        if not tags or point.get("step") is None:
            continue
        seconds = point.get("whole_seconds") or point.get("seconds") or 0.0
        found = event(wall_time=run.started + seconds, step=point["step"])
        for figure, tag in tags.items():
            if (value := point.get(figure)) is not None:
                found.summary.value.add(tag=tag, simple_value=value)
        yield found


def _tags(point: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the figures of an event that are curves, with their names in TensorBoard.

    A test of several views is another measurement: its figures have names of their own, and the curve goes on to those
    of one view.
    """
    if point["event"] == "progress":
        return TRAINING
    if point["event"] != "evaluated":
        return {}
    split, views = point["split"], VIEWS.get(point.get("views") or "none", 1)
    if views == 1:
        return {figure: f"{split}/{figure}" for figure in TESTS}
    alone = {f"one_view_{figure}": f"{split}/{figure}" for figure in TESTS}
    return alone | {figure: f"{split}/{figure} with {views} views" for figure in TESTS}


def _masked(data: bytes) -> int:
    checksum = int(google_crc32c.value(data))
    return ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF


@cache
def _messages() -> Any:
    """Return the class of an event: the fields of event.proto and summary.proto that are written here."""
    file = descriptor_pb2.FileDescriptorProto(name="cnnlab_event.proto", package="cnnlab", syntax="proto3")
    _message(file, "Value", [("tag", 1, _FIELD.TYPE_STRING), ("simple_value", 2, _FIELD.TYPE_FLOAT)])
    _message(file, "Summary", [("value", 1, "Value")], repeated=True)
    event: list[tuple[str, int, int | str]] = [
        ("wall_time", 1, _FIELD.TYPE_DOUBLE),
        ("step", 2, _FIELD.TYPE_INT64),
        ("file_version", 3, _FIELD.TYPE_STRING),
        ("summary", 5, "Summary"),
    ]
    _message(file, "Event", event)
    pool = descriptor_pool.DescriptorPool()  # of its own: another package may bring TensorBoard's
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("cnnlab.Event"))


def _message(
    file: descriptor_pb2.FileDescriptorProto,
    name: str,
    fields: Iterable[tuple[str, int, int | str]],
    *,
    repeated: bool = False,
) -> None:
    message = file.message_type.add(name=name)
    label = _FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL
    for field, number, kind in fields:
        if isinstance(kind, str):
            message.field.add(
                name=field, number=number, label=label, type=_FIELD.TYPE_MESSAGE, type_name=f".cnnlab.{kind}"
            )
        else:
            message.field.add(name=field, number=number, label=label, type=kind)

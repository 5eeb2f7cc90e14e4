"""The app's pages, by AppTest, over a run service that really trains."""

from pathlib import Path

import pytest
import streamlit as st

from core.classroom.classroom import Classroom
from core.classroom.people import People
from core.runs.history_cache import HistoryCache
from core.runs.measurement_cache import MeasurementCache
from core.runs.person import Person
from core.runs.service import RunService
from core.ui.backend import client, identity
from core.ui.run_panels import time_estimate
from tests.pages.answering import LocalInference


def serve(service: RunService, folder: Path, person: Person, monkeypatch: pytest.MonkeyPatch) -> People:
    """Let pages that are opened from now on be those of `person`, over `service`. Return the people of its home."""
    inference, measures, people = LocalInference(folder), MeasurementCache(folder), People(service.database)
    feed, room = HistoryCache(service), Classroom(service.database)
    shared = {"runs": service, "feed": feed, "classroom": room, "people": people}
    for name, value in (shared | {"inference": inference, "measures": measures, "preparation": None}).items():
        monkeypatch.setattr(client, name, lambda *_, value=value: value)
    monkeypatch.setattr(st, "user", {})
    monkeypatch.setattr(time_estimate, "speed", lambda *_: 900.0)
    monkeypatch.setattr(identity, "person", lambda: person)
    monkeypatch.setattr(identity, "owner", lambda: person.id)
    return people

"""Every download of every page, of runs that were really trained: none holds a path, a secret or who somebody is."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.runs.person import Person
from core.runs.service import RunService
from core.ui.backend import identity
from tests.pages.conftest import opened
from tests.runs.conftest import Lab
from tests.runs.real_pages import serve

ADA = Person("5ec4e7" * 4, "Ada Geheim", "student", "class code")
TEACHER = Person("7eac4e" * 4, "Ms. Noether", "instructor", "class code")
DATABASE = "postgresql://lab:secret-4711@db.invalid/lab"
TRAINED = {"m_images": "500", "m_epochs": "1", "m_mlp_width": "16", "m_cnn_filters": "4", "m_cnn_dense": "16"}
PAGES = {  # pages with the tabs that have downloads, and how many at least
    "mnist": (({**TRAINED, "m_tab": "export"}, 8), ({**TRAINED, "m_tab": "runs"}, 1)),
    "runs": (({"r_tab": "download"}, 3),),
    "kernels": (({"k_tab": "export"}, 1),),
    "augmentation": (({"a_tab": "export"}, 1),),
    "layer_calculator": (({"c_net_tab": "export"}, 1),),
}


@pytest.fixture
def downloads(service: RunService, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What download buttons were given since; two runs of Ada's are there, and the class's names are hidden."""
    people = serve(service, tmp_path, ADA, monkeypatch)
    people.join(ADA)
    people.hide_names(True, TEACHER)
    app = opened("mnist", TRAINED)
    app.button(key="m_train").click().run()
    mine = [run for run in service.recent() if ADA.id in run.owners]
    assert len(mine) == 2
    service.name_run(mine[0].id, "Wide", "tried first", ADA)
    for run in mine:
        assert lab.ended(service, run.id).state == "finished"
    monkeypatch.setenv("CNNLAB_DB", DATABASE)  # not before: workers inherit it
    given: list[Any] = []
    monkeypatch.setattr(st, "download_button", lambda _label, content, *_, **__: given.append(content))
    return given


def content(download: str | bytes | Callable[[], str | bytes]) -> bytes:
    """What is saved; of a ZIP its names and its files."""
    saved = download() if callable(download) else download
    saved = saved.encode() if isinstance(saved, str) else saved
    if not saved.startswith(b"PK"):
        return saved
    with zipfile.ZipFile(io.BytesIO(saved)) as file:
        return b"".join(name.encode() + file.read(name) for name in file.namelist())


def test_no_download_holds_a_path_a_secret_or_a_person(
    service: RunService, downloads: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = (str(service.home), "secret-4711", "db.invalid", ADA.id, ADA.shown, TEACHER.id)
    for person in (ADA, TEACHER):
        monkeypatch.setattr(identity, "person", lambda person=person: person)
        for page, links in PAGES.items():
            for parameters, least in links:
                downloads.clear()
                app: AppTest = opened(page, parameters)
                assert not app.exception
                assert len(downloads) >= least, (page, parameters)
                for saved in map(content, downloads):
                    assert saved
                    assert not [secret for secret in secrets if secret.encode() in saved], (page, parameters)

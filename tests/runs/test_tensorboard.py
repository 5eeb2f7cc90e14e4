"""Event files, read back by TensorBoard itself."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from core.layers import builders
from core.runs.tensorboard import RunHistory, archive, folder_name
from core.training.experiment import Experiment

SETTINGS = Experiment(layers=builders.mlp((8,))).to_json()
EVENTS = (
    {"event": "started", "step": 0},
    {"event": "progress", "step": 10, "seconds": 1.0, "whole_seconds": 1.5, "loss": 2.25, "accuracy": 0.25},
    {"event": "progress", "step": 20, "seconds": 2.0, "whole_seconds": 2.5, "loss": 1.5, "learning_rate": 0.5},
    {"event": "evaluated", "split": "test", "step": 20, "whole_seconds": 3.0, "loss": None, "accuracy": 0.75},
    {"event": "note", "text": "It was tired."},
)
SIX = {"views": "mirror+shift", "loss": 0.5, "accuracy": 0.875, "one_view_loss": 0.625, "one_view_accuracy": 0.75}


def test_tensorboard_reads_what_was_written(tmp_path: Path) -> None:
    runs = [RunHistory("a" * 16, "Wide: ../net", SETTINGS, 1e9, EVENTS), RunHistory("b" * 16, "", SETTINGS, 2e9, ())]
    with zipfile.ZipFile(io.BytesIO(archive(runs))) as file:
        file.extractall(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Wide- ..-net " + "a" * 16, "b" * 16]
    first = tmp_path / folder_name(runs[0])
    assert json.loads((first / "settings.json").read_text()) == json.loads(SETTINGS)
    read = EventAccumulator(str(first)).Reload()
    scalars = {
        tag: [(point.step, point.value, point.wall_time) for point in read.Scalars(tag)]
        for tag in read.Tags()["scalars"]
    }
    assert scalars == {
        "train/loss": [(10, 2.25, 1e9 + 1.5), (20, 1.5, 1e9 + 2.5)],
        "train/accuracy": [(10, 0.25, 1e9 + 1.5)],
        "train/learning_rate": [(20, 0.5, 1e9 + 2.5)],
        "test/accuracy": [(20, 0.75, 1e9 + 3.0)],
    }


def test_a_test_of_several_views_is_no_point_of_the_curve_of_one_view(tmp_path: Path) -> None:
    ends = {"event": "evaluated", "split": "test", "step": 30, "whole_seconds": 4.0, **SIX}
    run = RunHistory("d" * 16, "", SETTINGS, 1e9, (*EVENTS, ends))
    with zipfile.ZipFile(io.BytesIO(archive([run]))) as file:
        file.extractall(tmp_path)
    read = EventAccumulator(str(tmp_path / folder_name(run))).Reload()
    tests = {tag: [p.value for p in read.Scalars(tag)] for tag in read.Tags()["scalars"] if tag.startswith("test/")}
    assert tests == {
        "test/accuracy": [0.75, 0.75],
        "test/loss": [0.625],
        "test/accuracy with 6 views": [0.875],
        "test/loss with 6 views": [0.5],
    }


@pytest.mark.parametrize("name", ["", "..", "/", "a" * 500, "\u202e", "CON. "])
def test_a_folder_is_below_the_zip_whatever_the_run_is_called(name: str) -> None:
    folder = folder_name(RunHistory("c" * 16, name, SETTINGS, 0.0, ()))
    assert Path(folder).name == folder
    assert folder.endswith("c" * 16)
    assert len(folder) <= 57

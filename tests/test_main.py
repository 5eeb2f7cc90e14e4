"""The command line as another program would use it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from core.__main__ import app
from core.training.presets import PRESETS
from core.training.threads import WAITING

ROOT = Path(__file__).parents[1]
Core = Callable[..., Result]
END = [{"layer": "GlobalPool"}, {"layer": "Flatten"}, {"layer": "Linear", "units": 10}]
WIDE = json.dumps([{"layer": "Conv", "filters": 10_000, "kernel": 1}, *END])
MANY = json.dumps([*({"layer": "Residual", "body": [{"layer": "BatchNorm"}] * 100} for _ in range(38)), *END])


def process(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, as another program starts it."""
    return subprocess.run(
        [sys.executable, "-m", "core", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def core(monkeypatch: pytest.MonkeyPatch) -> Core:
    """The same command in this process: each start would take seconds."""
    monkeypatch.setattr("core.__main__.keep_memory", lambda: None)  # this process goes on after the command

    def invoke(*arguments: str) -> Result:
        threads = ("--threads", "1") if arguments[0] == "train" else ()
        return CliRunner().invoke(app, [*arguments, *threads], env=WAITING)

    return invoke


def test_a_files_network_is_printed_or_its_faults_are(core: Core, tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text("nn.Sequential(nn.Conv2d(3, 8, 3), nn.PReLU(8), nn.Flatten(), nn.Linear(7200, 10))")
    lines = core("read", str(file), "--shape", "3,32,32").stdout.splitlines()
    assert [line.split()[0] for line in lines[:6]] == ["picture", "Conv", "PReLU", "Flatten", "Linear", "total"]
    assert "72,242" in lines[5]
    found = json.loads(core("read", str(file), "--json").stdout)
    assert found["input_shape"] == [3, 32, 32]
    assert len(found["layers"]) == 4
    file.write_text("nn.Sequential(nn.Mystery())")
    refused = core("read", str(file), "--shape", "3,32,32")
    assert refused.exit_code == 1
    assert "line 1: Mystery" in refused.output
    assert core("read", str(file), "--shape", "three").exit_code == 2
    assert core("read", str(tmp_path / "none.onnx")).exit_code == 1


def test_presets_prints_one_a_line(core: Core) -> None:
    lines = core("presets").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(PRESETS)
    (capsnet,) = [line for line in lines if line.startswith("capsnet ")]
    assert "8,215,568" in capsnet  # as counted in Sabour, Frosst and Hinton's own code


def test_train_tells_one_json_object_a_line() -> None:
    run = process(
        *("train", "mnist-mlp", "--json", "--device", "cpu"),
        *("--set", "epochs=1", "--set", "train_images=500", "--set", "augmentation.shift=0", "--set", "optimizer=adam"),
    )
    assert run.returncode == 0, run.stderr
    events = [json.loads(line) for line in run.stdout.splitlines()]
    assert events[0]["event"] == "started"
    last = events[-1]
    assert last["event"] == "finished"
    assert last["device"] == "cpu"
    assert 0 < last["test_accuracy"] < 1
    assert last["images_per_second"] > 0
    assert last["train_seconds"] * last["images_per_second"] == pytest.approx(500, rel=0.01)  # every picture


def test_a_last_softmax_is_said_to_be_left_out(core: Core) -> None:
    layers = '[{"layer":"Flatten"},{"layer":"Linear","units":10},{"layer":"Activation","kind":"softmax"}]'
    small = ("--set", "epochs=1", "--set", "train_images=500", "--set", "data=mnist-5k", "--json")
    run = core("train", "mnist-mlp", "--device", "cpu", "--set", f"layers={layers}", *small)
    assert run.exit_code == 0, run.stderr
    assert "training skips this one" in run.stderr
    assert json.loads(run.stdout.splitlines()[0])["event"] == "started"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            [
                "mnist-mlp",
                "--set",
                'layers=[{"layer":"Flatten"},{"layer":"Dropout","p":1},{"layer":"Linear","units":10}]',
            ],
            "layer 2: Dropout with probability 1",
        ),
        (
            ["mnist-mlp", "--set", 'layers=[{"layer":"AdaptivePool","kind":"max","size":[5,2]},{"layer":"Flatten"}]'],
            "no weights",
        ),
        (["mnist-magic"], "no preset 'mnist-magic'"),
        (["mnist-mlp", "--set", "epochs"], "not key=value"),
        (["mnist-mlp", "--set", "evil=1"], "not key=value"),
        (["mnist-mlp", "--set", "epochs=0"], "epochs must be a whole number"),
        (["mnist-mlp", "--set", "augmentation=3"], "augmentation is a list of steps"),
        (["mnist-mlp", "--set", f"epochs={10**400}"], "epochs must be a whole number"),
        (["mnist-mlp", "--set", f"layers={'[' * 50_000}"], 'a list of "layers"'),
        (["mnist-mlp", "--set", 'layers=[{"layer":["Conv"]}]'], "A layer is an object"),
        (["mnist-mlp", "--device", "tpu"], "no 'tpu'"),
        (["mnist-mlp", "--set", "data=nothing"], "nothing"),
        (["mnist-cnn", "--set", f"layers={WIDE}"], "MiB for one picture; the limit for training is 16"),
        (["mnist-cnn", "--set", f"layers={MANY}"], "at most 1,000 layers; this one has 3,841"),
    ],
)
def test_a_wrong_word_is_answered_with_a_sentence(core: Core, arguments: list[str], message: str) -> None:
    for extra in ([], ["--json"]):
        run = core("train", *arguments, *extra)
        assert run.exit_code == 1
        assert isinstance(run.exception, SystemExit)  # not one that would be printed as a stack trace
        assert message in (json.loads(run.stdout)["reason"] if extra else run.stderr)


def test_a_wrong_word_ends_the_process() -> None:
    run = process("train", "mnist-magic")
    assert run.returncode == 1
    assert "no preset 'mnist-magic'" in run.stderr
    assert "Traceback" not in run.stderr + run.stdout


def test_data_names_every_set_and_its_source(core: Core) -> None:
    out = core("data").stdout
    assert "MNIST" in out
    assert "CIFAR-10" in out


SHORT = ("--device", "cpu", "--set", "epochs=1", "--set", "batch_size=500", "--set", "augmentation=none")


@pytest.mark.parametrize(
    ("preset", "settings", "title", "learned", "tested"),
    [
        ("cifar-70", ["layers=[]"], "Colored shapes, a stand-in for CIFAR-10", 5_000, 1_000),
        ("mnist-mlp", [], "MNIST, 5,000 of its digits", 4_000, 1_000),
        ("mnist-mlp", ["held_out=500"], "MNIST, 5,000 of its digits", 3_500, 1_000),
        ("mnist-mlp", ["train_images=700"], "MNIST, 5,000 of its digits", 700, 1_000),
    ],
)
def test_what_was_learned_from_and_tested_on_is_named(
    core: Core, preset: str, settings: list[str], title: str, learned: int, tested: int
) -> None:
    small = '[{"layer":"Flatten"},{"layer":"Linear","units":10}]'
    settings = [setting.replace("layers=[]", f"layers={small}") for setting in settings]
    settings += ["whitening=false", "dirac=false", "low_res_fraction=0"] if preset == "cifar-70" else []
    chosen = [word for setting in settings for word in ("--set", setting)]
    run = core("train", preset, *SHORT, *chosen)
    assert run.exit_code == 0, run.stderr
    first, *between, last = run.stdout.splitlines()
    assert f"of {tested:6,}  loss" in between[-1]  # the last test is of all
    tested_after, ended_after = (float(line.rpartition("after ")[2].split()[0]) for line in (between[-1], last))
    assert tested_after == pytest.approx(ended_after, abs=0.21)  # whole seconds, but for the last checkpoint
    assert first.startswith(f"{title}: {learned:,} training and {tested:,} test pictures.")
    assert f"of the {tested:,} test pictures of {title}, learned from {learned:,}, after" in last
    assert [("; 2 views of each picture, " in line) for line in (between[-1], last)] == 2 * [preset == "cifar-70"]
    assert ("these figures say nothing about it" in run.stderr) == (preset == "cifar-70")
    assert ("all of them are used, instead of the preset's" in run.stderr) == ("train_images=700" not in settings)
    events = [json.loads(line) for line in core("train", preset, *SHORT, *chosen, "--json").stdout.splitlines()]
    for event in (events[0], events[-1]):
        assert (event["data_title"], event["train_images"], event["test_images"]) == (title, learned, tested)
    assert events[0]["notes"]


def test_more_training_pictures_than_there_are_are_refused(core: Core) -> None:
    for settings, message in (
        (["train_images=4001"], "has 4,000 training pictures: train_images cannot be 4,001."),
        (["train_images=3600", "held_out=500"], "has 3,500 training pictures besides the 500 held out"),
    ):
        run = core("train", "mnist-mlp", *[word for setting in settings for word in ("--set", setting)])
        assert run.exit_code == 1
        assert message in run.stderr


def test_a_data_folder_that_is_not_there_is_named(core: Core, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CNNLAB_DATA", str(tmp_path / "nowhere"))
    said = f"{tmp_path / 'nowhere'}, which is not a folder on this machine"
    assert said in core("data").stdout
    assert said in core("train", "mnist-mlp", *SHORT, "--set", "train_images=500").stderr
    monkeypatch.setenv("CNNLAB_DATA", str(tmp_path))
    assert "CNNLAB_DATA" not in core("data").stdout

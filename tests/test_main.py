"""The command line as another program would use it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.training.presets import PRESETS

ROOT = Path(__file__).parents[1]
END = [{"layer": "GlobalPool"}, {"layer": "Flatten"}, {"layer": "Linear", "units": 10}]
WIDE = json.dumps([{"layer": "Conv", "filters": 10_000, "kernel": 1}, *END])
MANY = json.dumps([*({"layer": "Residual", "body": [{"layer": "BatchNorm"}] * 100} for _ in range(38)), *END])


def core(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "core", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_presets_prints_one_a_line() -> None:
    lines = core("presets").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(PRESETS)


def test_train_tells_one_json_object_a_line() -> None:
    run = core(
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
    assert last["train_seconds"] * last["images_per_second"] == pytest.approx(1 * 256, rel=0.01)  # one whole batch


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mnist-magic"], "no preset 'mnist-magic'"),
        (["mnist-mlp", "--set", "epochs"], "not key=value"),
        (["mnist-mlp", "--set", "evil=1"], "not key=value"),
        (["mnist-mlp", "--set", "epochs=0"], "epochs must be a whole number"),
        (["mnist-mlp", "--set", "augmentation=3"], "augmentation is a list of steps"),
        (["mnist-mlp", "--device", "tpu"], "no 'tpu'"),
        (["mnist-mlp", "--set", "data=nothing"], "nothing"),
        (["mnist-cnn", "--set", f"layers={WIDE}"], "outputs take 30 MiB for one picture; at most 16 MiB"),
        (["mnist-cnn", "--set", f"layers={MANY}"], "at most 1,000 layers; this one has 3,841"),
    ],
)
def test_a_wrong_word_is_answered_with_a_sentence(arguments: list[str], message: str) -> None:
    for extra in ([], ["--json"]):
        run = core("train", *arguments, *extra)
        assert run.returncode == 1
        assert "Traceback" not in run.stderr + run.stdout
        assert message in (json.loads(run.stdout)["reason"] if extra else run.stderr)


def test_data_names_every_set_and_its_source() -> None:
    out = core("data").stdout
    assert "MNIST" in out
    assert "CIFAR-10" in out

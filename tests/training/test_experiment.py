import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.layers.specs import Activation, Conv, Flatten, Linear, Pool
from core.training.experiment import LIMITS, Augmentation, Experiment, ExperimentError

SMALL = (Flatten(), Linear(10))


@given(
    epochs=st.integers(1, 200),
    rate=st.floats(1e-6, 100, allow_nan=False),
    shift=st.floats(0, 16),
    shuffle=st.booleans(),
    filters=st.integers(1, 64),
)
def test_json_there_and_back(epochs: int, rate: float, shift: float, shuffle: bool, filters: int) -> None:
    experiment = Experiment(
        layers=(Conv(filters, (3, 5)), Activation(), Pool("max", 2), *SMALL),
        epochs=epochs,
        learning_rate=rate,
        augmentation=Augmentation(shift=shift),
        shuffle_pixels=shuffle,
    )
    again = Experiment.from_json(experiment.to_json())
    assert again == experiment
    assert again.key == experiment.key


def test_equal_settings_have_equal_keys_however_they_are_written() -> None:
    key = Experiment(layers=(Conv(8, 3), *SMALL), learning_rate=1.0).key
    assert Experiment(layers=[Conv(8, [3, 3]), *SMALL], learning_rate=1).key == key  # type: ignore[arg-type]
    assert len(key) == 16
    assert int(key, 16) >= 0


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"epochs": 4},
        {"data": "mnist-5k"},
        {"shuffle_pixels": True},
        {"augmentation": Augmentation(shift=1)},
    ],
)
def test_every_setting_is_in_the_key(change: dict[str, object]) -> None:
    assert Experiment(layers=SMALL, **change).key != Experiment(layers=SMALL).key  # type: ignore[arg-type]


def test_the_key_is_the_same_in_another_process() -> None:
    code = (
        "from core.layers.specs import *; from core.training.experiment import Experiment;"
        "print(Experiment(layers=(Flatten(), Linear(10))).key)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == Experiment(layers=SMALL).key


@pytest.mark.parametrize("name", sorted(set(LIMITS) - {"shift", "rotate", "scale"}))
@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), 1e12, "7", None, True, [1]])
def test_values_outside_their_limits_are_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ExperimentError, match=name):
        Experiment(layers=SMALL, **{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not json", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "layers"),
        ('{"layers": []}', "at least one"),
        ('{"layers": [{"layer": "os.system"}]}', "layer"),
        ('{"layers": [{"layer": "Linear"}]}', "needs"),
        ('{"layers": [{"layer": "Linear", "units": 10, "evil": 1}]}', "evil"),
        ('{"layers": [{"layer": "Flatten"}], "nonsense": 1}', "nonsense"),
        ('{"layers": [{"layer": "Flatten"}], "augmentation": [1]}', "augmentation"),
        ('{"layers": [{"layer": "Flatten"}], "augmentation": {"shear": 1}}', "augmentation"),
        ('{"layers": [{"layer": "Flatten"}], "schema": 99}', "version"),
        ('{"layers": [{"layer": "Flatten"}], "optimizer": "magic"}', "optimizer"),
        ("1" * 1_000_001, "million"),
    ],
)
def test_a_spec_that_cannot_be_is_refused_with_a_sentence(text: str, message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        Experiment.from_json(text)


def test_a_spec_may_leave_out_what_has_a_default() -> None:
    text = json.dumps({"layers": [{"layer": "Flatten"}, {"layer": "Linear", "units": 10}]})
    assert Experiment.from_json(text) == Experiment(layers=SMALL)

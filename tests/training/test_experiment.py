import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.layers.specs import Activation, Conv, Flatten, Linear, Pool
from core.training.augmentation.pipeline import Pipeline, random_affine
from core.training.augmentation.specs import Affine, HorizontalFlip, Normalize, Rotation
from core.training.experiment import FIELD_NAMES, LIMITS, Experiment, ExperimentError
from core.training.run_changes import with_rate

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
        augmentation=random_affine(shift=shift),
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
        {"augmentation": random_affine(shift=1)},
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


@pytest.mark.parametrize("name", sorted(LIMITS))
@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), 1e12, 10**400, "7", None, True, [1]])
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
        ('{"layers": [{"layer": "Flatten"}], "augmentation": {"twist": 1}}', "augmentation"),
        ('{"layers": [{"layer": "Flatten"}], "augmentation": {"shift": 99}}', "shift of Affine"),
        ('{"layers": [{"layer": "Flatten"}], "augmentation": [{"step": "Twist"}]}', "step"),
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


def test_the_form_of_before_there_were_pipelines_is_one_affine_step() -> None:
    document = json.loads(Experiment(layers=SMALL).to_json())
    moving = Experiment(layers=SMALL, augmentation=random_affine(shift=4, rotate=20, scale=0.15))
    for old, now in (
        ({"shift": 4.0, "rotate": 20.0, "scale": 0.15}, moving),
        ({"shift": 0.0, "rotate": 0.0, "scale": 0.0}, Experiment(layers=SMALL)),
    ):
        read = Experiment.from_json(json.dumps({**document, "augmentation": old}))
        assert read == now
        assert read.key == now.key
    assert moving.augmentation.steps == (Affine(4, 20, 0.15),)


def test_a_preset_of_augmentation_may_be_named() -> None:
    document = json.loads(Experiment(layers=SMALL).to_json())
    named = Experiment.from_json(json.dumps({**document, "augmentation": "standard"}))
    assert [step.name for step in named.augmentation.steps] == ["PaddedCrop", "HorizontalFlip"]


def test_steps_that_change_nothing_are_no_other_experiment() -> None:
    idle = Pipeline((Rotation(0), HorizontalFlip(0.5), Affine()))
    assert Experiment(layers=SMALL, augmentation=idle) == Experiment(
        layers=SMALL, augmentation=Pipeline((HorizontalFlip(0.5),))
    )


def test_normalizing_is_not_an_augmentation() -> None:
    with pytest.raises(ExperimentError, match="Leave Normalize out"):
        Experiment(layers=SMALL, augmentation=Pipeline((Normalize(),)))


# The keys that commit 4334778 gave to experiments with every field that has another name now.
FORMER = json.loads(
    (Path(__file__).parent / "data" / "experiments_4334778.json").read_text(encoding="utf-8")  # {key: canonical JSON}
)


@pytest.mark.parametrize("key", FORMER)
def test_an_experiment_written_before_fields_were_renamed_keeps_its_key(key: str) -> None:
    document = FORMER[key]
    read = Experiment.from_json(json.dumps(document))
    assert read.key == key
    assert json.loads(read.to_json()) == document
    today = {FIELD_NAMES.get(name, name): value for name, value in document.items()}
    assert Experiment.from_json(json.dumps(today)) == read


def test_every_former_name_is_read_as_the_field_of_today() -> None:
    settings = {
        "head_rate": 2.0,
        "rest_rate": 0.5,
        "dirac": True,
        "small_first": 0.25,
        "changes": [[3, 0.01]],
        "stop_at": 7,
        "parent": "0123456789abcdef",
    }
    assert settings.keys() == FIELD_NAMES.keys()
    document = json.loads(Experiment(layers=SMALL).to_json())
    read = Experiment.from_json(json.dumps(document | settings))
    assert (read.head_lr_factor, read.non_matrix_lr_factor, read.low_res_fraction) == (2.0, 0.5, 0.25)
    assert (read.dirac_init, read.lr_changes, read.stop_step) == (True, ((3, 0.01),), 7)
    assert read.parent_run == "0123456789abcdef"


def test_a_field_under_both_its_names_is_refused() -> None:
    document = json.loads(Experiment(layers=SMALL).to_json())
    with pytest.raises(ExperimentError, match="dirac_init"):
        Experiment.from_json(json.dumps(document | {"dirac": True, "dirac_init": False}))


@pytest.mark.parametrize("rate", [0.0, 1e9, float("nan")])
def test_a_rate_beyond_its_limits_is_refused_with_them(rate: float) -> None:
    with pytest.raises(ExperimentError, match="1e-06 to 100"):
        with_rate(Experiment(layers=SMALL), 3, rate)

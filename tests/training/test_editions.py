"""Runs on pictures that an earlier version of the app had under the same name are not taken for runs on today's."""

import hashlib
import json

import pytest

from core import data
from core.data.embedded_editions import EDITIONS, former_identity
from core.layers.specs import Flatten, Linear
from core.training.experiment import EDITION, Experiment, ExperimentError

DIGITS = Experiment(layers=(Flatten(), Linear(10)), data="mnist-5k")


def as_edition_1(experiment: Experiment) -> str:
    """The JSON as it was written before there were editions."""
    told = json.loads(experiment.to_json())
    del told[EDITION]
    return json.dumps(told, sort_keys=True, separators=(",", ":"))


def test_the_key_holds_which_pictures_a_name_stands_for() -> None:
    before = as_edition_1(DIGITS)
    assert hashlib.sha256(before.encode()).hexdigest()[:16] != DIGITS.key
    assert json.loads(DIGITS.to_json())[EDITION] == EDITIONS["mnist-5k"] == 2
    assert Experiment.from_json(DIGITS.to_json()) == DIGITS


def test_other_data_keeps_its_keys() -> None:
    assert EDITION not in json.loads(Experiment(layers=DIGITS.layers, data="mnist").to_json())


def test_a_run_that_was_kept_names_the_pictures_it_was_tested_on() -> None:
    assert Experiment.from_store(as_edition_1(DIGITS)).data == former_identity("mnist-5k") == "mnist-5k@1"
    assert Experiment.from_store(DIGITS.to_json()) == DIGITS


def test_settings_without_an_edition_mean_the_pictures_of_now() -> None:
    assert Experiment.from_json(as_edition_1(DIGITS)) == DIGITS


def test_settings_of_another_edition_are_refused_in_a_sentence() -> None:
    with pytest.raises(ExperimentError, match=r"other pictures than this version's mnist-5k"):
        Experiment.from_json(json.dumps({**json.loads(DIGITS.to_json()), EDITION: 3}))


@pytest.mark.parametrize("ask", [data.resolve, data.info, data.load, lambda name: data.load(name, exact=True)])
def test_pictures_of_before_are_said_to_be_gone(ask: object) -> None:
    with pytest.raises(data.DataError, match=r"Train it again"):
        ask(former_identity("mnist-5k"))  # type: ignore[operator]

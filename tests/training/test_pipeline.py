import json
from dataclasses import fields, replace

import pytest

from core.training.augmentation.pipeline import MAX_STEPS, PRESETS, Pipeline, random_affine
from core.training.augmentation.specs import (
    KINDS,
    Affine,
    CutMix,
    HorizontalFlip,
    Mixup,
    Normalize,
    Rotation,
    from_data,
    to_data,
)
from core.training.augmentation.step import Choice, PipelineError, Range, Step, settings

ALWAYS = {"AutoAugment", "TrivialAugment"}  # steps without a strength


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
def test_every_step_goes_to_json_and_back_at_both_ends_of_every_setting(kind: type[Step]) -> None:
    assert from_data({"step": kind.__name__}) == kind()
    for name, setting in settings(kind).items():
        ends = (setting.low, setting.high) if isinstance(setting, Range) else setting.options
        for end in ends:
            step = replace(kind(), **{name: type(getattr(kind(), name))(end)})
            again = from_data(json.loads(json.dumps(to_data(step))))
            assert again == step
            assert hash(again) == hash(step)


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
def test_every_step_refuses_what_is_outside_its_limits_by_name(kind: type[Step]) -> None:
    for name, setting in settings(kind).items():
        wrong = [None, [1], {}, "much", float("nan"), float("inf")]
        if isinstance(setting, Range):
            wrong += [setting.low - 1, setting.high + 1, True]
        else:
            wrong += [2]
        for value in wrong:
            with pytest.raises(PipelineError, match=f"{name} of {kind.__name__}"):
                kind(**{name: value})
    with pytest.raises(PipelineError, match="evil"):
        from_data({"step": kind.__name__, "evil": 1})


def test_every_setting_says_what_it_does() -> None:
    for kind in KINDS.values():
        assert kind.__doc__
        for item in fields(kind):
            setting = item.metadata["setting"]
            assert isinstance(setting, Range | Choice)
            assert setting.help


def test_every_step_but_some_has_a_strength_at_which_it_is_idle() -> None:
    idle = {
        "ResizedCrop": {"least": 1, "stretch": 1},
        "Blur": {"sigma": 0.1},
        "Normalize": {"mean": 0, "std": 1},
    }
    for name in set(KINDS) - ALWAYS:
        kind = KINDS[name]
        zeros = {n: 0 for n, s in settings(kind).items() if isinstance(s, Range) and s.low == 0}
        assert kind(**idle.get(name, zeros)).idle
        assert not kind().idle or name == "Affine"


def test_one_and_one_point_zero_are_one_pipeline() -> None:
    assert Pipeline((Rotation(10),)).to_json() == Pipeline((Rotation(10.0),)).to_json()


def test_an_alternating_flip_has_no_chance_to_set() -> None:
    assert HorizontalFlip(0.2, alternating=True) == HorizontalFlip(0.9, alternating=True)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_there_and_back(name: str) -> None:
    assert Pipeline.from_json(PRESETS[name].to_json()) == PRESETS[name]
    assert Pipeline.from_data(name) == PRESETS[name]
    assert bool(PRESETS[name]) == (name != "none")


def test_mixing_comes_last_and_once() -> None:
    for steps in ((Mixup(), Rotation()), (Mixup(), CutMix())):
        with pytest.raises(PipelineError, match="at its end"):
            Pipeline(steps)
    assert Pipeline((Rotation(), Mixup())).mixing == Mixup()


def test_what_training_takes_of_a_pipeline() -> None:
    assert Pipeline((Rotation(0), Rotation(5), Normalize())).trainable == Pipeline((Rotation(5),))


def test_moved_is_one_affine_step_or_none() -> None:
    assert random_affine(shift=1) == Pipeline((Affine(shift=1),))
    assert not random_affine()
    assert random_affine().affine == Affine()
    assert PRESETS["strong"].affine is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no", "not JSON"),
        ("[" * 19_000, "not JSON"),
        ("3", "list of steps"),
        ('"magic"', "list of steps"),
        ('{"twist": 1}', "list of steps"),
        ('[{"step": "os.system"}]', 'a "step"'),
        ("[1]", 'a "step"'),
        ('[{"step": ["Rotation"]}]', 'a "step"'),
        (json.dumps([{"step": "Rotation"}] * (MAX_STEPS + 1)), "at most"),
        ('[{"step": "Rotation", "degrees": NaN}]', "finite"),
        (" " * 20_001, "at most"),
    ],
)
def test_a_pipeline_that_cannot_be_is_refused_with_a_sentence(text: str, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        Pipeline.from_json(text)

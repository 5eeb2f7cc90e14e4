"""Settings as text: canonical and back, and a reason for all that a setting cannot be."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ui.state.url_values import Choice, Flag, Number, Refused, Several, Text, plain

WHOLE, PART = Number("Epochs", 1, 20), Number("Rate", 0.0, 0.8, 0.05)
NAMES = Choice("Budget", ("free", "parameters", "time"), {"free": "Free", "parameters": "Same", "time": "Time"}.get)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("999999", "more than 20"),
        ("0", "less than 1"),
        ("2.5", "whole"),
        ("inf", "number"),
        ("nan", "number"),
        ("1e999", "number"),
        ("9" * 400, "number"),
        ("", "number"),
        ("three", "number"),
        ("\0", "number"),
        ("1,2", "number"),
        ("0,5", "number"),
        ("1,,,", "number"),
        ("1_0", "number"),
        (".", "number"),
        ("0x10", "number"),
    ],
)
def test_a_number_that_cannot_be(text: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        WHOLE.read(text)


@pytest.mark.parametrize(("text", "reason"), [("0.07", "steps of 0.05"), ("0.9", "more than 0.8"), ("-1", "less")])
def test_a_fraction_that_cannot_be(text: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        PART.read(text)


@pytest.mark.parametrize(
    ("text", "value"), [("5", 5), ("5.0", 5), (" 7 ", 7), ("1e1", 10), ("+3", 3), ("\N{FULLWIDTH DIGIT FIVE}", 5)]
)
def test_a_whole_number_is_read(text: str, value: int) -> None:
    found = WHOLE.read(text)
    assert found == value
    assert isinstance(found, int)


def test_numbers_as_links_wrote_them_once() -> None:
    assert Number("Images", 0, 60_000).read("5,000") == 5_000
    assert Choice("Images", (1_000, 5_000)).read("5,000") == 5_000
    assert Choice("Rate", (0.001, 0.003)).read("0.0030") == 0.003


@given(st.integers(0, 16))
def test_a_step_comes_back(steps: int) -> None:
    value = round(steps * 0.05, 10)
    assert PART.read(PART.write(value)) == pytest.approx(value)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for setting in (WHOLE, PART, NAMES, Flag("On"), Several(NAMES, 2), Text("Link", 5)):
        try:
            value = setting.read(text)
        except Refused:
            continue
        if isinstance(value, float):
            assert math.isfinite(value)
        assert setting.read(setting.write(value)) == value


@pytest.mark.parametrize(
    ("text", "canonical"), [("-0", "0"), ("\N{MINUS SIGN}0", "0"), ("1e-320", "0"), ("0.1500001", "0.15")]
)
def test_a_number_has_one_text(text: str, canonical: str) -> None:
    assert PART.write(PART.read(text)) == canonical


def test_a_choice_is_its_value_and_a_name_of_before() -> None:
    assert NAMES.write("parameters") == "parameters"
    assert NAMES.read("Same") == "parameters"
    with pytest.raises(Refused):
        NAMES.read("Nope")


def test_several_choices() -> None:
    setting = Several(NAMES, 2)
    assert setting.read("time,free") == ["time", "free"]
    assert setting.write(["time", "free"]) == "time,free"
    assert setting.read("") == []
    for text in ("free,free", "free,time,parameters", "free,", "x"):
        with pytest.raises(Refused):
            setting.read(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5_000, "5000"),
        (5_000.0, "5000"),
        (0.1, "0.1"),
        (1e-05, "1e-05"),
        (-0.0, "0"),
        (1e-320, "0"),
        (True, "true"),
        ("a", "a"),
    ],
)
def test_values_are_short_text(value: object, text: str) -> None:
    assert plain(value) == text

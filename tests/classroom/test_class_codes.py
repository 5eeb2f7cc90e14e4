"""A class code gives a signed identity for one lesson; nothing else gives one, and guessing is slow."""

import pytest
from itsdangerous import URLSafeTimedSerializer

from core.classroom import class_codes
from core.classroom.class_codes import Arrivals, Attempts, SignInError
from core.runs.person import Person

KEY = b"k" * 32
HOME = "192.0.2.1"


@pytest.fixture(autouse=True)
def class_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNLAB_CLASS_CODE", "Blue Heron")
    monkeypatch.setenv("CNNLAB_INSTRUCTOR_CODE", "gray-owl-7")


def enter(typed: str = "blue heron", name: str = "Ada") -> Person:
    return class_codes.enter(typed, name, HOME, Attempts(), Arrivals())


def test_the_code_gives_the_role() -> None:
    assert (enter().role, enter(" BLUE HERON ").role, enter("gray-owl-7").role) == (*["student"] * 2, "instructor")
    assert enter().id != enter().id
    for wrong in ("", "blue", "blueheron2", "heron blue", "gray-owl-", "\0", "x" * 10_000):
        with pytest.raises(SignInError):
            enter(wrong)


def test_a_code_that_is_too_short_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNLAB_CLASS_CODE", "abc")
    monkeypatch.delenv("CNNLAB_INSTRUCTOR_CODE")
    assert not class_codes.offered()
    for typed in ("abc", ""):
        with pytest.raises(SignInError):
            enter(typed)


def test_a_class_has_a_name_that_does_not_tell_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    named = class_codes.class_name(KEY)
    assert named.startswith("Class ")
    assert class_codes.class_name(KEY) == named != class_codes.class_name(b"j" * 32)
    monkeypatch.setenv("CNNLAB_CLASS_CODE", "BLUE  heron")
    assert class_codes.class_name(KEY) == named, "the same code, typed otherwise"
    monkeypatch.setenv("CNNLAB_CLASS_CODE", "Red Kite")
    assert class_codes.class_name(KEY) != named
    monkeypatch.setenv("CNNLAB_CLASS_NAME", "  8b\n Monday ")
    assert class_codes.class_name(KEY) == "8b Monday"
    for name in ("CNNLAB_CLASS_NAME", "CNNLAB_CLASS_CODE"):
        monkeypatch.delenv(name)
    assert class_codes.class_name(KEY) == ""


def test_the_token_is_read_again() -> None:
    for person in (enter(), enter("gray-owl-7", "Ms. Noether"), enter(name="Ødegård-李")):
        assert class_codes.verified(class_codes.signed(person, KEY), KEY) == person


@pytest.mark.parametrize("changed", ["code", "key", "age", "role", "text"])
def test_a_token_of_another_time_or_hand_is_refused(monkeypatch: pytest.MonkeyPatch, changed: str) -> None:
    token = class_codes.signed(enter(), KEY)
    key = KEY
    match changed:
        case "code":
            monkeypatch.setenv("CNNLAB_CLASS_CODE", "Red Kite")
        case "key":
            key = b"j" * 32
        case "age":
            monkeypatch.setattr(class_codes, "LESSON_SECONDS", -1)
        case "role":  # the word on the board does not sign for the instructor
            serializer = URLSafeTimedSerializer(KEY, salt="class instructor blueheron")
            token = str(serializer.dumps(["x", "Ada"]))
        case "text":
            payload, rest = token.split(".", 1)
            token = f"{payload[:-2]}AA.{rest}"
    assert class_codes.verified(token, key) is None


def test_without_an_instructor_code_nobody_instructs(monkeypatch: pytest.MonkeyPatch) -> None:
    token = class_codes.signed(enter("gray-owl-7"), KEY)
    monkeypatch.delenv("CNNLAB_INSTRUCTOR_CODE")
    assert class_codes.verified(token, KEY) is None
    forged = class_codes.signed(Person("x", "Ada", "instructor", "class code"), KEY)  # signed for an empty code
    assert class_codes.verified(forged, KEY) is None


@pytest.mark.parametrize("token", ["", ".", "a.b.c", "x" * 5_000, "ab12." + "A" * 43, "\ud800", "é.é.é"])
def test_a_made_up_token_is_nobodys(token: str) -> None:
    assert class_codes.verified(token, KEY) is None


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  Ada   Lovelace ", "Ada Lovelace"),
        ("A\u202eb\u200b", "A b"),
        ("<b>x</b>", "<b>x</b>"),
        ("Ａda", "Ada"),
        ("Ad\u3164a\xad", "Ad a"),
    ],
)
def test_a_name_is_one_plain_line(typed: str, shown: str) -> None:
    assert class_codes.clean_name(typed) == shown


@pytest.mark.parametrize(
    "name",
    ["", " ", "\u202e\u200b", "\u3164", "...", "x" * 25, "ﷺ" * 24, "Student 7", "guest 12ab", "You", "INSTRUCTOR"],
)
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(SignInError):
        class_codes.clean_name(name)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def wrong(attempts: Attempts, address: str = HOME) -> str:
    with pytest.raises(SignInError) as refused:
        class_codes.enter("wrong", "Ada", address, attempts, Arrivals())
    return str(refused.value)


def test_guessing_is_slow_and_the_right_code_waits_as_well() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    for _ in range(Attempts.BURST):
        assert "wait" not in wrong(attempts)
    assert "wait 6 seconds" in wrong(attempts)
    with pytest.raises(SignInError, match="wait"):  # else the right code would be found all the same
        class_codes.enter("blue heron", "Ada", HOME, attempts, Arrivals())
    assert class_codes.enter("blue heron", "Ada", "192.0.2.2", attempts, Arrivals()).role == "student"
    clock.now += 6.0
    assert "wait" not in wrong(attempts)
    assert "wait" in wrong(attempts)
    clock.now += 3600.0
    guesses = 0
    for _ in range(600):  # ten minutes
        clock.now += 1.0
        guesses += "wait" not in wrong(attempts)
    assert abs(guesses - (Attempts.BURST + 600 / Attempts.REFILL_SECONDS)) <= 1


def test_a_class_behind_one_address_signs_in_at_once_and_no_machine_is_thousands() -> None:
    clock = Clock()
    attempts, arrivals = Attempts(clock), Arrivals(clock)

    def come(code: str = "blue heron", address: str = HOME) -> Person:
        return class_codes.enter(code, "Ada", address, attempts, arrivals)

    assert len({come().id for _ in range(Arrivals.BURST)}) == Arrivals.BURST >= 2 * 300
    with pytest.raises(SignInError, match="wait 3 seconds"):
        come()
    assert come("gray-owl-7").role == "instructor"
    assert come(address="192.0.2.2")
    clock.now += 3.0
    assert come()
    with pytest.raises(SignInError, match="wait"):
        come()


def test_many_addresses_together_are_slowed_as_well() -> None:
    attempts = Attempts(Clock())
    free = sum("wait" not in wrong(attempts, f"198.51.100.{i}") for i in range(400))
    assert free == Attempts.BURST * Attempts.ALL


@pytest.mark.parametrize(
    ("address", "network"),
    [("2001:db8::1", "2001:db8::/64"), ("::ffff:192.0.2.7", "192.0.2.7"), (None, ""), ("localhost", "")],
)
def test_a_network_is_one_address_or_what_one_house_has(address: str | None, network: str) -> None:
    assert class_codes.network_of(address) == network

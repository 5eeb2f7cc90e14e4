"""Class codes: a word on the board gives a signed identity for one lesson, without an account or an e-mail address.

The host sets CNNLAB_CLASS_CODE, and CNNLAB_INSTRUCTOR_CODE for who teaches. The signature covers the code and the role:
once the code is another, every identity given for the earlier one is refused.
"""

import hashlib
import hmac
import ipaddress
import math
import os
import re
import secrets
import threading
import time
import unicodedata
from collections.abc import Callable

from itsdangerous import BadData, URLSafeTimedSerializer

from core.runs.one_line import one_line
from core.runs.person import Person, Role

CLASS_NAME = "CNNLAB_CLASS_NAME"  # what the class is called on the board
VARIABLES: dict[Role, str] = {"student": "CNNLAB_CLASS_CODE", "instructor": "CNNLAB_INSTRUCTOR_CODE"}
MIN_LETTERS = 4  # of a code: a shorter one counts as none
MAX_LETTERS = 100  # of what is typed
LESSON_SECONDS = 12 * 3600
MAX_NAME = 24  # characters
MAX_TOKEN = 1_000  # characters
ID_BYTES = 12
_GIVEN = re.compile(r"(student|guest|instructor|you)\b", re.IGNORECASE)  # names that the app itself gives


class SignInError(ValueError):
    """Raised for a code or a name that is refused; the message is a sentence."""


def code(role: Role) -> str:
    """Return the code for a role, in the form in which codes are compared; empty if the host set none."""
    word = _plain(os.environ.get(VARIABLES[role], ""))
    return word if len(word) >= MIN_LETTERS else ""


def offered() -> bool:
    """Return whether the host set a class code."""
    return bool(code("student"))


def class_name(key: bytes) -> str:
    """Return what the class is called: as the host says, else by a digest of its code that nobody without `key` finds.

    "" where there is neither a name nor a code.
    """
    if name := one_line(os.environ.get(CLASS_NAME, ""), MAX_NAME):
        return name
    word = code("student")
    return f"Class {hmac.new(key, word.encode(), hashlib.sha256).hexdigest()[:4]}" if word else ""


def role_of(typed: str) -> Role | None:
    """Return the role that a typed code gives; None for a wrong one."""
    word = _plain(typed[:MAX_LETTERS]).encode()
    matching: list[Role] = []
    for role in VARIABLES:  # all of them, so that the time taken tells nothing
        if (expected := code(role)) and hmac.compare_digest(word, expected.encode()):
            matching.append(role)
    return matching[0] if matching else None


def enter(typed: str, name: str, address: str, attempts: "Attempts", arrivals: "Arrivals") -> Person:
    """Return a new person for a code and a name typed at an address.

    Raises:
        SignInError: The code is wrong, the name cannot be shown, or too many wrong codes or too many students came
            from this address.
    """
    shown = clean_name(name)
    attempts.take(address)
    role = role_of(typed)
    if role is None:
        raise SignInError("This is not the code of this class: look at the board, and type it again.")
    attempts.give_back(address)
    if role == "student":  # nobody keeps who teaches out
        arrivals.take(address)
    return Person(secrets.token_hex(ID_BYTES), shown, role, "class code")


def clean_name(name: str) -> str:
    """Return a name as one line without unseen characters.

    Raises:
        SignInError: Nothing is left of it, it is too long, or it is a name that the app gives.
    """
    cleaned = one_line(unicodedata.normalize("NFKC", name[: 10 * MAX_NAME]), 10 * MAX_NAME)
    if not any(one.isalnum() for one in cleaned):
        raise SignInError("Type your first name or a nickname, so that others can tell your runs from theirs.")
    if len(cleaned) > MAX_NAME:
        raise SignInError(f"This name is too long: type at most {MAX_NAME} characters.")
    if _GIVEN.match(cleaned):
        raise SignInError("The app gives names like this one itself: type your first name or a nickname.")
    return cleaned


def signed(person: Person, key: bytes) -> str:
    """Return the token of a person who typed the class code."""
    return str(_signer(key, person.role).dumps([person.id, person.shown]))


def verified(token: str, key: bytes) -> Person | None:
    """Return the person of a token; None if it is not ours, of an earlier code, or older than a lesson."""
    if not 0 < len(token) <= MAX_TOKEN:
        return None
    for role in VARIABLES:
        if code(role):
            try:
                id, shown = _signer(key, role).loads(token, max_age=LESSON_SECONDS)
                return Person(id, shown, role, "class code")
            except (BadData, ValueError, TypeError):
                continue
    return None


class Attempts:
    """Counts wrong codes by address, and refuses more while there were too many. Any number of threads may use it.

    Each address has tokens: a wrong code takes one, and they come back slowly. A class that sits behind one address may
    mistype BURST times at once; who guesses by machine gets one guess every REFILL_SECONDS.
    """

    BURST = 30
    REFILL_SECONDS = 6.0
    ALL = 10  # so many times as much is allowed from all addresses together
    MAX_ADDRESSES = 10_000
    REFUSAL = "Too many wrong codes"

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start without any wrong code."""
        self._clock = clock
        self._lock = threading.Lock()
        self._spent: dict[str, tuple[float, float]] = {}  # by address: wrong codes, and when that was

    def take(self, address: str) -> None:
        """Count one more try. Raise SignInError, with the seconds to wait, if none is left for this address now."""
        with self._lock:
            wait = max(self._wait(address, 1), self._wait("all", self.ALL))
            if wait <= 0:
                self._add(address, 1)
        if wait > 0:
            raise SignInError(f"{self.REFUSAL}: wait {math.ceil(wait)} seconds, then try again.")

    def give_back(self, address: str) -> None:
        """Count the last try no longer: its code was right."""
        with self._lock:
            self._add(address, -1)

    def _add(self, address: str, count: int) -> None:
        if len(self._spent) >= self.MAX_ADDRESSES:
            self._spent = {name: spent for name, spent in self._spent.items() if self._left(name, 1) > 0}
        for name, times in ((address, 1), ("all", self.ALL)):
            self._spent[name] = (max(0.0, self._left(name, times) + count), self._clock())

    def _left(self, name: str, times: int) -> float:
        """Return how many wrong codes still count."""
        spent, at = self._spent.get(name, (0.0, 0.0))
        return max(0.0, spent - times * (self._clock() - at) / self.REFILL_SECONDS)

    def _wait(self, name: str, times: int) -> float:
        return (self._left(name, times) + 1 - times * self.BURST) * self.REFILL_SECONDS / times


class Arrivals(Attempts):
    """Counts students who came in with the right code: whoever knows it could be thousands of people at once.

    A class of 300 behind one address signs in twice at once, and 1,200 do in an hour.
    """

    BURST = 600
    REFILL_SECONDS = 3.0
    REFUSAL = "Very many people came in from your network"


def network_of(address: str | None) -> str:
    """Return what limits count as one address: an IPv4 address, or a /64 network of IPv6; "" for one not known.

    Examples:
        >>> network_of("192.0.2.7"), network_of("2001:db8:1:2:3::4"), network_of("?")
        ('192.0.2.7', '2001:db8:1:2::/64', '')
    """
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)


def _plain(word: str) -> str:
    """Return a code as it is compared: whatever its case and its spaces."""
    return "".join(unicodedata.normalize("NFKC", word).casefold().split())


def _signer(key: bytes, role: Role) -> URLSafeTimedSerializer:
    how = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeTimedSerializer(key, salt=f"class {role} {code(role)}", signer_kwargs=how)

"""Identify the user: by OpenID Connect, by a class code, or by a random name in a signed cookie.

Cookies are signed with a key of this home, so that nobody can forge one. Nothing but hosting asks for more than the
random name: `[auth]` in Streamlit's secrets asks for OpenID Connect, CNNLAB_CLASS_CODE for a code.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import streamlit as st
from filelock import FileLock

from core import app_paths
from core.classroom import class_codes
from core.runs.person import Person, Role, guest_name
from core.ui.messages import hosting

COOKIE = "cnnlab_person"
CLASS_COOKIE = "cnnlab_class"
KEY_FILE = "identity.key"
NAME_BYTES, KEY_BYTES = 12, 32
MAX_CHARACTERS = 200  # of a cookie: a longer one is not ours
COOKIE_DAYS = 400  # browsers keep cookies no longer
NAME, TOKEN = "person", "class_token"  # session keys
INSTRUCTORS = "CNNLAB_INSTRUCTORS"  # e-mail addresses, separated by commas
ROLES_CLAIM = "roles"


def owner() -> str:
    """Return the user's id: that of their sign-in, else one that all tabs of a browser share."""
    if (found := signed_in()) is not None:
        return found.id
    if NAME not in st.session_state:
        st.session_state[NAME] = verified(_cookie(COOKIE)) or secrets.token_hex(NAME_BYTES)
    return str(st.session_state[NAME])


def person() -> Person:
    """Return the user: who owns what they submit, what others see of them, and their role."""
    if (found := signed_in()) is not None:
        return found
    name = owner()
    if not hosting.hosted():
        return Person(name, "You", "instructor", "browser")
    return Person(name, guest_name(name), "student", "browser", address(), _class_name())


def signed_in() -> Person | None:
    """Return the user as they signed in; None if they did not."""
    if st.user.get("email") or st.user.get("sub"):
        found = from_claims(dict(st.user))
        return replace(found, class_name=_class_name()) if hosting.hosted() else replace(found, role="instructor")
    if not (hosting.hosted() and class_codes.offered()):
        return None
    token = st.session_state.setdefault(TOKEN, _cookie(CLASS_COOKIE))
    entered = class_codes.verified(token, _key(app_paths.home()))
    return entered and replace(entered, address=address(), class_name=_class_name())


def _class_name() -> str:
    """Return what the class of everybody here is called."""
    return class_codes.class_name(_key(app_paths.home()))


def openid_offered() -> bool:
    """Return whether the host set up OpenID Connect."""
    return hosting.hosted() and "is_logged_in" in st.user


def must_sign_in() -> bool:
    """Return whether the host asks everybody to sign in, and this user did not."""
    return hosting.hosted() and (openid_offered() or class_codes.offered()) and signed_in() is None


def enter(found: Person) -> None:
    """Begin to be a person who typed the class code, or who changed their name."""
    st.session_state[TOKEN] = class_codes.signed(found, _key(app_paths.home()))


def leave() -> None:
    """End being that person, in this session and in the browser."""
    forget()
    _set_cookie(CLASS_COOKIE, "", 0)


def forget() -> None:
    """End being that person in this session."""
    st.session_state[TOKEN] = ""


def address() -> str:
    """Return a digest of the network that the user comes from, which limits count by; "" if it is not known.

    Nobody without this home's key finds the network: the address itself is stored nowhere.
    """
    network = class_codes.network_of(st.context.ip_address)
    return _signature(f"network {network}") if network else ""


def from_claims(claims: Mapping[str, object]) -> Person:
    """Return the person of an ID token's claims, or of a proxy's headers, which hold an e-mail address alone.

    No address is kept: the id is a digest of the provider and its name for the person.
    """
    email = str(claims.get("email") or "").strip()
    id = email
    if subject := claims.get("sub"):
        id = hashlib.sha256(f"{claims.get('iss')} {subject}".encode(errors="replace")).hexdigest()[: 2 * NAME_BYTES]
    name = claims.get("name") or claims.get("given_name") or claims.get("preferred_username") or email
    try:
        shown = class_codes.clean_name(str(name).partition("@")[0][: class_codes.MAX_NAME])
    except class_codes.SignInError:
        shown = guest_name(id)
    return Person(id, shown, _role(claims, email), "openid")


def _role(claims: Mapping[str, object], email: str) -> Role:
    """Return the role by the host's list, for an address that the provider has not called unverified, or by claim."""
    listed = {one.strip().casefold() for one in os.environ.get(INSTRUCTORS, "").split(",") if one.strip()}
    verified_email = str(claims.get("email_verified", True)).casefold() != "false"
    roles = claims.get(ROLES_CLAIM)
    claimed = "instructor" in (roles if isinstance(roles, list | tuple) else str(roles or "").split())
    return "instructor" if claimed or (verified_email and email.casefold() in listed) else "student"


def remember() -> None:
    """Store who the user is in the browser, unless it is stored already.

    Call this at the end of every run of the app, where its element takes no visible space. Streamlit's server cannot
    set cookies, so a line of script in the page does. If cookies are blocked, the name lasts as long as the session.
    """
    token = st.session_state.get(TOKEN)
    if token and token != _cookie(CLASS_COOKIE):
        _set_cookie(CLASS_COOKIE, token, int(class_codes.LESSON_SECONDS))
    if signed_in() is not None or verified(_cookie(COOKIE)) == (name := owner()):
        return
    _set_cookie(COOKIE, signed(name), COOKIE_DAYS * 24 * 3600)


def _cookie(key: str) -> str:
    """Return the value of a cookie that the browser sent; "" if it sent none."""
    value: object = st.context.cookies.get(key, "")
    return value.strip('"') if isinstance(value, str) else ""


def _set_cookie(key: str, value: str, seconds: int) -> None:
    """Store a cookie for so many seconds; 0 deletes it."""
    cookie = f"{key}={value}; path=/; max-age={seconds}; samesite=lax"
    script = f"document.cookie = {json.dumps(cookie)} + (location.protocol === 'https:' ? '; secure' : '')"
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)


def signed(name: str) -> str:
    """Return the cookie for `name`: the name with its signature."""
    return f"{name}.{_signature(name)}"


def verified(cookie: str) -> str | None:
    """Return the name in a cookie, or None for a cookie that this home did not sign."""
    name, dot, signature = cookie[:MAX_CHARACTERS].strip('"').partition(".")
    if not (name and dot and signature.isascii()):
        return None
    return name if hmac.compare_digest(signature, _signature(name)) else None


def _signature(name: str) -> str:
    digest = hmac.new(_key(app_paths.home()), name.encode(errors="replace"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@lru_cache(maxsize=4)
def _key(home: Path) -> bytes:
    """Return this home's key, created on first use; in a read-only home, a key for this process."""
    path = home / KEY_FILE
    try:
        home.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):  # several servers may start in one home
            if not path.is_file() or path.stat().st_size != KEY_BYTES:
                path.touch(mode=0o600)
                path.write_bytes(secrets.token_bytes(KEY_BYTES))
            return path.read_bytes()
    except OSError:
        return secrets.token_bytes(KEY_BYTES)

"""Identify the user: by the name they signed in with, or by a random name in a signed cookie.

The cookie is signed with a key of this home, so that names cannot be forged.
"""

import base64
import hashlib
import hmac
import json
import secrets
from functools import lru_cache
from pathlib import Path

import streamlit as st
from filelock import FileLock

from core import places
from core.runs.person import Person
from core.ui.messages.hosting import hosted

COOKIE = "cnnlab_person"
KEY_FILE = "identity.key"
NAME_BYTES, KEY_BYTES = 12, 32
MAX_CHARACTERS = 200  # of a cookie: a longer one is not ours
COOKIE_DAYS = 400  # browsers keep cookies no longer
NAME = "person"  # session key


def owner() -> str:
    """Return the user's name: the one they signed in with, else one that all tabs of a browser share."""
    if st.user.get("email"):
        return str(st.user["email"])
    if NAME not in st.session_state:
        st.session_state[NAME] = verified(st.context.cookies.get(COOKIE, "")) or secrets.token_hex(NAME_BYTES)
    return str(st.session_state[NAME])


def person() -> Person:
    """Return the user: who owns what they submit, what others see of them, and their role."""
    name = owner()
    if not hosted():
        return Person(name, "You", "instructor", "browser")
    if st.user.get("email"):
        return Person(name, str(st.user.get("name") or name.partition("@")[0]), "student", "openid")
    return Person(name, f"Guest {hashlib.sha256(name.encode()).hexdigest()[:4]}", "student", "browser")


def remember() -> None:
    """Store the user's name in the browser, unless it is stored already.

    Call this at the end of every run of the app, where its element takes no visible space. Streamlit's server cannot
    set cookies, so a line of script in the page does. If cookies are blocked, the name lasts as long as the session.
    """
    if st.user.get("email"):
        return
    name = owner()
    if verified(st.context.cookies.get(COOKIE, "")) == name:
        return
    cookie = f"{COOKIE}={signed(name)}; path=/; max-age={COOKIE_DAYS * 24 * 3600}; samesite=lax"
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
    digest = hmac.new(_key(places.home()), name.encode(errors="replace"), hashlib.sha256).digest()
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

"""Who this person is: a signed name that the app gives each browser, or the name they signed in with.

The name stays in a cookie of the app's own. It is signed with a key of this home, so that nobody can make one up.
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

COOKIE = "cnnlab_person"
KEY_FILE = "identity.key"
NAME_BYTES, KEY_BYTES = 12, 32
LONGEST = 200  # letters of a cookie: what is longer is not ours
DAYS = 400  # as long as browsers keep a cookie
NAME = "person"  # in the session


def owner() -> str:
    """Return who uses this session: the name they signed in with, else the same name for all tabs of a browser."""
    if st.user.get("email"):
        return str(st.user["email"])
    if NAME not in st.session_state:
        st.session_state[NAME] = verified(st.context.cookies.get(COOKIE, "")) or secrets.token_hex(NAME_BYTES)
    return str(st.session_state[NAME])


def remember() -> None:
    """Give the browser its name, where it does not have it.

    Call it at the end of every run of the app: there its element takes no room that is seen. Streamlit's server sets
    no cookie of an app, so a line of script in the page does. A person who blocks cookies has a name for as long as
    the session lasts.
    """
    if st.user.get("email"):
        return
    name = owner()
    if verified(st.context.cookies.get(COOKIE, "")) == name:
        return
    cookie = f"{COOKIE}={signed(name)}; path=/; max-age={DAYS * 24 * 3600}; samesite=lax"
    line = f"document.cookie = {json.dumps(cookie)} + (location.protocol === 'https:' ? '; secure' : '')"
    st.html(f"<script>{line}</script>", unsafe_allow_javascript=True)


def signed(name: str) -> str:
    """Return the cookie that says `name`: the name, and what only this home's key makes of it."""
    return f"{name}.{_signature(name)}"


def verified(cookie: str) -> str | None:
    """Return the name that a cookie says, or None for a cookie that this home did not sign."""
    name, dot, signature = cookie[:LONGEST].strip('"').partition(".")
    if not (name and dot and signature.isascii()):
        return None
    return name if hmac.compare_digest(signature, _signature(name)) else None


def _signature(name: str) -> str:
    digest = hmac.new(_key(places.home()), name.encode(errors="replace"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@lru_cache(maxsize=4)
def _key(home: Path) -> bytes:
    """Return this home's key, made by the first who needs it; in a home that is read-only, one for this process."""
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

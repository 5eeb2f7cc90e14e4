"""Tell whether other machines can reach the app, and shorten paths in messages where they can."""

import ipaddress
import re
from collections.abc import Sequence
from pathlib import Path, PureWindowsPath

import streamlit as st

from core import app_paths

_PATH = re.compile(
    r"(?<![\w.:/\\])(?:/[^\s/'\"]+/|[A-Za-z]:[\\/])[^\s'\",;()]*"
)  # not "train/CLASS", not "http://host"


def hosted() -> bool:
    """Return whether other machines can reach the app, by its address or through a proxy."""
    address: str | None = st.get_option("server.address")
    names: Sequence[str] = st.get_option("server.allowedHosts")
    return not (address and all(map(_is_this_machine, (address, *names))))


def without_paths(text: str) -> str:
    """Return `text` with every path of this machine cut to its last name where the app is hosted."""
    return cut_paths(text) if hosted() else text


def cut_paths(text: str) -> str:
    """Return `text` with every path of this machine cut to its last name."""
    for folder in (app_paths.home().absolute(), app_paths.data_folder(), app_paths.ROOT, Path.home()):
        if folder is not None and folder != Path(folder.anchor):  # the known ones first: they may contain spaces
            text = re.sub(rf"{re.escape(str(folder))}(?=[\\/])", "/-", text)  # cut below
            text = text.replace(str(folder), folder.name)
    return _PATH.sub(lambda match: _name(match[0]), text)


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _name(path: str) -> str:
    name = path.rstrip(".:")
    return PureWindowsPath(name).name + path[len(name) :]

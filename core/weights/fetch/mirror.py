"""What can be a mirror of published weights: an address, or a folder. Standard library only."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from core.home import expanded

_SCHEME = re.compile(r"^(?!file:)[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_HOW = "Give the address of a server (https://…), or the whole path of a folder."


def is_address(mirror: str) -> bool:
    """Whether it is an address and no folder; "file:" stands for a folder."""
    return _SCHEME.match(mirror) is not None


def folder_of(mirror: str) -> Path:
    """Return the folder that a mirror is, where it is no address."""
    if mirror.lower().startswith("file:"):
        mirror = url2pathname(urlsplit(mirror).path)
    return expanded(mirror)


def mirror_problem(mirror: str) -> str:
    """Say why weights cannot be fetched from there, without asking any server; "" where nothing speaks against it.

    Parameters
    ----------
    mirror
        As a person typed it; "" is no mirror, which is right.
    """
    mirror = mirror.strip()
    if not mirror:
        return ""
    try:
        return _of_address(mirror) if is_address(mirror) else _of_folder(mirror)
    except (ValueError, OSError, RuntimeError) as error:  # RuntimeError: a "~name" that is nobody's
        return f"“{mirror}” cannot be a mirror ({error}). {_HOW}"


def _of_address(mirror: str) -> str:
    parts = urlsplit(mirror)
    if parts.scheme.lower() not in ("http", "https"):
        return f"Weights are fetched by https:// or http://, not by {parts.scheme}://."
    if not parts.hostname or any(letter.isspace() for letter in mirror) or parts.port == 0:
        return f"“{mirror}” names no server. {_HOW}"
    return ""


def _of_folder(mirror: str) -> str:
    folder = folder_of(mirror)
    if not folder.is_absolute():
        return f"“{mirror}” is neither an address nor the whole path of a folder. {_HOW}"
    if folder.is_dir():
        return ""
    return f"“{folder}” is a file, not a folder." if folder.exists() else f"There is no folder “{folder}”."

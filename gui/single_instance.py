"""One window for everything that is opened: a later start hands its files to the window that is there, and ends.

Standard library only: whoever hands files over loads neither Qt nor numpy.

The programs of one person on one screen meet in a folder that nobody else may enter. Who holds the lock there has the door;
the system lets go of it however the holder ends, so that nothing of a killed program is in the way. Through the door goes one
JSON object with whole paths, nothing that would be run.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import socket
import stat
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlparse

from core import paths
from core.locks import Hold, hold

PATIENCE = 5.0
"""Seconds after which a window that does not answer is taken to hang, and another one is opened."""
STARTING = 60.0
"""Seconds in which a window may still be starting; so long it is waited for."""
MAX_MESSAGE = 16 << 20
"""Bytes; the system lets no command line grow to more than a part of it."""
MAX_PATH = 32_768
TAKEN = b"taken\n"
_MAX_ADDRESS = 100
"""Bytes of the longest path of a socket that all systems take."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a later start hands over: whole paths, and the desktop's leave to come to the front ("" without)."""

    paths: tuple[Path, ...] = ()
    token: str = ""


def local_path(text: str) -> Path:
    """The whole path of a file as typed, or as a desktop hands it over (``file:///...``)."""
    if text.startswith("file://"):
        text = unquote(urlparse(text).path, errors="surrogateescape")
        if sys.platform == "win32":
            text = text.lstrip("/")
    return paths.typed(text)


def wanted() -> bool:
    """Whether the settings let windows take the files of later starts."""
    try:
        found = json.loads((paths.config_dir() / "settings.json").read_bytes())
        return not isinstance(found, dict) or found.get("single_window") is not False
    except (OSError, ValueError, RecursionError):
        return True


def find_door() -> Door | None:
    """The door of this person on this screen; None where there is no private place for it."""
    screen = "|".join(os.environ.get(name, "") for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY"))
    key = hashlib.sha256(f"{screen}|{paths.config_dir()}".encode("utf-8", "surrogateescape")).hexdigest()[:16]
    for folder in paths.runtime_dirs():
        fits = sys.platform == "win32" or len(os.fsencode(folder / key)) + 8 <= _MAX_ADDRESS
        if fits and _is_private(folder):
            return Door(folder, key)
    return None


def _is_private(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        about = folder.lstat()
    except OSError:
        return False
    if sys.platform == "win32":  # it lies in the person's own profile
        return True
    return stat.S_ISDIR(about.st_mode) and about.st_uid == os.geteuid() and not about.st_mode & 0o077


def pack(parcel: Parcel) -> bytes:
    """Write a parcel down."""
    content = {"paths": [str(path) for path in parcel.paths], "token": parcel.token}
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass")


def unpack(message: bytes) -> Parcel | None:
    """Read a parcel; None if it is none."""
    try:
        content = json.loads(message.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or not isinstance(content.get("paths"), list):
        return None
    found = content["paths"]
    if not all(isinstance(text, str) and len(text) <= MAX_PATH and "\0" not in text for text in found):
        return None
    if not all(Path(text).is_absolute() for text in found):
        return None
    token = content.get("token")
    known = isinstance(token, str) and token.isascii() and token.isprintable() and len(token) <= 256
    return Parcel(tuple(map(Path, found)), token if known else "")


class Door:
    """The place where files come in; one process at a time has it.

    Parameters
    ----------
    folder
        A private folder.
    key
        Name of the files in it.
    loopback
        Listen at this computer's own network address, with a password in a private file, instead of at a socket in the
        folder, which Python does not offer on Windows.
    """

    def __init__(self, folder: Path, key: str, *, loopback: bool = sys.platform == "win32") -> None:
        self._lock_file = folder / f"{key}.lock"
        self._address = folder / (f"{key}.port" if loopback else f"{key}.door")
        self._loopback = loopback
        self._hold: Hold | None = None
        self.listener: socket.socket | None = None
        self.password = b""

    @property
    def is_open(self) -> bool:
        """Whether this process has the door."""
        return self.listener is not None

    def open(self) -> bool:
        """Take the door if nobody has it; what comes waits until somebody accepts from ``listener``."""
        if self.listener is not None:
            return True
        try:
            self._hold = hold(self._lock_file)
            if self._hold is not None:
                self.listener = self._listen()
        except OSError:
            self.close()
        return self.is_open

    def close(self) -> None:
        """Give the door up: from now on another start may have it. Whoever still waits at it hears that nobody took it."""
        if self._hold is None:
            return
        if self.listener is not None:
            with contextlib.suppress(OSError):
                self._address.unlink(missing_ok=True)
            self.listener.close()
            self.listener = None
        self._hold.let_go()
        self._hold = None

    def _patience(self) -> float:
        try:
            age = time.time() - self._address.stat().st_mtime
        except OSError:
            return PATIENCE
        return max(PATIENCE, STARTING - age) if age >= 0 else PATIENCE

    def knock(self, parcel: Parcel, patience: float | None = None) -> bool:
        """Hand files to the window that has the door.

        Returns
        -------
        True if it took them. False if this process has the door now, or if whoever has it did not answer within
        ``patience`` seconds (None for :data:`PATIENCE`, or longer while it may be starting).
        """
        end = time.monotonic() + (self._patience() if patience is None else patience)
        while not self.open():
            left = end - time.monotonic()
            if left <= 0:
                return False
            if self._send(parcel, left):
                return True
            time.sleep(0.02)  # the other one has the lock and not yet the door, or is just leaving
        return False

    def _listen(self) -> socket.socket:
        """Hold the lock before: what lies there is of somebody who is no more."""
        self._address.unlink(missing_ok=True)
        if self._loopback:
            listener = socket.socket(socket.AF_INET)
            listener.bind(("127.0.0.1", 0))
        else:
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(self._address))
        listener.setblocking(False)
        listener.listen(64)
        if self._loopback:
            self.password = secrets.token_hex(16).encode()
            part = self._address.with_suffix(".part")
            part.touch(0o600)
            part.write_bytes(b"%d %s" % (listener.getsockname()[1], self.password))
            part.replace(self._address)
        return listener

    def _send(self, parcel: Parcel, seconds: float) -> bool:
        try:
            line, password = self._call(seconds)
        except (OSError, ValueError):
            return False
        with line:
            try:
                line.sendall(password + pack(parcel))
                line.shutdown(socket.SHUT_WR)
                return line.recv(len(TAKEN)) == TAKEN
            except OSError:
                return False

    def _call(self, seconds: float) -> tuple[socket.socket, bytes]:
        password = b""
        line = socket.socket(socket.AF_INET if self._loopback else socket.AF_UNIX)
        try:
            line.settimeout(seconds)
            if self._loopback:
                port, password = self._address.read_bytes().split()
                line.connect(("127.0.0.1", int(port)))
            else:
                line.connect(str(self._address))
        except BaseException:
            line.close()
            raise
        return line, password


def desktop_token() -> str:
    """The leave to come to the front that the desktop gave this start."""
    return os.environ.get("XDG_ACTIVATION_TOKEN") or os.environ.get("DESKTOP_STARTUP_ID", "")


def hand_over(arguments: Sequence[str]) -> tuple[bool, Door | None]:
    """Hand files to the window that is there, if nothing but files was asked for and the settings say so.

    Returns
    -------
    Whether they were taken; and the door, where this process has it or may have it.
    """
    if not wanted():
        return False, None
    door = find_door()
    if door is None or any(argument.startswith("-") for argument in arguments):
        return False, door
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.AllowSetForegroundWindow(-1)  # whoever takes them may come to the front
    return door.knock(Parcel(tuple(map(local_path, arguments)), desktop_token())), door

"""Whether a window can be shown here; the standard library only, for it is asked before anything else is loaded."""

from __future__ import annotations

import os
import socket
import sys


def has_display() -> bool:
    """Whether a window can be shown here. Only Linux-like systems can be without a display."""
    if sys.platform in {"win32", "darwin"} or os.environ.get("QT_QPA_PLATFORM"):
        return True
    if os.environ.get("WAYLAND_DISPLAY"):
        return True
    return _x_server_answers(os.environ.get("DISPLAY", ""))


def _x_server_answers(display: str) -> bool:
    """Whether somebody listens at a local display; a remote one is believed."""
    host, colon, number = display.rpartition(":")
    if not colon:
        return False
    number = number.split(".")[0]
    if host not in {"", "unix"} or not number.isdecimal():
        return True
    name = f"/tmp/.X11-unix/X{number}"
    for address in (name, "\0" + name):
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(address)
            except OSError:
                continue
            return True
    return False

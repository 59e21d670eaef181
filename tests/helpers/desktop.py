"""A desktop to test on: an X server, a window manager, a bus of accessibility; and a person on it, who sees and clicks.

Nothing here looks into the program: it is seen on the screen and by what a screen reader is told, and worked with the keyboard
and the pointer.
"""

from __future__ import annotations

import ctypes
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.helpers import access_reader, program, screen
from tests.helpers.frozen import PROGRAM, bare_environment
from tests.helpers.xvfb import missing_tool, x_server

PATIENCE = program.LONG
PAUSE = 0.05
"""Seconds between two looks."""


def missing_part() -> str:
    """The reason to skip a test that needs a desktop with a bus of accessibility, or "" if there is none."""
    tools = missing_tool("openbox", "dbus-daemon")
    if tools:
        return tools
    try:
        ctypes.CDLL(access_reader.LIBRARY)
    except OSError:
        return f"not installed: {access_reader.LIBRARY}"
    return ""


def wait_until(happened: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Ask again and again, or fail and say what did not happen."""
    deadline = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < deadline, f"{what}: not within {patience:.0f} s"
        time.sleep(PAUSE)


@contextmanager
def running(command: list[str], environment: dict[str, str], place: Path, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run it in a session of its own; what it says goes to NAME.out and NAME.err."""
    with (place / f"{name}.out").open("wb") as output, (place / f"{name}.err").open("wb") as errors:
        process = subprocess.Popen(
            command, cwd=place, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, start_new_session=True
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def processes_of(home: Path) -> list[str]:
    """Every process that was started with this home folder, however far it went from its parent."""
    left = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"HOME={home}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                left.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue  # gone meanwhile, or somebody else's
    return left


def program_environment(home: Path, **more: str) -> dict[str, str]:
    """An environment with nothing of this one, but the source where there is no packaged program."""
    source = {"PYTHONPATH": str(program.ROOT)} if not PROGRAM.is_file() else {}
    return bare_environment(home, **source, **more)


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that is to be seen, as a screen reader is told of it."""

    role: str
    name: str
    description: str
    text: str
    states: frozenset[str]
    place: tuple[int, int, int, int]
    """Left, top, width and height on the screen."""
    path: str
    """The names of the objects around it and its own, or their classes where they have none."""
    is_window: bool

    @property
    def words(self) -> str:
        """All that it says."""
        return "\n".join(filter(None, (self.name, self.text, self.description)))


@dataclass(slots=True)
class Program:
    """A program that was started on the desktop."""

    process: subprocess.Popen[bytes]
    place: Path
    name: str

    def said(self) -> tuple[str, str]:
        """What it said on its output and its errors."""
        output, errors = ((self.place / f"{self.name}.{end}").read_text("utf-8", "replace") for end in ("out", "err"))
        return output, errors

    def end(self) -> tuple[int, str, str]:
        """Wait for its end; give its status and what it said."""
        return self.process.wait(PATIENCE), *self.said()


class Desktop:
    """The desktop, and a person on it. With ``reads`` there is a bus of accessibility."""

    def __init__(self, place: Path, stack: ExitStack, *, reads: bool = True, size: str = "1600x900x24") -> None:
        self.place, self._stack, self._shots = place, stack, place / "screen"
        other = place / "other home"
        for folder in (self._shots, other):
            folder.mkdir()
        self.display = stack.enter_context(x_server(size, self._shots))
        # Sockets lie in it, whose paths may not be long.
        runtime = stack.enter_context(tempfile.TemporaryDirectory(prefix="run"))
        self.environment = bare_environment(
            other, DISPLAY=self.display, XDG_CONFIG_HOME=str(other), XDG_CACHE_HOME=str(other), XDG_RUNTIME_DIR=runtime
        )
        del self.environment["QT_QPA_PLATFORM"]
        openbox = [shutil.which("openbox") or "", "--sm-disable"]
        stack.enter_context(running(openbox, self.environment, place, "openbox"))
        wait_until(lambda: self.xdotool("get_num_desktops", check=False).isdecimal(), "the window manager")
        self._reader = self._start_reader() if reads else None

    def _start_reader(self) -> subprocess.Popen[str]:
        words = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
        self._stack.enter_context(running(words, self.environment, self.place, "bus"))
        address = self.place / "bus.out"
        wait_until(lambda: address.read_text().endswith("\n"), "the bus")
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = address.read_text().strip()
        errors = self._stack.enter_context((self.place / "reader.err").open("w"))
        reader = self._stack.enter_context(
            subprocess.Popen(
                [sys.executable, access_reader.__file__], env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=errors, text=True,
            )
        )  # fmt: skip
        self._stack.callback(reader.terminate)
        assert reader.stdout is not None
        assert reader.stdout.readline(), (self.place / "reader.err").read_text()
        return reader

    def xdotool(self, *words: str, check: bool = True) -> str:
        """Move, click, press, ask for windows."""
        done = subprocess.run(
            ["xdotool", *words], env={"PATH": "/usr/bin:/bin", "DISPLAY": self.display, "LANG": "C.UTF-8"},
            capture_output=True, text=True, timeout=PATIENCE, check=check,
        )  # fmt: skip
        return done.stdout.strip()

    # --- programs

    def environment_of(self, home: Path, **more: str) -> dict[str, str]:
        """What a program finds that is started from this desktop by somebody with this home folder."""
        wanted = ("DISPLAY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")
        desktop = {name: self.environment[name] for name in wanted if name in self.environment}
        if self._reader is not None:
            desktop["QT_LINUX_ACCESSIBILITY_ALWAYS_ON"] = "1"
        environment = program_environment(home, **desktop)
        del environment["QT_QPA_PLATFORM"]
        return {**environment, **more}

    def start(self, *arguments: str | Path, home: Path, name: str = "program", **more: str) -> Program:
        """Start the program; it is ended with the desktop if it runs then."""
        home.mkdir(exist_ok=True)
        words = program.command(*arguments, frozen=True)
        process = self._stack.enter_context(running(words, self.environment_of(home, **more), self.place, name))
        return Program(process, self.place, name)

    # --- seeing

    def screen(self) -> np.ndarray:
        """All that is on the screen: RGB of shape (height, width, 3)."""
        return screen.grab(self._shots)

    def picture_of(self, thing: Thing) -> np.ndarray:
        """The pixels of a thing as they are on the screen."""
        left, top, width, height = thing.place
        return self.screen()[max(0, top) : top + height, max(0, left) : left + width]

    def things(self, depth: str = "parts") -> list[Thing]:
        """All that a screen reader is told of: "windows", their "parts", or "rows" of lists and tables, too."""
        assert self._reader is not None
        assert self._reader.stdin is not None
        assert self._reader.stdout is not None
        self._reader.stdin.write(json.dumps({"depth": depth}) + "\n")
        self._reader.stdin.flush()
        answer = self._reader.stdout.readline()
        assert answer, (self.place / "reader.err").read_text()
        raw: list[dict[str, Any]] = json.loads(answer)
        return [
            Thing(
                one["role"], one["name"], one["description"], one["text"], frozenset(one["states"]), tuple(one["place"]),
                one["path"], one["parent"] >= 0 and raw[one["parent"]]["role"] == "application",
            )
            for one in raw
        ]  # fmt: skip

    def found(self, name: str = "", role: str = "", path: str = "", *, deep: bool = False) -> list[Thing]:
        """Things by regular expressions for the whole of their name, role and the end of their path."""
        return [
            one
            for one in self.things("rows" if deep else "parts")
            if (not name or re.fullmatch(name, one.name or one.text, re.DOTALL))
            and (not role or re.fullmatch(role, one.role))
            and (not path or re.search(f"(?:^|\\.)(?:{path})$", one.path))
        ]

    def wait_for(
        self, name: str = "", role: str = "", path: str = "", *, state: str = "", deep: bool = False, patience: float = PATIENCE
    ) -> Thing:
        """Wait for a thing, see :meth:`found`; with a ``state``, until it is in that."""
        found: list[Thing] = []

        def there() -> bool:
            found[:] = [one for one in self.found(name, role, path, deep=deep) if not state or state in one.states]
            return bool(found)

        try:
            wait_until(there, f"“{name or path}” ({role or 'anything'} {state})", patience)
        except AssertionError as error:
            raise AssertionError(f"{error}; seen: {[one.name or one.text or one.path for one in self.things()]}") from None
        return found[0]

    def windows(self) -> list[Thing]:
        """The windows that are open, by the order in which they were made."""
        return [one for one in self.things("windows") if one.is_window]

    def wait_window(self, path: str, *, gone: bool = False) -> None:
        """Wait until a window is there, by the end of its path; or until it is ``gone``."""

        def there() -> bool:
            return any(one.path.endswith(f".{path}") for one in self.windows())

        wait_until(lambda: there() is not gone, f"the window {path}{' to go' if gone else ''}", 30)

    def says(self, words: str, *, deep: bool = False) -> bool:
        """Whether anything to be seen says this, as a regular expression."""
        return any(re.search(words, one.words) for one in self.things("rows" if deep else "parts"))

    # --- doing

    def click(self, thing: Thing, button: int = 1) -> None:
        """Move the pointer into the middle of a thing, and click."""
        left, top, width, height = thing.place
        self.xdotool("mousemove", str(left + width // 2), str(top + height // 2), "click", str(button))

    def press(self, *keys: str) -> None:
        """Press keys, for the window that has the keyboard."""
        for key in keys:
            self.xdotool("key", "--clearmodifiers", key)

    def type(self, text: str) -> None:
        """Type a text."""
        self.xdotool("type", "--clearmodifiers", "--delay", "4", text)

    def active_window(self) -> str:
        """The title of the window that has the keyboard, without what Qt appends to titles."""
        return self.xdotool("getactivewindow", "getwindowname", check=False).removesuffix(" \u2014 Layerscope")

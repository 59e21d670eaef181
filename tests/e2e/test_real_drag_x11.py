"""A file is dragged from another program into the window, on a real X server with a window manager (XDND).

The packaged program where there is one, else the source. Everything is done and seen from outside: real pointer events, the
title, the pixels of the screen, the close button of the frame, the processes that are left.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from core import paths
from tests.e2e.test_x11 import xdotool
from tests.helpers import drag_source, program, screen
from tests.helpers.frozen import PROGRAM, bare_environment
from tests.helpers.xvfb import missing_tool, x_server

MISSING = missing_tool("openbox")
pytestmark = [pytest.mark.x11, pytest.mark.slow, pytest.mark.skipif(bool(MISSING), reason=MISSING or "never")]

WIDTH, HEIGHT = 1100, 760
LEFT, TOP = 20, 60
SOURCE = (1200, 100, 300, 300)
TABLE = (slice(110, 250), slice(808, 1092))
"""Rows and columns of the window in which the first five categories are, with their numbers and bars."""
DIFFERENT = 40
"""Levels of 255; less may be between the smoothing of letters on the two platforms of Qt."""
SAME_TABLE = 0.002
"""The share of pixels that may be different in the table of one and the same answer."""


def wait_until(happened: Callable[[], bool], what: str, patience: float = program.LONG) -> None:
    """Ask again and again, or fail and say what did not happen."""
    deadline = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < deadline, f"{what}: not within {patience:.0f} s"
        time.sleep(0.05)


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


def table(picture: np.ndarray) -> np.ndarray:
    return picture[TABLE].astype(int)


def differing(one: np.ndarray, other: np.ndarray) -> float:
    return float((np.abs(one - other).max(axis=2) > DIFFERENT).mean())


def program_environment(home: Path, **more: str) -> dict[str, str]:
    """An environment with nothing of this one, but the source where there is no packaged program."""
    source = {"PYTHONPATH": str(program.ROOT)} if not PROGRAM.is_file() else {}
    return bare_environment(home, **source, **more)


class Desktop:
    """An X server with a window manager, the program on it, and a window of another program that has a file to drag."""

    def __init__(self, place: Path, file: Path, stack: ExitStack) -> None:
        self.place, self.home = place, place / "program's home"
        self._shots = place / "screen"
        other = place / "other home"
        for folder in (self.home, self._shots, other):
            folder.mkdir()
        self.display = stack.enter_context(x_server("1600x900x24", self._shots))
        desktop = bare_environment(other, DISPLAY=self.display, XDG_CONFIG_HOME=str(other), XDG_CACHE_HOME=str(other))
        del desktop["QT_QPA_PLATFORM"]
        stack.enter_context(running([shutil.which("openbox") or "", "--sm-disable"], desktop, place, "openbox"))
        wait_until(lambda: xdotool(self.display, "get_num_desktops", check=False).isdecimal(), "the window manager")
        words = [sys.executable, drag_source.__file__, str(file), *map(str, SOURCE)]
        stack.enter_context(running(words, desktop, place, "source"))
        environment = program_environment(self.home, DISPLAY=self.display)
        del environment["QT_QPA_PLATFORM"]
        words = program.command("--size", f"{WIDTH}x{HEIGHT}", "--theme", "light", frozen=True)
        self.process = stack.enter_context(running(words, environment, place, "program"))

    def said(self, name: str) -> str:
        """What a program said on its output."""
        return (self.place / f"{name}.out").read_text(encoding="utf-8")

    def xdotool(self, *words: str) -> str:
        return xdotool(self.display, *words)

    def window(self, name: str) -> str:
        """Wait for the window of this name."""
        return self.xdotool("search", "--sync", "--onlyvisible", "--name", name).splitlines()[0]

    def client(self) -> np.ndarray:
        """The pixels of the program's window as they are on the screen, without its frame."""
        return screen.grab(self._shots)[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH]

    def settle(self, window: str) -> None:
        """Put the window where the source is not."""
        self.xdotool("windowmove", "--sync", window, str(LEFT), str(TOP))

    def drag(self) -> None:
        """Press on the file, move until the program says it would take it, and let go."""
        x, y, width, height = SOURCE
        self.xdotool("mousemove", str(x + width // 2), str(y + height // 2), "mousedown", "1")
        self._move_until(x + width // 2, y + height // 2, "dragging")
        self._move_until(LEFT + WIDTH // 2, TOP + HEIGHT // 3, "accepted")
        self.xdotool("mouseup", "1")
        wait_until(lambda: "dropped" in self.said("source"), "the drop")

    def _move_until(self, x: int, y: int, word: str) -> None:
        moves = 0

        def told() -> bool:
            nonlocal moves
            moves += 1
            self.xdotool("mousemove", str(x + moves % 7), str(y + moves % 5))
            return word in self.said("source")

        wait_until(told, word)

    def press_close_button(self) -> None:
        """Click on the last button of the title bar, which is as high as the frame is above the client."""
        self.xdotool("mousemove", str(LEFT + WIDTH - 10), str(TOP - 11), "click", "1")


def expected_table(place: Path, picture: Path) -> np.ndarray:
    """The table that the program renders, without a screen, for a picture named on the command line."""
    target = place / f"expected {picture.stem}.png"
    words = ["--screenshot", str(target), "--size", f"{WIDTH}x{HEIGHT}", "--theme", "light", str(picture)]
    environment = program_environment(place / "reference")
    subprocess.run(program.command(*words, frozen=True), env=environment, cwd=place, check=True, timeout=600)
    with Image.open(target) as image:
        return table(np.asarray(image.convert("RGB")))


@pytest.fixture
def dragged(tmp_path: Path) -> Path:
    """A picture of another category than the one that is shown at the start, and none of those that are open then."""
    target = tmp_path / "dragged here \u00e9.png"
    with Image.open(paths.sample_pictures()[3]) as image:
        ImageOps.mirror(image).save(target)
    return target


def test_file_dragged_from_another_program_is_answered_and_the_close_button_ends_it_quietly(tmp_path, dragged):
    answer = expected_table(tmp_path, dragged)
    assert differing(answer, expected_table(tmp_path, paths.sample_pictures()[0])) > 5 * SAME_TABLE
    with ExitStack() as stack:
        began = time.monotonic()
        desktop = Desktop(tmp_path, dragged, stack)
        window = desktop.window("Layerscope")
        desktop.settle(window)
        wait_until(lambda: "ready" in desktop.said("source"), "the source")
        opened = time.monotonic()
        desktop.drag()
        assert desktop.said("source").split()[-2:] == ["dropped", "CopyAction"]
        dropped = time.monotonic()

        title = f"{dragged.name} \u2014 Layerscope"
        wait_until(lambda: desktop.xdotool("getwindowname", window) == title, f"the title {title!r}")
        try:
            wait_until(lambda: differing(table(desktop.client()), answer) < SAME_TABLE, "the answer on the screen")
        finally:
            Image.fromarray(screen.grab(tmp_path / "screen")).save(tmp_path / "screen.png")
        answered = time.monotonic()

        desktop.press_close_button()
        assert desktop.process.wait(program.LONG) == 0
        wait_until(lambda: not processes_of(desktop.home), f"the end of {processes_of(desktop.home)}", 10)
        assert desktop.said("program") == ""
        assert (tmp_path / "program.err").read_text(encoding="utf-8") == ""
        seconds = [opened - began, dropped - opened, answered - dropped, time.monotonic() - answered]
        print("open, drag, answer, close: {:.2f} {:.2f} {:.2f} {:.2f} s".format(*seconds))

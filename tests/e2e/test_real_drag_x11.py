"""A file is dragged from another program into the window, on a real X server with a window manager (XDND).

The packaged program where there is one, else the source. Everything is done and seen from outside: real pointer events, the
title, the pixels of the screen, the close button of the frame, the processes that are left.
"""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from core import paths
from tests.helpers import drag_source, program
from tests.helpers.desktop import Desktop, processes_of, program_environment, running, wait_until
from tests.helpers.xvfb import missing_tool

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


def table(picture: np.ndarray) -> np.ndarray:
    return picture[TABLE].astype(int)


def differing(one: np.ndarray, other: np.ndarray) -> float:
    return float((np.abs(one - other).max(axis=2) > DIFFERENT).mean())


class Drag(Desktop):
    """A desktop with the program on it, and a window of another program that has a file to drag."""

    def __init__(self, place: Path, file: Path, stack: ExitStack) -> None:
        super().__init__(place, stack, reads=False)
        words = [sys.executable, drag_source.__file__, str(file), *map(str, SOURCE)]
        stack.enter_context(running(words, self.environment, place, "source"))
        wait_until(lambda: "ready" in self.said("source"), "the source")
        self.home = place / "program's home"

    def start_program(self) -> None:
        """Start the program, and wait for its window only."""
        self.program = self.start("--size", f"{WIDTH}x{HEIGHT}", "--theme", "light", home=self.home)
        found: list[str] = []

        def there() -> bool:
            found[:] = self.xdotool("search", "--onlyvisible", "--name", "Layerscope", check=False).splitlines()
            return bool(found)

        wait_until(there, "the window")
        self.window = found[0]

    def said(self, name: str) -> str:
        """What a program said on its output."""
        return (self.place / f"{name}.out").read_text(encoding="utf-8")

    def client(self) -> np.ndarray:
        """The pixels of the program's window as they are on the screen, without its frame."""
        return self.screen()[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH]

    def place_of_window(self) -> list[int]:
        """Left, top, width and height of the window where the window manager put it."""
        told = dict(line.split("=") for line in self.xdotool("getwindowgeometry", "--shell", self.window).splitlines())
        return [int(told[name]) for name in ("X", "Y", "WIDTH", "HEIGHT")]

    def settle(self) -> None:
        """Put the window where the source is not."""
        self.xdotool("windowmove", "--sync", self.window, str(LEFT), str(TOP))

    def pick_up(self) -> None:
        """Press on the file, and move until it is dragged."""
        x, y, width, height = SOURCE
        self.xdotool("mousemove", str(x + width // 2), str(y + height // 2), "mousedown", "1")
        self._move_until(x + width // 2, y + height // 2, "dragging")

    def drop(self, x: int = LEFT + WIDTH // 2, y: int = TOP + HEIGHT // 3) -> None:
        """Move until the program says it would take the file, and let go."""
        self._move_until(x, y, "accepted")
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

    def has_torch(self) -> bool:
        """Whether the program has loaded torch by now, as the system tells: one of the last things that it imports is there."""
        loaded = Path(f"/proc/{self.program.process.pid}/maps").read_text(encoding="utf-8", errors="replace")
        return "_multiprocessing" in loaded

    def wait_answer(self, name: str, answer: np.ndarray) -> None:
        """Wait until the picture of this name is shown, with its table of categories."""
        title = f"{name} \u2014 Layerscope"
        wait_until(lambda: self.xdotool("getwindowname", self.window) == title, f"the title {title!r}")
        try:
            wait_until(lambda: differing(table(self.client()), answer) < SAME_TABLE, "the answer on the screen")
        finally:
            Image.fromarray(self.screen()).save(self.place / "screen.png")

    def close(self) -> None:
        """Click the window away: in peace, and with nothing left."""
        self.press_close_button()
        assert self.program.end() == (0, "", "")
        wait_until(lambda: not processes_of(self.home), f"the end of {processes_of(self.home)}", 10)


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


@pytest.fixture
def answer(tmp_path: Path, dragged: Path) -> np.ndarray:
    """The table of the dragged picture, which is another one than that of what is shown at the start."""
    wanted = expected_table(tmp_path, dragged)
    assert differing(wanted, expected_table(tmp_path, paths.sample_pictures()[0])) > 5 * SAME_TABLE
    return wanted


def test_file_dragged_from_another_program_is_answered_and_the_close_button_ends_it_quietly(tmp_path, dragged, answer):
    with ExitStack() as stack:
        began = time.monotonic()
        desktop = Drag(tmp_path, dragged, stack)
        desktop.start_program()
        desktop.settle()
        opened = time.monotonic()
        desktop.pick_up()
        desktop.drop()
        assert desktop.said("source").split()[-2:] == ["dropped", "CopyAction"]
        dropped = time.monotonic()
        desktop.wait_answer(dragged.name, answer)
        answered = time.monotonic()
        desktop.close()
        seconds = [opened - began, dropped - opened, answered - dropped, time.monotonic() - answered]
        print("open, drag, answer, close: {:.2f} {:.2f} {:.2f} {:.2f} s".format(*seconds))


@pytest.mark.skipif(sys.platform != "linux", reason="what a process has loaded is asked of Linux")
def test_drop_before_torch_is_there_waits_and_is_answered(tmp_path, dragged, answer):
    with ExitStack() as stack:
        desktop = Drag(tmp_path, dragged, stack)
        desktop.pick_up()
        desktop.start_program()
        x, y, width, height = desktop.place_of_window()
        desktop.drop(x + width // 2, y + height // 3)
        early = not desktop.has_torch()
        desktop.settle()
        desktop.wait_answer(dragged.name, answer)
        desktop.close()
        print("dropped before torch was loaded:", early)
        if not early:
            pytest.skip("dropped and answered, but this machine was too busy to drop before torch was loaded")

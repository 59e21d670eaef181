"""A desktop on which the packaged program runs, for a whole module of tests: what each of them opens, it closes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from core import paths
from tests.helpers.desktop import Desktop, Program, missing_part, processes_of, wait_until

needs_desktop = pytest.mark.skipif(bool(missing_part()), reason=missing_part() or "never")


def pictures(folder: Path, count: int = 3) -> list[Path]:
    """Copies of the sample pictures, in a folder whose name has a space and letters beyond ASCII."""
    place = folder / "Bilder \u00fc \u753b\u50cf"
    place.mkdir(parents=True, exist_ok=True)
    copies = [place / path.name for path in paths.sample_pictures()[:count]]
    for path, copy in zip(paths.sample_pictures(), copies, strict=False):
        copy.write_bytes(path.read_bytes())
    return copies


def categories(folder: Path, each: int = 4) -> Path:
    """A small data set of the sample pictures: two categories, each with a few."""
    samples = paths.sample_pictures()
    for kind, begin in (("round", 0), ("other", each)):
        (folder / kind).mkdir(parents=True)
        for path in samples[begin : begin + each]:
            (folder / kind / path.name).write_bytes(path.read_bytes())
    return folder


class Desk(Desktop):
    """A desktop with one program on it, that has a picture open."""

    def __init__(self, place: Path, stack: ExitStack, *arguments: str | Path, size: str = "1600x900x24", **more: str) -> None:
        super().__init__(place, stack, size=size)
        self.home = place / "home"
        self.program: Program = self.start(*arguments, home=self.home, **more)

    def wait_answer(self, category: str = "") -> None:
        """Wait until the first line of the predictions is there, and names the ``category``."""
        self.wait_for(f"1\\. {category}.*", "table cell", deep=True)

    def back_to_the_window(self) -> None:
        """Close what lies over the window with Escape."""
        for _ in range(6):
            count = len(self.windows())
            if count <= 1:
                self.take_keyboard()
                return
            self.press("Escape")
            with suppress(AssertionError):
                wait_until(lambda before=count: len(self.windows()) < before, "one window less", 5)
        raise AssertionError(f"open: {[one.path for one in self.windows()]}")

    def take_keyboard(self) -> None:
        """Turn to the window, as a click on it in a bar of tasks would, unless it has the keyboard."""

        def active() -> bool:
            if any("active" in one.states for one in self.windows()):
                return True
            for window in self.xdotool("search", "--onlyvisible", "--name", "Layerscope", check=False).splitlines():
                self.xdotool("windowactivate", window, check=False)
            return False

        wait_until(active, "the keyboard", 30)

    def choose_in_menu(self, menu: str, action: str) -> None:
        """Click a menu open, and an action in it."""
        self.click(self.wait_for(menu, "menu item", patience=10))
        self.click(self.wait_for(action, "(check )?menu item", path="QMenu.*", patience=10))

    def choose_file(self, path: Path) -> None:
        """Type a path into Qt's file dialog, which must be open, and take it."""
        self.wait_window("QFileDialog")
        self.press("ctrl+a")
        self.type(str(path))
        self.press("Return")
        self.wait_window("QFileDialog", gone=True)

    def set_text(self, path: str, text: str) -> None:
        """Click into a field and type over what is in it."""
        self.click(self.wait_for(path=path))
        self.press("ctrl+a")
        self.type(text)

    def leave(self) -> None:
        """Quit with the keyboard: in peace, and with nothing left."""
        self.press("ctrl+q")
        assert self.program.end() == (0, "", "")
        assert processes_of(self.home) == []


@contextmanager
def desk(place: Path, *arguments: str | Path, **more: str) -> Iterator[Desk]:
    """Give a desktop with the program, whose window is there."""
    with ExitStack() as stack:
        found = Desk(place, stack, *arguments, **more)
        found.wait_for(path="mainWindow")
        found.take_keyboard()
        yield found

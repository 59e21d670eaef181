"""A second start of the real program hands its files to the window that is open, and ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.settings import settings_file
from tests.helpers import program

TELLING = """
import sys
from gui.state import AppState

append = AppState.append_images


def tell(state, images):
    new = append(state, images)
    print(*(image.name for image in new), sep="\\n", flush=True)
    return new


AppState.append_images = tell
from gui.__main__ import main

raise SystemExit(main(sys.argv[1:]))
"""
"""The program, which prints the names of the pictures that come into its strip."""


def start_telling(*arguments: str, cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", TELLING, *arguments], cwd=cwd, env=program.environment(), text=True, encoding="utf-8",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def wait_for(process: subprocess.Popen[str], *names: str) -> None:
    """Wait until pictures have come into the strip of a program that tells of them."""
    left = set(names)
    while left:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        left.discard(line.rstrip("\n"))


def opened() -> list[str]:
    """Names of the pictures that were open when the window closed, but for the samples."""
    kept = json.loads(settings_file().read_text(encoding="utf-8"))
    return [Path(text).name for text in kept["images"] if "samples" not in text]


@pytest.fixture
def first(tmp_path, picture):
    """A window that is open, with the picture one.png."""
    picture("one.png")
    process = start_telling("one.png", cwd=tmp_path)
    try:
        wait_for(process, "one.png")
        yield process
    finally:
        program.end([process], signal.SIGKILL)


def wait_for_the_window(cwd: Path) -> None:
    """Wait until the window that has the door is there: a start without files only brings it to the front."""
    ready = program.run(cwd=cwd)
    assert (ready.returncode, ready.stdout, ready.stderr) == (0, "", "")


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("--new-window",), ("--layer", "features.4"), ("--screenshot", "out.png")])
def test_a_start_with_options_leaves_the_open_window_alone(home, first, tmp_path, picture, arguments):
    picture("two.png")
    other = program.start(*arguments, "--no-restore", "two.png", cwd=tmp_path)
    wait_for_the_window(tmp_path)
    assert other.poll() in {None, 0}
    program.end([other], signal.SIGKILL)
    assert program.end([first])[0][0] == 128 + signal.SIGTERM
    assert opened() == ["one.png"]


def test_a_killed_window_is_not_in_the_way(home, first, tmp_path, picture):
    program.end([first], signal.SIGKILL)
    picture("two.png")
    second = start_telling("two.png", cwd=tmp_path)
    wait_for(second, "two.png")
    status, _, errors = program.end([second])[0]
    assert (status, errors) == (128 + signal.SIGTERM, "")
    assert opened() == ["two.png"]


@pytest.mark.slow
def test_two_starts_at_the_very_same_time_end_with_one_window_that_has_both_files(home, tmp_path, picture):
    for name in ("one.png", "two.png"):
        picture(name)
    both = [start_telling(name, cwd=tmp_path) for name in ("one.png", "two.png")]
    end = time.monotonic() + program.LONG
    while all(process.poll() is None for process in both) and time.monotonic() < end:
        time.sleep(0.02)  # either of them may be the one that ends
    (window,) = (process for process in both if process.poll() is None)
    wait_for(window, "one.png", "two.png")
    ended = program.end(both)
    assert sorted(status for status, _, _ in ended) == [0, 128 + signal.SIGTERM]
    assert [errors for _, _, errors in ended] == ["", ""]
    assert sorted(opened()) == ["one.png", "two.png"]

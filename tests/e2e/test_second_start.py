"""A second start of the real program hands its files to the window that is open, and ends."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from core.settings import settings_file
from tests.helpers import program


def wait_for_the_door(home: Path) -> None:
    """Wait until a window takes files; the file appears, nothing tells of it."""
    end = time.monotonic() + program.LONG
    while not list((home / "run").glob("*.door")):
        assert time.monotonic() < end
        time.sleep(0.02)


def opened(home: Path) -> list[str]:
    """Names of the pictures that were open when the window closed, but for the samples."""
    kept = json.loads(settings_file().read_text(encoding="utf-8"))
    return [Path(text).name for text in kept["images"] if "samples" not in text]


@pytest.fixture
def first(home, tmp_path, picture):
    """A window that is open, with the picture one.png."""
    picture("one.png")
    process = program.start("one.png", cwd=tmp_path)
    try:
        wait_for_the_door(home)
        yield process
    finally:
        program.end([process], signal.SIGKILL)


def test_files_of_a_second_start_open_in_the_first_window(home, first, tmp_path, picture):
    other = tmp_path / "ein anderer Ordner ü画"
    picture(str(other / "two #1%.png"))
    picture(str(other / "three.png"))
    second = program.run("two #1%.png", (other / "three.png").as_uri(), cwd=other)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert first.poll() is None
    assert program.end([first]) == [(128 + signal.SIGTERM, "", "")]
    assert opened(home) == ["one.png", "two #1%.png", "three.png"]
    assert not list((home / "run").glob("*.door"))


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
    assert opened(home) == ["one.png"]


def test_a_killed_window_is_not_in_the_way(home, first, tmp_path, picture):
    program.end([first], signal.SIGKILL)
    picture("two.png")
    second = program.start("two.png", cwd=tmp_path)
    wait_for_the_window(tmp_path)
    assert program.end([second]) == [(128 + signal.SIGTERM, "", "")]
    assert opened(home) == ["two.png"]


@pytest.mark.slow
def test_two_starts_at_the_very_same_time_end_with_one_window_that_has_both_files(home, tmp_path, picture):
    for name in ("one.png", "two.png"):
        picture(name)
    both = [program.start(name, cwd=tmp_path) for name in ("one.png", "two.png")]
    end = time.monotonic() + program.LONG
    while all(process.poll() is None for process in both) and time.monotonic() < end:
        time.sleep(0.02)
    ended = sorted(program.end(both))
    assert ended == [(0, "", ""), (128 + signal.SIGTERM, "", "")]
    assert sorted(opened(home)) == ["one.png", "two.png"]

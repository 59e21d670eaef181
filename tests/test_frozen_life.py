"""The packaged program from its start to its end, good or bad: second starts, the desktop's start, crashes, odd systems.

Skipped where there is none; `make test-frozen` builds it first.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.desktop import Program, processes_of, wait_until
from tests.helpers.frozen import PROGRAM, needs_program
from tests.helpers.frozen_desk import Desk, desk, needs_desktop, pictures

pytestmark = [pytest.mark.slow, pytest.mark.x11, needs_program, needs_desktop]

ENTRY = PROGRAM.parent / "share" / "applications" / "layerscope.desktop"


@pytest.fixture(scope="module")
def materials(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures, and weights that need no question."""
    import torch

    from core.zoo import backend
    from core.zoo.backend import BuildOptions

    place = tmp_path_factory.mktemp("materials")
    pictures(place, 6)
    torch.manual_seed(3)
    torch.save(backend.build("squeezenet1_1", options=BuildOptions(num_classes=5)).state_dict(), place / "meine Gewichte.pth")
    return place


def as_a_desktop_starts(entry: Path, files: list[Path]) -> list[str]:
    """The command of a desktop entry: its Exec line, split, with the files in the place of %F (Desktop Entry Specification)."""
    (line,) = re.findall(r"^Exec=(.*)$", entry.read_text("utf-8"), re.MULTILINE)
    words: list[str] = []
    # The string's own escapes, then those of the quotes.
    for word in shlex.split(line.replace("\\\\", "\\")):
        words += [str(file) for file in files] if word == "%F" else [word.replace("%%", "%")]
    return words


def second(window: Desk, *words: str | Path, name: str = "second") -> tuple[int, str, str]:
    started: Program = window.start(*words, home=window.home, name=name)
    return started.end()


def in_strip(window: Desk, *names: str) -> bool:
    rows = [one.name.partition(":")[0] for one in window.things("rows") if one.role == "list item"]
    return all(name in rows for name in names)


@pytest.fixture(scope="module")
def window(materials: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One program that others hand their files to."""
    first = sorted(next(path for path in materials.iterdir() if path.is_dir()).iterdir())[0]
    with desk(tmp_path_factory.mktemp("life"), first) as found:
        found.wait_answer("orange")
        yield found
        found.leave()


@pytest.fixture
def files(materials: Path) -> list[Path]:
    return sorted(next(path for path in materials.iterdir() if path.is_dir()).iterdir())


def test_second_start_hands_its_pictures_over_and_ends(window, files):
    assert second(window, *files[1:3]) == (0, "", "")
    wait_until(lambda: in_strip(window, files[0].name, files[1].name, files[2].name), "the pictures in the strip", 30)
    assert len(window.windows()) == 1


def test_second_start_hands_over_weights_that_are_loaded(window, materials):
    assert second(window, materials / "meine Gewichte.pth") == (0, "", "")
    window.wait_for(".*meine Gewichte.*", "combo box|text", path="weightsPicker(.QLineEdit)?")


def test_second_start_hands_over_a_folder(window, files):
    assert second(window, files[0].parent) == (0, "", "")
    wait_until(lambda: in_strip(window, *(path.name for path in files)), "the pictures of the folder", 30)


def test_dropped_on_the_icon_as_the_desktop_entry_says(window, files, tmp_path):
    """After install.sh: a desktop replaces %F in the Exec line by the paths of what was dropped."""
    odd = tmp_path / "100 % \u00fc \u201eq\u201c \u753b $HOME.jpg"
    odd.write_bytes(files[0].read_bytes())
    environment = window.environment_of(window.home, XDG_DATA_HOME=str(tmp_path / "data"))
    subprocess.run([str(PROGRAM.parent / "install.sh")], env=environment, check=True, capture_output=True)
    words = as_a_desktop_starts(tmp_path / "data" / "applications" / ENTRY.name, [odd, files[4]])
    assert words == [str(PROGRAM.resolve()), str(odd), str(files[4])]
    done = subprocess.run(words, env=environment, cwd="/", capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    wait_until(lambda: in_strip(window, odd.name, files[4].name), "what was dropped on the icon", 30)


def test_new_window_is_one_of_its_own(window, files):
    other = window.start("--new-window", "--no-restore", files[3], home=window.home, name="other")
    wait_until(lambda: len(window.windows()) == 2, "a second window")
    os.kill(other.process.pid, signal.SIGTERM)
    assert other.end() == (128 + signal.SIGTERM, "", "")
    window.back_to_the_window()


def test_self_test_beside_an_open_window_finds_the_real_screen(window, tmp_path):
    environment = window.environment_of(window.home)
    words = [str(PROGRAM), "--self-test", "--json"]
    done = subprocess.run(words, env=environment, cwd=tmp_path, capture_output=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    rows = {row["name"]: row for row in json.loads(done.stdout)["checks"] if row["group"] == "window"}
    assert rows["platform"]["found"].startswith("xcb")
    assert {row["state"] for row in rows.values()} == {"OK"}


def test_with_the_setting_off_a_second_start_has_its_own_window(tmp_path, files):
    place = tmp_path / "home" / "layerscope"
    with desk(tmp_path, files[0]) as first:
        first.wait_answer()
        first.leave()
        (kept,) = place.rglob("settings.json")
        kept.write_text(json.dumps({**json.loads(kept.read_text("utf-8")), "single_window": False}), "utf-8")
        both = [first.start(file, home=first.home, name=f"alone{number}") for number, file in enumerate(files[:2])]
        wait_until(lambda: len(first.windows()) == 2, "two windows")
        for one in both:
            one.process.terminate()
        assert [one.end() for one in both] == [(128 + signal.SIGTERM, "", "")] * 2


@pytest.mark.parametrize(("number", "cause"), [(signal.SIGSEGV, "Segmentation fault"), (signal.SIGKILL, "")])
def test_crash_leaves_a_log_and_the_next_start_offers_to_go_on_without_the_model(tmp_path, files, number, cause):
    words = ["--model", "squeezenet1_1", "--weights", "random:7", files[0]]
    with desk(tmp_path, *words) as first:
        first.wait_answer()
        first.program.process.send_signal(number)
        assert first.program.end() == (-number, "", "")
        first.program = first.start(home=first.home, name="next")
        sentence = first.wait_for(path="crashText").name
        assert sentence.startswith("Layerscope ended unexpectedly")
        assert cause in sentence
        assert "squeezenet1_1" in sentence
        first.wait_for("Go on without it", "push button")
        first.wait_for("Load it again", "push button")
        (log,) = (tmp_path / "home").rglob("crashes/*.log")
        text = log.read_text("utf-8")
        assert "packaged" in text
        assert str(files[0]) in text
        assert ("Current thread" in text) is bool(cause)
        first.wait_answer()
        first.wait_for("Compact VGG \\(built-in\\)", "combo box")
        first.click(first.wait_for("Copy diagnostics", "push button"))
        first.wait_for(path="statusBar.*")
        assert log.read_text("utf-8").splitlines()[0] in clipboard(first)
        first.click(first.wait_for("Go on without it", "push button"))
        wait_until(lambda: not first.found(path="crashText"), "the line to go")
        first.take_keyboard()
        first.leave()
        assert not list((tmp_path / "home").rglob("*.run"))


def test_kill_while_a_model_is_loaded_is_told_at_the_next_start(tmp_path, files):
    home = tmp_path / "home"

    def loading() -> bool:
        return any(' model {"architecture": "vgg19"' in path.read_text("utf-8") for path in home.rglob("*.run"))

    with desk(tmp_path, "--model", "vgg19", "--weights", "random:1", files[0]) as first:
        wait_until(loading, "the note of the model")
        loaded = [" loaded " in path.read_text("utf-8") for path in home.rglob("*.run")]
        first.program.process.kill()
        assert first.program.end() == (-signal.SIGKILL, "", "")
        first.program = first.start(home=home, name="next")
        sentence = first.wait_for(path="crashText").name
        assert "vgg19 (random:1). The built-in model is used now." in sentence
        first.wait_answer()
        first.take_keyboard()
        first.leave()
        assert loaded == [False]


STRAY = """
import threading, torch

class Stray(torch.nn.Sequential):
    def forward(self, batch):
        threading.Thread(target=lambda: 1 // 0).start()
        return super().forward(batch)

def build_model():
    return Stray(torch.nn.AdaptiveAvgPool2d(8), torch.nn.Flatten(), torch.nn.Linear(192, 2)).eval()

categories = ["a", "b"]
"""


def test_an_error_that_nobody_caught_is_a_sentence_and_the_log_has_the_rest(tmp_path, files):
    """Provoked by a person's code whose thread fails: nothing of the program's own waits for it."""
    code = tmp_path / "stray.py"
    code.write_text(STRAY, "utf-8")
    with desk(tmp_path, "--model", code, "--run-code", files[0]) as window:
        told = window.wait_for("Notice: Something unexpected went wrong \\(ZeroDivisionError: .*").name
        assert told.endswith("You can go on; the log has the details.")
        window.wait_answer("[ab]")
        (log,) = (tmp_path / "home").rglob("layerscope.log")
        assert "Traceback" in log.read_text("utf-8")
        window.take_keyboard()
        window.leave()


def clipboard(window: Desk) -> str:
    """What another program gets that pastes: the diagnostics come into a field of the window."""
    window.click(window.wait_for(path="layerFilter"))
    window.press("ctrl+v")
    return window.wait_for(path="layerFilter").text


@pytest.mark.parametrize("way", ["closed streams", "read-only folder", "LANG=C", "bad home", "read-only home"])
def test_window_comes_on_odd_systems(tmp_path, files, way):
    place, more, before = tmp_path / "place", {}, ""
    place.mkdir()
    if way == "LANG=C":
        more = {"LANG": "C", "LC_ALL": "C"}
    elif way == "bad home":
        (tmp_path / "a file").write_text("no folder")
        more = {"LAYERSCOPE_HOME": str(tmp_path / "a file" / "below")}
    elif way == "read-only home":
        more = {"HOME": "/proc", "LAYERSCOPE_HOME": ""}
    elif way == "closed streams":
        before = "exec <&- >&- 2>&-; "
    elif way == "read-only folder":
        before = "cd /proc; "
    with desk(tmp_path, files[0]) as usual:  # its bus and screen; the odd one is beside it
        usual.wait_answer()
        usual.leave()
        environment = usual.environment_of(tmp_path / "odd", **more)
        script = f'{before}exec "$0" "$@"'
        process = subprocess.Popen(
            ["sh", "-c", script, str(PROGRAM), "--new-window", str(files[1])], env=environment, cwd=place,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            usual.wait_for(path="mainWindow")
            usual.wait_answer("teapot")
            usual.take_keyboard()
            usual.press("ctrl+q")
            output, errors = process.communicate(timeout=60)
        finally:
            if process.poll() is None:
                process.kill()
                process.communicate()
        assert (process.returncode, output, errors) == (0, b"", b"")
        assert processes_of(tmp_path / "odd") == []

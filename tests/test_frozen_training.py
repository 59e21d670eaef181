"""Training from the packaged program's window: a run in a process of its own, its result, corrections, a quit that asks first.

Skipped where there is none; `make test-frozen` builds it first.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from tests.helpers.desktop import processes_of, wait_until
from tests.helpers.frozen import needs_program
from tests.helpers.frozen_desk import Desk, categories, desk, needs_desktop, pictures

pytestmark = [pytest.mark.slow, pytest.mark.x11, needs_program, needs_desktop]
RESULT = 240


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Desk]:
    copies = pictures(tmp_path, 2)
    for copy in tuple(copies):
        copies.append(copy.with_stem(f"{copy.stem} mirrored"))
        with Image.open(copy) as image:
            ImageOps.mirror(image).save(copies[-1])
    with desk(tmp_path, *copies) as found:
        found.wait_answer()
        yield found


def children(window: Desk) -> list[str]:
    return [words for words in processes_of(window.home) if " train " in words]


def start_run(window: Desk, data: Path, output: Path) -> None:
    window.press("ctrl+shift+t")
    window.wait_window("trainWindow")
    window.set_text("dataFolder", str(data))
    window.press("Tab")
    window.wait_for("2 categories, .*", "label")
    window.set_text("outputFolder", str(output))
    window.click(window.wait_for(path="startTraining", state="enabled"))
    wait_until(lambda: bool(children(window)), "the process of the run")


def test_a_run_on_a_folder_to_its_end_and_the_result_is_used(window, tmp_path):
    data, output = categories(tmp_path / "data"), tmp_path / "result"
    start_run(window, data, output)
    (child,) = children(window)
    assert child.split(" train ")[0].endswith("layerscope")
    window.wait_for("Done: .*top-1", "label", patience=RESULT)
    assert {"weights.safetensors", "model.json"} <= {path.name for path in output.iterdir()}
    wait_until(lambda: not children(window), "the end of the run's process", 20)
    window.click(window.wait_for("Use This Model", "push button"))
    window.wait_for(".*In Use", "push button")
    window.press("Escape")
    window.back_to_the_window()
    wait_until(lambda: window.says("2 categories"), "the model of two categories", 30)
    window.wait_answer("(round|other)")
    window.leave()


def test_quitting_during_a_run_asks_first_and_leaves_no_process(window, tmp_path):
    start_run(window, categories(tmp_path / "data"), tmp_path / "result")
    window.press("Escape")
    window.wait_window("trainWindow", gone=True)
    window.take_keyboard()
    window.press("ctrl+q")
    window.wait_for("Keep Training", "push button")
    window.click(window.wait_for("Stop and Quit", "push button"))
    assert window.program.end() == (0, "", "")
    wait_until(lambda: processes_of(window.home) == [], "the end of all processes", 10)


def test_corrections_are_learned_and_the_proof_is_shown(window):
    wait_until(lambda: len(window.found(".*%", "list item", deep=True)) == 4, "the verdicts of the strip")
    for row in window.found(role="list item", deep=True):
        window.click(row)
        window.press("y")
    wait_until(lambda: len(window.found(".*right.*", "list item", deep=True)) == 4, "the labels", 20)
    window.press("ctrl+shift+f")
    window.wait_window("correctionsDialog")
    window.click(window.wait_for(path="startTuning", state="enabled"))
    window.wait_for(path="proofDialog", patience=RESULT)
    window.wait_for(path="useCorrected")
    window.back_to_the_window()
    wait_until(lambda: not children(window), "the end of the run's process", 20)
    window.leave()


def test_program_that_trains_is_killed_and_takes_the_run_along(window, tmp_path):
    start_run(window, categories(tmp_path / "data"), tmp_path / "result")
    window.program.process.kill()
    window.program.process.wait(20)
    wait_until(lambda: not children(window), "the end of the run's process", 30)

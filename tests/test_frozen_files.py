"""Files in the packaged program's window: weights that need the doctor, a person's own code, exports in every format.

Skipped where there is none; `make test-frozen` builds it first.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from gui.figures.formats import FORMATS
from tests.helpers import model_code
from tests.helpers.desktop import wait_until
from tests.helpers.frozen import needs_program
from tests.helpers.frozen_desk import Desk, desk, needs_desktop, pictures

pytestmark = [pytest.mark.slow, pytest.mark.x11, needs_program, needs_desktop]

BEGINNINGS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


@pytest.fixture(scope="module")
def materials(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of somebody else's training, a network as code, and tensors that fit it."""
    import torch

    from core.zoo import backend
    from core.zoo.backend import BuildOptions

    place = tmp_path_factory.mktemp("materials")
    torch.manual_seed(3)
    state = backend.build("squeezenet1_1", options=BuildOptions(num_classes=5)).state_dict()
    prefixed = {f"module.{name}": value.half() for name, value in state.items()}
    torch.save({"epoch": 3, "state_dict": prefixed}, place / "foreign.pth")
    model_code.write(place)
    names: dict[str, object] = {}
    exec((place / "net.py").read_text("utf-8"), names)
    torch.save(names["build_model"]().state_dict(), place / "mine.pth")  # type: ignore[operator]
    return place


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    place = tmp_path_factory.mktemp("files")
    with desk(place, *pictures(place), https_proxy="http://127.0.0.1:9") as found:  # where nobody answers
        found.wait_answer()
        yield found
        found.leave()


@pytest.fixture
def window(running: Desk) -> Iterator[Desk]:
    yield running
    running.back_to_the_window()
    assert running.program.said() == ("", "")


@pytest.mark.parametrize("suffix", FORMATS)
def test_export_writes_what_it_shows(window, tmp_path, suffix):
    target = tmp_path / f"maps{suffix}"
    window.press("ctrl+e")
    window.wait_window("exportDialog")
    window.click(window.wait_for(path="export_format"))
    window.click(window.wait_for(f".*{suffix[1:].upper()}.*", "list item", deep=True))
    window.set_text("exportTarget", str(target))
    window.click(window.wait_for("Export", "push button", state="enabled"))
    wait_until(target.is_file, "the file", 30)
    assert target.read_bytes().startswith(BEGINNINGS[suffix])
    if suffix == ".png":
        with Image.open(target) as image:
            assert min(image.size) > 200


def test_download_that_reaches_nobody_says_so(window):
    window.press("ctrl+m")
    window.type("squeezenet1_1")
    window.press("Return")
    window.click(window.wait_for("Download squeezenet1_1 .*", "push button", path="downloadFirst"))
    sentence = window.wait_for(".*(cannot|could not|not reach|no answer|refused|failed).*", "label", path="downloadBar.*").name
    assert "Traceback" not in sentence
    window.click(window.wait_for(path="downloadSecond"))


def test_foreign_checkpoint_is_looked_at_repaired_and_loaded(window, materials):
    done = window.start(materials / "foreign.pth", home=window.home, name="second")
    assert done.end() == (0, "", "")
    window.wait_window("doctorDialog")
    window.click(window.wait_for("Show All Keys\u2026?", "push button"))
    window.wait_window("keysDialog")
    window.wait_for(path="keyTable")
    window.press("Escape")
    window.wait_window("keysDialog", gone=True)
    window.click(window.wait_for("Load as squeezenet1_1", "push button", state="enabled"))
    window.wait_window("doctorDialog", gone=True)
    wait_until(lambda: window.says(r"· 5 categories"), "the model of five categories", 30)


def test_a_persons_code_is_asked_about_run_and_gets_tensors_of_a_file(window, materials):
    window.choose_in_menu("File", "Open Model Code\u2026?")
    window.choose_file(materials / "net.py")
    window.wait_window("runCodeDialog")
    assert model_code.runs(materials / "it ran.txt") <= 1  # once by the test itself
    window.click(window.wait_for("Run the Code", "push button"))
    wait_until(lambda: window.says(r"· 3 categories"), "the model of three categories", 30)
    window.take_keyboard()
    window.press("ctrl+alt+o")
    window.choose_file(materials / "mine.pth")
    window.wait_window("codeWeightsDialog")
    window.click(window.wait_for("Load into .*", "push button"))
    window.wait_window("codeWeightsDialog", gone=True)
    window.wait_for(".*mine.*", "combo box|text", path="weightsPicker(.QLineEdit)?")
    window.wait_answer("(cat|dog|bird)")

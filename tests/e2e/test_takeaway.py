"""Taking it away from the real window: the dialog, the clipboard, a drag, the whole strip with a broken file in it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import product
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest

from core import paths
from core.inference.session import Session
from core.insight.inspect import Inspector
from core.insight.mosaic import choose_columns
from core.settings import Settings
from core.types import BUILTIN_SPEC, ActivationGrid, ActivationVector, ExportRequest, Heat, ImageRef
from gui.dialogs.export_dialog import ExportDialog
from gui.figures.paper import WHITE
from gui.figures.shown import CHANNEL, MAPS, PICTURE
from tests.e2e.conftest import LONG
from tests.gui.widgets.test_map_drag import Canceller, pull

LAYER = "features.4"


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out ü"
    folder.mkdir()
    return folder


@pytest.fixture
def bench(launch, picture, out):
    """A window that shows the maps of one picture, which exports into ``out``."""
    path = picture()
    bench = launch(settings=Settings(layer=LAYER, export_folder=str(out)))
    bench.conductor.open_paths((path,))
    bench.wait_answer(path)
    bench.told = []
    bench.window.desks.export.told.connect(bench.told.append)
    return bench


def open_dialog(bench) -> ExportDialog:
    bench.window.actions_by_key["export"].trigger()
    dialog = bench.window.findChild(ExportDialog, "exportDialog")
    assert dialog is not None
    return dialog


def export(bench, dialog) -> None:
    """Press the button and wait until the file is there, or a sentence says why not."""
    told, notices = len(bench.told), len(bench.notices)
    dialog.export_button.click()
    bench.qtbot.waitUntil(lambda: len(bench.told) > told or len(bench.notices) > notices, timeout=LONG)
    bench.wait_idle()


def choose(dialog, what, suffix=""):
    dialog.form.whats[what].setChecked(True)
    if suffix:
        dialog.form.format.setCurrentIndex(dialog.form.format.findData(suffix))


def is_enlarged(width: int, bench: object) -> bool:
    """Whether a map was enlarged by a whole number, to 256 pixels or a little more."""
    own = bench.state.activations.values.shape[2]
    return width % own == 0 and 256 <= width < 256 + own


def test_every_figure_in_every_format(bench, out):
    bench.state.selection.set_channel(5)
    for what, suffix in product((MAPS, CHANNEL, PICTURE), (".png", ".svg", ".pdf")):
        dialog = open_dialog(bench)
        choose(dialog, what, suffix)
        target = Path(dialog.form.target.text())
        assert (target.parent, target.suffix) == (out, suffix)
        export(bench, dialog)
        bench.qtbot.waitUntil(lambda: bench.window.findChild(ExportDialog, "exportDialog") is None)
        assert bench.told[-1] == f"Written: {target}"
        content = target.read_bytes()
        if suffix == ".png":
            assert QImage.fromData(content).width() == 2 * 794
        elif suffix == ".svg":
            title = ElementTree.fromstring(content).find("{http://www.w3.org/2000/svg}title").text
            assert title.startswith("orange.png" if what == PICTURE else LAYER)
            assert ("channel 5" in title) == (what == CHANNEL)
        else:
            assert content.startswith(b"%PDF")
    assert len(list(out.iterdir())) == 9
    assert bench.state.progress is None


def test_values_are_those_of_the_core(bench, out):
    for suffix in (".npz", ".npy", ".safetensors", ".csv"):
        dialog = open_dialog(bench)
        choose(dialog, "statistics" if suffix == ".csv" else "tensor", suffix)
        export(bench, dialog)
        bench.qtbot.waitUntil(lambda: bench.window.findChild(ExportDialog, "exportDialog") is None)
    assert sorted(path.name for path in out.iterdir()) == [
        "orange.features.4.npy", "orange.features.4.npz", "orange.features.4.safetensors", "orange.features.4.statistics.csv",
    ]  # fmt: skip
    expected = Inspector(Session.load(BUILTIN_SPEC, "cpu")).capture(bench.state.image, LAYER).values
    with np.load(out / "orange.features.4.npz") as found:
        for values in (found["activations"], np.load(out / "orange.features.4.npy")):
            np.testing.assert_allclose(values, expected, rtol=1e-5, atol=1e-5)


def test_the_whole_strip_with_a_broken_file_in_it(bench, out, tmp_path):
    folder = tmp_path / "strip"
    folder.mkdir()
    for path in paths.sample_pictures()[:3]:
        shutil.copy(path, folder)
    (folder / "broken.jpg").write_bytes(b"no picture")
    bench.conductor.open_paths((folder,), show=False)
    bench.qtbot.waitUntil(lambda: len(bench.state.images) == 5, timeout=LONG)
    bench.wait_idle()
    dialog = open_dialog(bench)
    choose(dialog, "tensor", ".npz")
    dialog.form.all.setChecked(True)
    assert dialog.form.target.text() == str(out)
    assert "such as orange.features.4.npz" in dialog.form.message.text()
    export(bench, dialog)
    assert len(list(out.iterdir())) == 4
    assert bench.told == []
    assert "4 files written to" in bench.notices[-1]
    assert "1 picture could not be read" in bench.notices[-1]
    assert "broken.jpg" in bench.notices[-1]
    assert bench.state.progress is None


def test_stopped_in_the_middle_and_ended_by_another_model(bench, out):
    desk, state = bench.window.desks.export, bench.state
    images = tuple(replace(state.image) for _ in range(200))
    desk.export(images, LAYER, ".npy", out, folder=True)
    bench.qtbot.waitUntil(lambda: state.progress is not None and state.progress.done > 0, timeout=LONG)
    assert state.progress.text.startswith("Exporting ")
    bench.window.actions_by_key["cancel"].trigger()
    assert not desk.going
    assert "The export was stopped." in bench.notices[-1]
    bench.wait_idle()
    for path in out.iterdir():
        assert np.load(path).ndim == 4
    desk.export(images, LAYER, ".npy", out, folder=True)
    state.choose_spec(BUILTIN_SPEC)
    bench.qtbot.waitUntil(lambda: not desk.going, timeout=LONG)
    assert "another model was loaded" in bench.notices[-1]
    bench.wait_idle()
    assert not bench.conductor.waits_for(ExportRequest)
    assert all(path.suffix == ".npy" for path in out.iterdir())


def test_a_place_that_cannot_be_written_to_is_said(bench, out, tmp_path, monkeypatch):
    dialog = open_dialog(bench)
    dialog.form.target.setText(str(tmp_path / "gone" / "x.png"))
    assert not dialog.export_button.isEnabled()
    assert "no folder" in dialog.form.message.text()
    dialog.form.target.setText(str(bench.state.image.path))
    assert not dialog.export_button.isEnabled()
    assert "made from" in dialog.form.message.text()
    dialog.form.target.setText("")
    assert "Choose a file" in dialog.form.message.text()
    (out / "there.png").write_bytes(b"old")
    dialog.form.target.setText(str(out / "there.png"))
    assert "will be replaced" in dialog.form.message.text()

    def full(_number):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        export(bench, dialog)
    assert "No space left on device" in bench.notices[-1]
    assert (out / "there.png").read_bytes() == b"old"
    assert [path.name for path in out.iterdir()] == ["there.png"]

    def broken():
        raise ZeroDivisionError("a mistake of the program")

    bench.window.desks.export.write(out / "x.png", broken)
    bench.qtbot.waitUntil(lambda: "a mistake of the program" in bench.notices[-1], timeout=LONG)
    assert [path.name for path in out.iterdir()] == ["there.png"]


def test_the_dialog_remembers_and_suggests_names_that_are_free(bench, out):
    dialog = open_dialog(bench)
    choose(dialog, CHANNEL, ".svg")
    dialog.form.paper.setCurrentIndex(1)
    dialog.form.labels.setChecked(False)
    export(bench, dialog)
    again = open_dialog(bench)
    choice = again.choice()
    assert (choice.what, choice.suffix, choice.paper, choice.labels) == (CHANNEL, ".svg", "screen", False)
    assert Path(again.form.target.text()).name == "orange.features.4.ch0-2.svg"
    choose(again, CHANNEL, ".png")
    dialog = again
    dialog.form.target.selectAll()
    dialog.form.target.insert(str(out / "mine"))
    QTest.keyClicks(dialog.form.target, ".pdf")
    assert dialog.choice().suffix == ".pdf"
    assert dialog.choice().target == out / "mine.pdf"
    dialog.form.format.setCurrentIndex(dialog.form.format.findData(".svg"))
    assert dialog.choice().target == out / "mine.svg"
    QTest.keyClicks(dialog.form.target, ".v2")
    assert dialog.choice().target == out / "mine.svg.v2.svg"


def test_the_preview_is_the_figure(bench):
    dialog = open_dialog(bench)
    for what in (MAPS, CHANNEL, PICTURE):
        choose(dialog, what)
        bench.qtbot.waitUntil(lambda: not dialog.preview._soon.isActive() and not dialog.preview.image.isNull(), timeout=LONG)
        assert dialog.preview.accessibleDescription()
    choose(dialog, "tensor")
    assert dialog.preview.image.isNull()
    assert "SHA-256" in dialog.preview.accessibleDescription()
    for widget in (dialog.form.format, dialog.form.scale, dialog.form.paper, dialog.form.target, dialog.preview):
        assert widget.accessibleName()


def test_copying_takes_what_has_the_keyboard(bench):
    window, clipboard = bench.window, QGuiApplication.clipboard()
    window.activateWindow()
    grid = bench.state.activations
    assert isinstance(grid, ActivationGrid)

    def copied(widget) -> QImage:
        widget.setFocus()
        clipboard.clear()
        window.actions_by_key["copy_image"].trigger()
        return clipboard.image()

    assert is_enlarged(copied(window.inspect.activations.grid).width(), bench)
    assert "channel 0" in bench.told[-1]
    columns = choose_columns(grid.count, grid.tile_height, grid.tile_width)
    assert copied(window.inspect.activations.controls.order).width() == columns * (grid.tile_width + 2) - 2
    assert copied(window.inspect.image_view).size().toTuple() == (160, 120)
    assert copied(window.inspect.strip.view).size().toTuple() == (160, 120)
    dialog = open_dialog(bench)
    choose(dialog, CHANNEL)
    dialog.copy_button.click()
    assert QGuiApplication.clipboard().image().width() == 2 * 794
    dialog.reject()


def test_nothing_to_copy_is_said(launch):
    bench = launch()
    bench.wait_idle()
    bench.window.actions_by_key["copy_image"].trigger()
    assert "no picture to copy yet" in bench.notices[-1]
    dialog = open_dialog(bench)
    assert not dialog.export_button.isEnabled()
    assert dialog.form.message.text() == "There is nothing to export yet."
    dialog.reject()


def test_a_layer_without_maps(bench, out):
    bench.state.set_layer("classifier")
    bench.qtbot.waitUntil(lambda: isinstance(bench.state.activations, ActivationVector), timeout=LONG)
    bench.wait_idle()
    dialog = open_dialog(bench)
    assert not dialog.form.whats[CHANNEL].isEnabled()
    assert dialog.form.whats[MAPS].text() == "Units of classifier"
    choose(dialog, MAPS, ".svg")
    export(bench, dialog)
    assert [path.name for path in out.iterdir()] == ["orange.classifier.svg"]


def test_overlays_come_along(bench):
    state = bench.state
    state.overlays.put("why", Heat("Grad-CAM · orange", np.eye(4, dtype=np.float32), state.network_input.box))
    state.hover_unit((3, 4))
    shown = bench.window.takeaway.shown
    shown.note_unit()
    state.hover_unit(None)
    description = shown.figure(PICTURE, WHITE).description
    field = "receptive field of the unit at row 3, column 4"
    for words in ("Grad-CAM · orange", "what the network sees", field, "orange.png"):
        assert words in description
    bench.window.inspect.image_view.set_crop_visible(False)
    assert "what the network sees" not in shown.figure(PICTURE, WHITE).description


def test_a_tile_is_dragged_out_and_not_taken_in_again(bench):
    takeaway, grid = bench.window.takeaway, bench.window.inspect.activations.grid
    end = Canceller(takeaway.map_drag)
    start = grid.tile_rect(3).center()
    before = bench.state.images
    pull(grid.viewport(), start, start + QPoint(60, 0))
    (load,) = end.begun
    assert load.file.name == "compact_vgg features.4 ch3 orange.png"
    assert is_enlarged(load.image.width(), bench)
    assert QImage(str(load.file)).size() == load.image.size()
    assert "channel 3" in load.text
    assert bench.state.selection.channel == 3
    assert bench.state.images == before
    folder = load.file.parent
    takeaway._tidy()
    assert not folder.exists()


def test_the_picture_is_dragged_out_with_ctrl(bench):
    view = bench.window.inspect.image_view
    end = Canceller(bench.window.takeaway.picture_drag)
    centre = view.rect().center()
    pull(view, centre, centre + QPoint(60, 0))
    assert end.begun == []
    pull(view, centre, centre + QPoint(60, 0), Qt.KeyboardModifier.ControlModifier)
    (load,) = end.begun
    assert load.file.name == "compact_vgg orange overlays.png"
    assert load.image.size().toTuple() == (160, 120)


def test_no_temporary_folder_says_so_and_the_pixels_come_along(bench, monkeypatch):
    def full(**_named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkdtemp", full)
    load = bench.window.takeaway._load(2)
    assert load.file is None
    assert is_enlarged(load.image.width(), bench)
    assert "No space left on device" in bench.notices[-1]


def test_one_picture_more_than_once_never_collides(bench, out):
    bench.window.desks.export.export((ImageRef(bench.state.image.path),) * 3, LAYER, ".csv", out, folder=True)
    bench.qtbot.waitUntil(lambda: len(bench.told) == 1, timeout=LONG)
    assert bench.told == [f"3 files written to {out}"]
    assert sorted(path.name for path in out.iterdir()) == [
        "orange.features.4-2.csv", "orange.features.4-3.csv", "orange.features.4.csv",
    ]  # fmt: skip

"""The checkpoint doctor's dialog, for diagnoses made up here."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel

from core.types import Candidate, Diagnosis, Finding, KeyRow, KeyTable, ModelSpec, WeightsSpec
from gui import theme
from gui.dialogs.doctor_dialog import DoctorDialog
from gui.dialogs.keys_dialog import KeysDialog
from gui.itemmodels.checkup_words import as_text, headline, lacking, offered, shape_words, size_words
from gui.state import AppState

PATH = Path("/somewhere/flowers.pth").absolute()
PREFIX = Finding("strip_prefix", "Take the prefix “module.” off the names.")
HEAD = Finding("new_head", "Keep the features and start a new, untrained classifier.")


def diagnosis(**changes: object) -> Diagnosis:
    values: dict[str, object] = {
        "path": PATH, "format": "torch-zip", "readable": True, "executes_code": False, "globals": (),
        "architecture": "vgg16_bn", "candidates": (Candidate("vgg16_bn", 96, 0, 0, 2), Candidate("vgg16", 26, 6, 72)),
        "num_classes": 5, "categories_source": "labels.txt beside the weights file",
        "problems": (Finding("prefix", "The names begin with “module.”."),), "repairs": (PREFIX,), "verdict": "repairable",
        "sha256": "ab" * 32, "summary": "This is a VGG-16 with batch norm for 5 classes.",
    }  # fmt: skip
    return Diagnosis(**(values | changes))  # type: ignore[arg-type]


REFUSED = diagnosis(
    verdict="refused", architecture=None, candidates=(), repairs=(), num_classes=None, categories_source=None,
    executes_code=True, globals=("os.system", "__main__.Net"),
    problems=(Finding("unsupported", "It holds Python objects. Save `model.state_dict()`."),),
)  # fmt: skip


@pytest.fixture
def state(qapp) -> AppState:
    return AppState()


def opened(state: AppState, qtbot, shown: Diagnosis, picked: str | None = None) -> DoctorDialog:
    state.checkpoint.picked = picked
    state.checkpoint.set_diagnosis(shown)
    dialog = DoctorDialog(state)
    with qtbot.waitExposed(dialog):
        dialog.show()
    return dialog


def test_everything_is_said(state, qtbot):
    dialog = opened(state, qtbot, diagnosis())
    words = {label.text() for label in dialog.findChildren(QLabel) if label.isVisible()}
    assert {"flowers.pth", "torch.save", "5, names from labels.txt beside the weights file"} <= words
    assert [row.finding.kind for row in dialog.report.problems] == ["prefix"]
    assert dialog.report.problems[0].text.accessibleName().startswith("Problem: ")
    assert dialog.report.boxes["strip_prefix"].accessibleName() == PREFIX.message
    dialog.reject()


def test_harmless_repairs_are_ticked_and_loading_takes_the_ticked_ones(state, qtbot):
    dialog = opened(state, qtbot, diagnosis(repairs=(PREFIX, Finding("cast", "Convert them to float32."))))
    assert dialog.report.repairs == ("strip_prefix", "cast")
    dialog.report.boxes["cast"].click()
    with qtbot.waitSignal(state.spec_chosen) as chosen:
        qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert chosen.args == [ModelSpec("vgg16_bn", WeightsSpec("file", path=PATH, repairs=("strip_prefix",)))]
    assert state.checkpoint.diagnosis is None


def test_what_it_cannot_be_loaded_without_is_said(state, qtbot):
    dialog = opened(state, qtbot, diagnosis(repairs=(PREFIX, HEAD)))
    assert not dialog.load_button.isEnabled()
    assert HEAD.message in dialog.message.text()
    assert not dialog.report.classes.isEnabled()
    dialog.report.boxes["new_head"].click()
    dialog.report.classes.setValue(9)
    assert dialog.load_button.isEnabled()
    dialog.report.boxes["strip_prefix"].click()
    assert not dialog.load_button.isEnabled()
    assert PREFIX.message in dialog.message.text()
    dialog.report.boxes["strip_prefix"].click()
    with qtbot.waitSignal(state.spec_chosen) as chosen:
        dialog.load_button.click()
    assert chosen.args[0].weights.classes == 9
    assert chosen.args[0].weights.repairs == ("strip_prefix", "new_head")


def test_a_sentence_can_be_clicked_too(state, qtbot):
    dialog = opened(state, qtbot, diagnosis(repairs=(PREFIX, HEAD)))
    box = dialog.report.boxes["new_head"]
    row = box.parentWidget()
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton, pos=row.rect().center())
    assert box.isChecked()
    dialog.reject()


def test_a_mismatch_is_asked_about(state, qtbot):
    message = "This is a VGG-16 with batch norm for 5 classes. You picked VGG-16 without. Load as vgg16_bn?"
    shown = diagnosis(
        problems=(Finding("other_architecture", message),), repairs=(Finding("choose_architecture", "Load it as vgg16_bn."),)
    )
    dialog = opened(state, qtbot, shown, "vgg16")
    assert dialog.report.headline.text() == message
    assert dialog.report.problems == []  # it is said already
    assert dialog.report.boxes == {}
    with qtbot.waitSignal(state.spec_chosen) as chosen:
        dialog.load_button.click()
    assert chosen.args == [ModelSpec("vgg16_bn", WeightsSpec("file", path=PATH))]


def test_a_refused_file_leaves_nothing_to_click_but_close_and_copy(state, qtbot):
    dialog = opened(state, qtbot, REFUSED)
    buttons = (dialog.load_button, dialog.save_button, dialog.keys_button, dialog.copy_button, dialog.close_button)
    assert [button.isVisible() for button in buttons] == [False, False, False, True, True]
    assert not dialog.report.candidates.isVisible()
    assert dialog.report.names.isVisible()
    assert dialog.report.names.toPlainText() == "os.system\n__main__.Net"
    dialog.copy_button.click()
    assert "os.system" in QGuiApplication.clipboard().text()
    with qtbot.assertNotEmitted(state.spec_chosen):
        qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert not dialog.isVisible()


def test_another_candidate_is_asked_about(state, qtbot):
    dialog = opened(state, qtbot, diagnosis())
    with qtbot.waitSignal(state.checkpoint.opened) as wanted:
        dialog.report.candidates.selectRow(1)
    assert wanted.args == [PATH, "vgg16"]
    assert not dialog.load_button.isEnabled()  # until the answer is there
    state.checkpoint.set_opened()
    state.checkpoint.set_diagnosis(diagnosis(sha256="cd" * 32))
    assert not dialog.load_button.isEnabled()  # the answer is about another one than the row
    keep = Finding("keep_architecture", "Load it as vgg16 all the same.")
    state.checkpoint.set_diagnosis(diagnosis(sha256="cd" * 32, architecture="vgg16", repairs=(keep, PREFIX)))
    assert dialog.load_button.isEnabled()
    assert list(dialog.report.boxes) == ["strip_prefix"]  # the row stands for the other
    assert dialog.report.candidates.architecture == "vgg16"
    dialog.reject()


def test_ticks_stay_when_the_file_is_looked_at_again(state, qtbot):
    dialog = opened(state, qtbot, diagnosis(repairs=(PREFIX, HEAD)))
    dialog.report.boxes["new_head"].click()
    dialog.report.boxes["strip_prefix"].click()
    state.checkpoint.set_diagnosis(diagnosis(repairs=(PREFIX, HEAD), sha256="cd" * 32))
    assert dialog.report.repairs == ("new_head",)
    dialog.reject()


def test_the_keys_are_filtered_by_words_and_by_status(state, qtbot):
    state.checkpoint.set_diagnosis(diagnosis())
    dialog = KeysDialog(state)
    qtbot.addWidget(dialog)
    rows = tuple(
        KeyRow(f"layer{number}.{'conv' if number % 2 else 'bn'}.weight", status, (number,), None)
        for number, status in enumerate(("matched", "missing", "unexpected", "misshapen") * 500)
    )
    state.checkpoint.set_keys(KeyTable(PATH, "vgg16", rows))
    assert dialog.table.rows.rowCount() == 2000
    dialog.field.setText("CONV layer7")
    assert all("conv" in dialog.table.rows.row(at).name for at in range(dialog.table.rows.rowCount()))
    dialog.status.setCurrentIndex(dialog.status.findData("missing"))
    shown = [dialog.table.rows.row(at) for at in range(dialog.table.rows.rowCount())]
    assert shown == [row for row in rows if "conv" in row.name and "layer7" in row.name and row.status == "missing"]
    dialog.table.selectAll()
    dialog.table.copy()
    assert len(QGuiApplication.clipboard().text().splitlines()) == len(shown)
    dialog.reject()


def test_words():
    what = "This is a VGG-16 with batch norm for 5 classes."
    assert headline(diagnosis(), None) == f"{what} It can be loaded once it is repaired."
    assert "cannot be loaded" in headline(REFUSED, None)
    assert [size_words(size) for size in (None, 1, 999)] == ["", "1 byte", "999 bytes"]
    assert [size_words(size) for size in (4_900_000, 3 * 10**9)] == ["4.9 MB", "3.0 GB"]
    assert [shape_words(shape) for shape in (None, (), (64, 3, 7, 7), (0, 512))] == ["—", "one number", "64×3×7×7", "any×512"]
    assert "Names in the pickle: os.system, __main__.Net" in as_text(REFUSED, None)


def test_a_moving_average_can_be_taken_though_nothing_needs_repair():
    shown = diagnosis(problems=(Finding("averaged", "“ema” can be taken instead (repair take_average)."),), repairs=())
    assert [one.kind for one in offered(shown)] == ["take_average"]
    assert lacking(shown, ()) == ""


@pytest.mark.parametrize("width", [600, 640, 760])
def test_what_fits_is_not_scrolled(state, qtbot, width):
    """Sentences have more lines at the narrowest width, which is not the one that counts."""
    long = tuple(Finding(f"problem{at}", "A sentence of the doctor that goes on for two lines or so. " * 3) for at in range(3))
    dialog = opened(state, qtbot, diagnosis(problems=long))
    area = dialog.report.parentWidget().parentWidget()
    needed = dialog.report.heightForWidth(area.viewport().width())
    dialog.resize(width, dialog.height() + max(0, needed - area.viewport().height()) + 30)
    qtbot.waitUntil(lambda: dialog.report.heightForWidth(area.maximumViewportSize().width()) <= area.viewport().height())
    qtbot.waitUntil(lambda: not area.verticalScrollBar().isVisible())
    dialog.resize(width, 320)
    qtbot.waitUntil(lambda: area.verticalScrollBar().isVisible())
    dialog.reject()


@pytest.mark.parametrize("count", [1, 3, 4, 9])
def test_no_name_of_the_pickle_is_cut(state, qtbot, count):
    names = tuple(f"package.module.Name{at}" for at in range(count))
    dialog = opened(state, qtbot, diagnosis(executes_code=True, globals=names))
    edit = dialog.report.names
    assert edit.viewport().height() == min(4, count) * edit.fontMetrics().lineSpacing() + 1
    assert edit.verticalScrollBar().maximum() == max(0, count - 4)
    dialog.reject()


def test_the_candidates_stay_in_sight_when_another_is_chosen(state, qtbot):
    """What is said of another one is longer and lies above them."""
    more = tuple(Finding(f"problem{at}", "A sentence of the doctor that goes on for two lines or so. " * 3) for at in range(5))
    dialog = opened(state, qtbot, diagnosis())
    dialog.resize(640, 420)
    dialog.report.candidates.selectRow(1)
    state.checkpoint.set_opened()
    state.checkpoint.set_diagnosis(diagnosis(architecture="vgg16", problems=more))
    area = dialog.report.parentWidget().parentWidget()
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    table, headline = dialog.report.candidates, dialog.report.headline
    qtbot.waitUntil(lambda: area.viewport().rect().contains(table.mapTo(area.viewport(), table.rect().bottomLeft())))
    assert dialog.rect().contains(headline.mapTo(dialog, headline.rect().topLeft()))
    dialog.reject()


def test_a_long_sentence_has_all_the_room_it_needs(state, qtbot):
    long = "A sentence of the doctor that goes on and on. " * 8
    dialog = opened(state, qtbot, diagnosis(problems=(Finding("long", long),), repairs=(PREFIX, Finding("cast", long))))
    labels = [label for label in dialog.report.findChildren(QLabel) if label.wordWrap() and label.isVisible()]
    assert sum(label.text() == long for label in labels) == 2
    assert all(label.height() >= label.heightForWidth(label.width()) for label in labels)
    dialog.reject()


def test_it_opens_as_high_as_all_that_it_says(state, qtbot):
    """In the style of the program: a bold headline has more lines than a plain one."""
    theme.choose(QApplication.instance(), "light")
    message = "This is a VGG-16 with batch norm for 5 classes. You picked VGG-16 without. Load as vgg16_bn?"
    shown = diagnosis(problems=(Finding("other_architecture", message), Finding("one", "One more thing to know.")), repairs=())
    dialog = opened(state, qtbot, shown, "vgg16")
    area = dialog.report.parentWidget().parentWidget()
    assert dialog.report.headline.height() > 1.5 * dialog.report.headline.fontMetrics().lineSpacing()
    assert area.verticalScrollBar().maximum() == 0
    dialog.reject()

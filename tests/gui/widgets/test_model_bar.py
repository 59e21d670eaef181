from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QSpinBox
from pytestqt.qtbot import QtBot

from core.types import BUILTIN_SPEC, ModelSpec, WeightsSpec
from core.zoo import catalog
from gui.state import AppState
from gui.widgets.model_bar import ModelBar, format_count
from tests.gui.samples import CPU, GPU, OPTIONS, RESNET, V1, V2, model

Key = Qt.Key


@pytest.fixture
def bar(state: AppState, qtbot: QtBot) -> ModelBar:
    state.set_devices((CPU, GPU))
    state.set_weights(OPTIONS)
    state.set_model(model())
    widget = ModelBar(state)
    qtbot.addWidget(widget)
    widget.resize(1000, 48)
    widget.show()
    widget.activateWindow()
    return widget


def typed(bar: ModelBar, qtbot: QtBot, text: str) -> None:
    bar.model_picker.setFocus()
    bar.model_picker.lineEdit().selectAll()
    qtbot.keyClicks(bar.model_picker, text)


def completions(bar: ModelBar) -> list[str]:
    found = bar.model_picker.completer().popup().model()
    return [found.index(row, 0).data() for row in range(found.rowCount())]


def click_row(bar: ModelBar, picker: QComboBox, row: int, qtbot: QtBot) -> None:
    """Open the list and click a line, as a person does."""
    picker.showPopup()
    view = picker.view()
    view.scrollTo(view.model().index(row, 0))
    place = view.visualRect(view.model().index(row, 0)).center()
    qtbot.mouseMove(view.viewport(), place)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    picker.hidePopup()


def test_object_names(bar: ModelBar) -> None:
    for name in ("modelPicker", "weightsPicker", "devicePicker"):
        assert isinstance(bar.findChild(QComboBox, name), QComboBox)


def test_all_architectures_under_headings(bar: ModelBar) -> None:
    picker = bar.model_picker
    entries = [(picker.itemText(row), picker.itemData(row)) for row in range(picker.count())]
    assert tuple(data for _, data in entries if data) == catalog.architectures()
    headings = [row for row, (_, data) in enumerate(entries) if not data]
    assert [entries[row][0] for row in headings] == list(catalog.FAMILIES)
    assert not any(picker.entries.item(row).isEnabled() for row in headings)
    assert ("Compact VGG (built-in)", "compact_vgg") in entries


def test_the_truth_is_shown_without_a_word(state: AppState, bar: ModelBar, qtbot: QtBot) -> None:
    assert bar.model_picker.currentText() == "resnet50"
    assert bar.weights_picker.currentData() == V1
    assert bar.device_picker.currentData() == "auto"
    with qtbot.assertNotEmitted(state.spec_chosen), qtbot.assertNotEmitted(state.device_chosen):
        state.set_model(model(BUILTIN_SPEC))
    assert bar.model_picker.currentText() == "Compact VGG (built-in)"
    assert bar.weights_picker.currentText() == "Built-in"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("mobilenet_v3", ["mobilenet_v3_small", "mobilenet_v3_large"]), ("MaxViT", ["maxvit_t"]),
     ("inception", ["googlenet", "inception_v3"]), ("built", ["Compact VGG (built-in)"]),
     ("a-lrn", ["vgg11_lrn", "vgg11_lrn_bn"]), ("Network in", ["nin"])],
)  # fmt: skip
def test_typing_searches_names_titles_and_families(bar: ModelBar, qtbot: QtBot, text: str, expected: list[str]) -> None:
    typed(bar, qtbot, text)
    assert bar.model_picker.completer().popup().isVisible()
    assert completions(bar) == expected
    bar.model_picker.completer().popup().hide()


def test_a_click_on_a_found_model_chooses_it(state: AppState, bar: ModelBar, qtbot: QtBot) -> None:
    typed(bar, qtbot, "v3_la")
    popup = bar.model_picker.completer().popup()
    place = popup.visualRect(popup.model().index(0, 0)).center()
    with qtbot.waitSignal(state.spec_chosen, timeout=1000) as signal:
        qtbot.mouseClick(popup.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert signal.args[0].architecture == "mobilenet_v3_large"
    assert bar.model_picker.currentText() == "mobilenet_v3_large"


def test_down_and_return_choose_a_found_model(state: AppState, bar: ModelBar, qtbot: QtBot) -> None:
    typed(bar, qtbot, "mobilenet_v3")
    popup = bar.model_picker.completer().popup()
    chosen: list[ModelSpec] = []
    state.spec_chosen.connect(chosen.append)
    qtbot.keyClick(popup, Key.Key_Down)
    qtbot.keyClick(popup, Key.Key_Down)
    qtbot.keyClick(popup, Key.Key_Return)
    assert [spec.architecture for spec in chosen] == ["mobilenet_v3_large"]
    assert bar.model_picker.currentText() == "mobilenet_v3_large"


def test_return_takes_the_first_match(state: AppState, bar: ModelBar, qtbot: QtBot) -> None:
    typed(bar, qtbot, "densenet16")
    chosen: list[ModelSpec] = []
    state.spec_chosen.connect(chosen.append)
    qtbot.keyClick(bar.model_picker.completer().popup(), Key.Key_Return)
    assert [spec.architecture for spec in chosen] == ["densenet161"]


@pytest.mark.parametrize("key", [Key.Key_Return, Key.Key_Escape])
def test_wrong_text_gives_way_to_the_last_good_one(state: AppState, bar: ModelBar, qtbot: QtBot, key: Key) -> None:
    typed(bar, qtbot, "no such model")
    with qtbot.assertNotEmitted(state.spec_chosen):
        qtbot.keyClick(bar.model_picker, key)
    assert bar.model_picker.currentText() == "resnet50"
    assert bar.model_picker.currentData() == "resnet50"


def test_wrong_text_gives_way_when_the_focus_leaves(state: AppState, bar: ModelBar, qtbot: QtBot) -> None:
    typed(bar, qtbot, "vgg")
    bar.model_picker.completer().popup().hide()
    with qtbot.assertNotEmitted(state.spec_chosen):
        bar.weights_picker.setFocus()
        qtbot.waitUntil(lambda: bar.model_picker.currentText() == "resnet50")


def test_another_architecture_starts_with_weights_that_fit(state: AppState, bar: ModelBar, qtbot: QtBot) -> None:
    click_row(bar, bar.model_picker, bar.model_picker.find("vgg16"), qtbot)
    assert state.spec == ModelSpec("vgg16", WeightsSpec("random", seed=0))
    assert bar.findChild(QSpinBox, "weightsSeed").isVisible()
    click_row(bar, bar.model_picker, bar.model_picker.find("compact_vgg"), qtbot)
    assert state.spec == BUILTIN_SPEC
    assert not bar.findChild(QSpinBox, "weightsSeed").isVisible()


def test_default_weights_come_from_the_hook(state: AppState, qtbot: QtBot) -> None:
    bar = ModelBar(state, default_weights=lambda architecture: WeightsSpec("named", name=architecture.upper()))
    qtbot.addWidget(bar)
    bar.show()
    click_row(bar, bar.model_picker, bar.model_picker.find("alexnet"), qtbot)
    assert state.spec == ModelSpec("alexnet", WeightsSpec("named", name="ALEXNET"))


def test_weights_that_cannot_be_had_are_listed_but_disabled(bar: ModelBar) -> None:
    item = bar.weights_picker.entries.item(bar.weights_picker.find(V2))
    assert item.text() == "IMAGENET1K_V2"
    assert not item.isEnabled()
    assert item.toolTip() == "not here"


def test_random_weights_and_their_seed(state: AppState, bar: ModelBar, qtbot: QtBot) -> None:
    seed = bar.findChild(QSpinBox, "weightsSeed")
    assert not seed.isVisible()
    click_row(bar, bar.weights_picker, bar.weights_picker.find(WeightsSpec("random")), qtbot)
    assert state.spec == ModelSpec("resnet50", WeightsSpec("random", seed=0))
    assert seed.isVisible()
    seed.selectAll()
    with qtbot.waitSignal(state.spec_chosen, timeout=0):
        qtbot.keyClicks(seed, "42")
        qtbot.keyClick(seed, Key.Key_Return)
    assert state.spec.weights == WeightsSpec("random", seed=42)
    click_row(bar, bar.weights_picker, bar.weights_picker.find(V1), qtbot)
    assert state.spec == RESNET
    click_row(bar, bar.weights_picker, bar.weights_picker.find(WeightsSpec("random")), qtbot)
    assert state.spec.weights.seed == 42


def test_file_asks_and_shows_the_old_weights_meanwhile(state: AppState, bar: ModelBar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bar.weights_file_requested, timeout=0), qtbot.assertNotEmitted(state.spec_chosen):
        click_row(bar, bar.weights_picker, bar.weights_picker.count() - 1, qtbot)
    assert bar.weights_picker.currentData() == V1


def test_a_chosen_file_is_shown_by_its_name(state: AppState, bar: ModelBar) -> None:
    path = Path("some where/flowers #3.safetensors").absolute()
    state.choose_spec(ModelSpec("resnet50", WeightsSpec("file", path=path)))
    assert bar.weights_picker.currentText() == "flowers #3.safetensors"
    assert str(path) in bar.weights_picker.toolTip()
    state.set_model(model())
    assert bar.weights_picker.currentData() == V1
    assert bar.weights_picker.findText("flowers #3.safetensors") == -1


def test_after_a_failed_load_the_last_good_model_is_shown(state: AppState, bar: ModelBar, qtbot: QtBot) -> None:
    state.choose_spec(ModelSpec("vgg16", WeightsSpec("random", seed=3)))
    assert bar.model_picker.currentText() == "vgg16"
    with qtbot.assertNotEmitted(state.spec_chosen):
        state.restore_truth()
    assert bar.model_picker.currentText() == "resnet50"
    assert bar.weights_picker.currentData() == V1
    assert not bar.findChild(QSpinBox, "weightsSeed").isVisible()
    click_row(bar, bar.weights_picker, bar.weights_picker.find(WeightsSpec("random")), qtbot)
    assert state.spec.architecture == "resnet50"


def test_a_late_model_does_not_overwrite_a_newer_wish(state: AppState, bar: ModelBar) -> None:
    state.choose_spec(ModelSpec("vgg16", WeightsSpec("random")))
    state.set_model(model(ModelSpec("alexnet", WeightsSpec("random"))), asked_for=False)
    assert bar.model_picker.currentText() == "vgg16"


def test_devices(state: AppState, bar: ModelBar, qtbot: QtBot) -> None:
    picker = bar.device_picker
    assert [picker.itemText(row) for row in range(picker.count())] == ["Auto", "CPU · 12.3 GB free", "Fast GPU"]
    with qtbot.waitSignal(state.device_chosen, timeout=0) as signal:
        click_row(bar, picker, 2, qtbot)
    assert signal.args == ["cuda:0"]
    state.set_model(model(device="cpu"))
    assert picker.currentData() == "cpu"
    state.set_devices((CPU,))
    assert [picker.itemData(row) for row in range(picker.count())] == ["auto", "cpu"]
    assert picker.currentData() == "cpu"


def test_the_wheel_changes_nothing(state: AppState, bar: ModelBar, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(state.spec_chosen), qtbot.assertNotEmitted(state.device_chosen):
        for picker in (bar.model_picker, bar.weights_picker, bar.device_picker):
            centre = QPointF(picker.rect().center())
            event = QWheelEvent(
                centre, picker.mapToGlobal(centre), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
                Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
            )  # fmt: skip
            QApplication.sendEvent(picker, event)


def test_an_arrow_key_opens_the_list(state: AppState, bar: ModelBar, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(state.spec_chosen):
        qtbot.keyClick(bar.weights_picker, Key.Key_Down)
    assert bar.weights_picker.view().isVisible()
    bar.weights_picker.hidePopup()


def test_it_fits_900_pixels_and_gives_the_facts_up_first(bar: ModelBar, state: AppState, qtbot: QtBot) -> None:
    state.choose_spec(ModelSpec("resnet50", WeightsSpec("random")))
    assert bar.minimumSizeHint().width() <= 880
    bar.resize(900, 48)
    assert not bar._facts.isVisible()
    qtbot.waitUntil(lambda: bar.device_picker.geometry().right() < 900)
    bar.resize(1280, 48)
    assert bar._facts.isVisible()
    assert bar._facts.text() == "2.3 M parameters · 10 categories"


@pytest.mark.parametrize(("number", "text"), [(740, "740"), (57_300, "57.3 k"), (2_345_678, "2.3 M"), (10**9, "1.0 G")])
def test_counts(number: int, text: str) -> None:
    assert format_count(number) == text

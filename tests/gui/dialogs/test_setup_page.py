"""Setting up a run: the window of training with the real thread that looks at the pictures, and no model loaded."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from core.training.dataset import open_dataset
from core.training.plan import write_plan
from core.training.recipe import PRESETS, changed
from core.types import BUILTIN_SPEC, AugmentPreview, Failure, ModelSpec, Recipe, TrainConfig, WeightsSpec
from gui.conductor import Conductor
from gui.desks.survey_desk import SurveyDesk
from gui.dialogs.train.places import looks_like_dataset
from gui.dialogs.train.train_window import TrainWindow
from gui.state import AppState
from tests.core.training.conftest import draw
from tests.helpers.train_table import LONG, Table


@pytest.fixture
def table(state: AppState, qtbot: object) -> Iterator[Table]:
    conductor = Conductor(state)
    SurveyDesk(state, conductor)
    notices = []
    state.notice_raised.connect(notices.append)
    window = TrainWindow(state)
    window.show()
    made = Table(state, window, qtbot)
    made.notices = notices
    yield made
    window.close()
    assert conductor.survey.stop(LONG)
    for part in (window, conductor, state):
        part.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    """A folder per category, not divided."""
    return draw(tmp_path / "colours", 10)


def test_nothing_is_chosen_yet(table):
    assert not table.page.start.isEnabled()
    assert table.page.reason.text() == "Choose a folder of pictures."
    assert "Drop a folder of pictures here" in table.page.data.list.accessibleDescription()
    assert table.state.survey.wish is None


def test_from_a_folder_to_a_run(table, colours):
    table.choose(colours)
    page = table.page
    assert page.data.summary.text().startswith("3 categories, 30 pictures")
    assert "10%" in page.data.split.text()
    assert page.data.rows == []
    rows = page.data.list.model()
    assert [rows.index(row).data() for row in range(rows.rowCount())] == ["blue", "green", "red"]
    assert page.folder.text() == str(colours)
    assert table.start() == TrainConfig(colours, colours.with_name("colours-model"), BUILTIN_SPEC, Recipe())
    assert table.asked[0][1] is False


def test_a_folder_is_dropped(table, colours):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(colours))])
    at, no_keys = QPoint(100, 100), Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, no_keys)
    table.window.dragEnterEvent(enter)
    assert enter.isAccepted()
    table.window.dropEvent(QDropEvent(QPointF(at), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, no_keys))
    table.wait_read()
    assert table.state.training.data == colours
    assert table.state.survey.survey.train == 27
    assert not any(field.acceptDrops() for field in (table.page.folder, table.page.output.field))


def test_a_file_is_no_folder(table, colours):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(colours / "red" / "0.png"))])
    at, no_keys = QPoint(9, 9), Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, no_keys)
    enter.ignore()
    table.window.dragEnterEvent(enter)
    assert not enter.isAccepted()


def test_a_typed_path_is_taken_by_enter_and_starts_nothing(table, colours):
    table.page.folder.setFocus()
    QTest.keyClicks(table.page.folder, str(colours))
    QTest.keyClick(table.page.folder, Qt.Key.Key_Return)
    table.wait_read()
    assert table.state.training.data == colours
    assert table.asked == []
    QTest.keyClick(table.page.folder, Qt.Key.Key_Return)
    assert [config.data for config, _ in table.asked] == [colours]


@pytest.mark.parametrize("name", sorted(PRESETS.keys() - {"corrections"}))  # which has a dialog of its own
def test_a_preset_is_taken_whole(table, colours, name):
    table.choose(colours)
    button = next(one for one in table.page.recipe.presets.segments.buttons if one.objectName() == f"segment_{name}")
    button.click()
    config = table.start()
    assert config.recipe == PRESETS[name]
    assert config.spec == (ModelSpec("compact_vgg", WeightsSpec("random")) if name == "vgg-paper" else BUILTIN_SPEC)


VALUES = {
    "mode": "scratch", "loss": "hinge", "optimizer": "sgd", "rate": "0.0125", "body_rate": "0.5", "momentum": "0.8",
    "nesterov": "true", "weight_decay": "0.001", "batch_size": "7", "schedule": "plateau", "warm_up": "0.2", "factor": "0.5",
    "patience": "9", "phases": "32:3,40+48:2", "crop": "jitter", "crop_area": "0.2,0.9", "scale_jitter": "1.5,2",
    "flip": "false", "colour": "0.3", "colour_shift": "0.2", "label_smoothing": "0.1", "mixup": "0.4", "average": "0.99",
    "initialise": "a.safetensors", "order": "listed", "precision": "float32",
}  # fmt: skip
NEEDS = {
    "body_rate": ("mode", "full"), "momentum": ("optimizer", "sgd"), "nesterov": ("optimizer", "sgd"),
    "factor": ("schedule", "plateau"), "patience": ("schedule", "plateau"), "scale_jitter": ("crop", "jitter"),
    "initialise": ("mode", "scratch"),
}  # fmt: skip


def test_every_value_of_a_recipe_can_be_changed(table, colours):
    assert {*VALUES, "epochs", "seed"} == {one.name for one in fields(Recipe)}
    table.choose(colours)
    recipe = table.page.recipe
    recipe.more.click()
    for key, text in VALUES.items():
        recipe.take_preset("fine-tune")
        needed = [NEEDS[key]] if key in NEEDS else []
        for other, value in needed:
            table.edit(other, value)
        assert recipe.form.controls[key].isEnabled(), key
        table.edit(key, text)
        wanted = changed(PRESETS["fine-tune"], [f"{other}={value}" for other, value in (*needed, (key, text))])
        assert recipe.recipe == wanted, key
        assert not recipe.presets.reset.isHidden()
    recipe.take_preset("fine-tune")
    recipe.epochs.setValue(3)
    recipe.seed.setValue(5)
    recipe.share.setValue(30)
    table.wait_read()
    config = table.start()
    assert config.recipe == replace(PRESETS["fine-tune"], epochs=3, seed=5)
    assert config.val_share == 0.3
    recipe.presets.reset.click()
    assert recipe.recipe == PRESETS["fine-tune"]
    assert recipe.presets.reset.isHidden()


def test_share_and_seed_divide_the_pictures_anew(table, colours):
    table.choose(colours)
    table.page.recipe.share.setValue(40)
    table.qtbot.waitUntil(lambda: table.state.survey.survey.val == 12, timeout=LONG)
    assert table.page.recipe.share.isEnabled()
    divided = colours.parent / "divided"
    draw(divided / "train", 3)
    draw(divided / "val", 2, seed=1)
    table.choose(divided)
    assert not table.page.recipe.share.isEnabled()
    assert table.page.recipe.share.toolTip() == "The folder is divided already"
    asked = []
    table.state.survey.wanted.connect(asked.append)
    table.page.recipe.seed.setValue(77)
    assert asked == []
    assert table.start().recipe.seed == 77


def test_what_is_wrong_is_said_beside_the_field(table, colours):
    table.choose(colours)
    recipe = table.page.recipe
    recipe.take_preset("fine-tune")
    recipe.more.click()
    for key, text, words in (
        ("rate", "fast", "Rate is a number, not “fast”."), ("rate", "1000", "Rate is between 0 and 100, not 1000."),
        ("crop_area", "0.9,0.1", "Crop area is a smaller number and a larger one, not 0.9,0.1."),
        ("phases", "32", "“32” is no phase. Write sides of the input (8 to 2048 pixels) and epochs, as in 32:20,48+64:5."),
    ):
        table.edit(key, text)
        assert recipe.form.problems == {key: words}
        assert table.page.reason.text() == words
        assert not table.page.start.isEnabled()
        recipe.take_preset("fine-tune")
        assert table.page.start.isEnabled()
        assert recipe.form.problems == {}


def test_a_value_that_does_not_count_cannot_be_changed_and_says_why(table):
    recipe = table.page.recipe
    form = recipe.form
    assert not form.controls["crop_area"].isEnabled()
    assert "features" in form.controls["crop_area"].toolTip()
    recipe.take_preset("vgg-paper")
    assert form.controls["scale_jitter"].isEnabled()
    assert "Counts with the crop “area” only" in form.controls["crop_area"].toolTip()
    table.edit("phases", "32:4")
    assert (recipe.epochs.value(), recipe.epochs.isEnabled()) == (4, False)


def test_the_preview_follows_the_recipe(table, colours):
    table.choose(colours)
    first = table.wait_preview() if table.state.survey.preview is None else table.state.survey.preview
    assert len(first.variants) == 2
    recipe = table.page.recipe
    recipe.take_preset("fine-tune")
    wide = table.wait_preview()
    assert len(wide.variants) == len(table.page.preview.variants) == 7
    table.edit("crop_area", "0.02,0.03")
    narrow = table.wait_preview()
    assert wide.name == narrow.name
    assert all(one.tobytes() != other.tobytes() for one, other in zip(wide.variants, narrow.variants, strict=True))
    table.page.another.click()
    assert table.wait_preview().category == "green"
    assert "green" in table.page.preview.accessibleDescription()


def test_warnings_have_words_and_a_sign(table, colours):
    (colours / "red" / "0.png").write_bytes(b"damaged")
    shutil.copy(colours / "blue" / "1.png", colours / "green" / "x.png")
    for number in range(10, 40):
        shutil.copy(colours / "red" / "1.png", colours / "red" / f"{number}.png")
    table.choose(colours)
    said = [row.text.text() for row in table.page.data.rows]
    assert "One picture cannot be read and is left out: “red/0.png”." in said
    assert any("both learned from and validated with" in one for one in said)
    assert any("lies in more than one category" in one for one in said)
    assert any("times as many pictures" in one for one in said)
    assert "red/0.png: " in table.page.data.rows[0].text.toolTip()
    assert all(row.text.accessibleName().startswith("Warning: ") for row in table.page.data.rows)
    assert table.page.start.isEnabled()


@pytest.mark.parametrize(("case", "words"), [
    ("empty", "no folders with pictures"), ("one", "only one folder"), ("file", "is neither a folder nor a list of pictures"),
    ("missing", "does not exist"),
])  # fmt: skip
def test_what_is_no_data_set_says_why(table, tmp_path, case, words):
    folder = tmp_path / "data"
    if case == "file":
        folder.write_text("no")
    elif case != "missing":
        folder.mkdir()
    if case == "one":
        draw(folder, 2, colours={"red": (255, 0, 0)})
    table.choose(folder)
    assert words in table.page.data.list.accessibleDescription()
    assert table.page.reason.text() == "There is nothing to learn from in this folder."
    assert not table.page.start.isEnabled()
    assert table.notices == []


def test_where_the_result_goes(table, colours, tmp_path):
    colours.with_name("colours-model").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "model.json").write_text("mine")
    table.choose(colours)
    page = table.page
    assert page.output.output == colours.with_name("colours-model-2")
    for text, words in (
        ("", "Choose a folder for the result."), ("here", "Write the whole path of the folder for the result."),
        (str(colours / "model"), "The folder for the result lies in that of the pictures. Choose one outside."),
        (str(tmp_path / "full"), "“full” is not empty, and nothing in it is overwritten. Choose another name."),
        (str(tmp_path / "full" / "model.json"), "“model.json” is a file. Choose another name for the folder of the result."),
    ):
        page.output.field.setText(text)
        page.output.field.textEdited.emit(text)
        assert page.reason.text() == words
        assert not page.start.isEnabled()
    new = tmp_path / "deep" / "new"
    page.output.field.setText(str(new))
    page.output.field.textEdited.emit(str(new))
    assert table.start().output == new


def test_going_on_with_what_was_broken_off(table, colours):
    spec, recipe = ModelSpec("nin", WeightsSpec("random", seed=3)), changed(PRESETS["seed-004"], ["rate=0.3"])
    began = TrainConfig(colours, colours.with_name("colours-model"), spec, recipe, "cpu", 0.2)
    (began.output / "run").mkdir(parents=True)
    write_plan(began)
    (began.output / "run" / "state.pt").write_bytes(b"")
    table.choose(colours)
    page = table.page
    assert page.output.output == colours.with_name("colours-model-2")
    assert page.output.offer.isVisible()
    assert "“colours-model”" in page.output.words.text()
    page.output.go_on.click()
    assert table.asked == [(began, True)]
    (began.output / "run" / "plan.json").write_text("{")
    page.output.go_on.click()
    assert len(table.asked) == 1
    assert "cannot be read" in page.reason.text()
    (began.output / "weights.safetensors").write_bytes(b"")
    page.output.look()
    assert not page.output.offer.isVisible()


def test_closing_gives_up_and_opening_again_goes_on(table, colours):
    table.choose(colours)
    table.page.recipe.take_preset("seed-004")
    QTest.keyClick(table.window, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert not table.window.isVisible()
    assert table.state.survey.wish is None
    assert table.state.survey.survey is None
    table.window.show()
    table.wait_read()
    assert table.start().recipe == PRESETS["seed-004"]


def test_browsing(table, colours, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(colours))
    table.page.browse.click()
    table.wait_read()
    assert table.state.training.data == colours
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(colours.parent / "there"))
    table.page.output.browse.click()
    assert table.page.output.output == colours.parent / "there"


def test_a_picture_that_has_gone_cannot_be_previewed_and_one_that_was_damaged_is_passed_by(table, colours):
    damaged, sound = (one.path for one in open_dataset(colours).train.pictures[:2])
    damaged.write_bytes(b"damaged")
    table.choose(colours)
    facts = table.state.survey

    def shown() -> str:
        return facts.preview.name if isinstance(facts.preview, AugmentPreview) else ""

    table.qtbot.waitUntil(lambda: shown() == f"blue/{sound.name}", timeout=LONG)
    for picture in (colours / "green").iterdir():
        picture.write_bytes(b"damaged since")
    table.page.another.click()
    table.qtbot.waitUntil(lambda: isinstance(facts.preview, Failure), timeout=LONG)
    assert "text file" in table.page.preview.accessibleDescription()


def test_what_may_be_a_data_set_is_seen_at_a_glance(colours, tmp_path):
    (tmp_path / "idx").mkdir()
    (tmp_path / "idx" / "train-images-idx3-ubyte.gz").write_bytes(b"")
    (tmp_path / "divided" / "train").mkdir(parents=True)
    seen = [looks_like_dataset(folder) for folder in (colours, tmp_path / "idx", tmp_path / "divided")]
    assert seen == [True] * 3
    assert not looks_like_dataset(colours / "red")
    assert not looks_like_dataset(tmp_path / "gone")


def test_return_presses_the_button_that_has_the_focus(table, colours):
    table.choose(colours)
    page = table.page
    page.recipe.more.setFocus()
    QTest.keyClick(page.recipe.more, Qt.Key.Key_Return)
    assert page.recipe.form.isVisible()
    before = table.state.survey.preview_wish
    page.another.setFocus()
    QTest.keyClick(page.another, Qt.Key.Key_Return)
    assert table.state.survey.preview_wish.number == before.number + 1
    assert table.asked == []
    page.recipe.epochs.setFocus()
    page.recipe.epochs.selectAll()
    QTest.keyClicks(page.recipe.epochs, "4")
    QTest.keyClick(page.recipe.epochs, Qt.Key.Key_Return)
    assert [config.recipe.epochs for config, _ in table.asked] == [4]

"""The main job in the real window: pictures come in by every way, are classified, and layers are shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QWidget

from core.types import ActivationGrid, ActivationVector, ImageRef, ModelSpec, WeightsSpec
from core.zoo import backend
from tests.e2e.conftest import LONG

NAMES = (
    "modelPicker", "weightsPicker", "devicePicker", "imageStrip", "imageView", "networkInput", "predictionTable",
    "layerTree", "activationView", "statusBar",
)  # fmt: skip


def drop(window: QWidget, mime: QMimeData, at: QPoint | None = None) -> bool:
    """Drop onto the window as Qt's drag manager does: enter, then drop; False if it was not welcome."""
    at = at or window.rect().center()
    actions, buttons, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, actions, mime, buttons, keys)
    QApplication.sendEvent(window, enter)
    if not enter.isAccepted():
        return False
    QApplication.sendEvent(window, QDropEvent(QPointF(at), actions, mime, buttons, keys))
    return True


def files(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def test_all_parts_are_there_under_their_stable_names(launch):
    window = launch().window
    for name in NAMES:
        assert window.findChild(QWidget, name) is not None, name


def test_dropped_picture_is_classified_and_its_activations_are_shown(launch, picture):
    bench = launch()
    path = picture("ü 画像 #1 100%.png")
    assert drop(bench.window, files(path))
    bench.wait_answer(path)
    state = bench.state
    assert sum(p.probability for p in state.classification.predictions) <= 1 + 1e-5
    assert [p.rank for p in state.classification.predictions] == list(range(1, 11))
    assert isinstance(state.activations, ActivationGrid)
    assert state.activations.layer.key == state.layer
    table = bench.window.findChild(QWidget, "predictionTable")
    assert table.model().rowCount() == 5
    assert table.model().index(0, 1).data() == state.classification.predictions[0].category


def test_dropped_folder_comes_in_natural_order_and_every_picture_gets_a_top_1(launch, picture, tmp_path):
    bench = launch()
    for number in (10, 2, 1):
        picture(f"folder/sub/photo {number}.png")
    (tmp_path / "folder" / "notes.txt").write_text("not a picture")
    drop(bench.window, files(tmp_path / "folder"))
    bench.qtbot.waitUntil(lambda: len(bench.state.images) == 3 and bench.conductor.idle, timeout=LONG)
    assert [image.name for image in bench.state.images] == ["photo 1.png", "photo 2.png", "photo 10.png"]
    assert bench.state.image.name == "photo 1.png"
    assert all(bench.state.verdict(image).prediction is not None for image in bench.state.images)


def test_dropped_picture_without_a_file_is_kept_and_classified(launch, home):
    bench = launch()
    image = QImage(90, 60, QImage.Format.Format_RGB32)
    image.fill(0xFF2080C0)
    mime = QMimeData()
    mime.setImageData(image)
    assert drop(bench.window, mime)
    bench.qtbot.waitUntil(lambda: bench.state.classification is not None, timeout=LONG)
    kept = bench.state.image.path
    assert home in kept.parents
    assert QImage(str(kept)).pixelColor(5, 5).getRgb()[:3] == (0x20, 0x80, 0xC0)


def test_dropped_web_address_without_a_picture_is_answered_in_words(launch):
    bench = launch()
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/cat.jpg")])
    drop(bench.window, mime)
    assert any("example.org/cat.jpg" in notice and "offline" in notice for notice in bench.notices)


@pytest.mark.parametrize("as_text", [False, True])
def test_paste_takes_files_and_paths_copied_as_text(launch, picture, as_text):
    bench = launch()
    path = picture()
    mime = QMimeData()
    if as_text:
        mime.setText(f'"{path}"\n')
    else:
        mime.setUrls([QUrl.fromLocalFile(str(path))])
    QGuiApplication.clipboard().setMimeData(mime)
    bench.window.actions_by_key["paste"].trigger()
    bench.wait_answer(path)


def test_choosing_another_layer_shows_it_without_another_classification(launch, picture):
    bench = launch()
    path = picture()
    drop(bench.window, files(path))
    bench.wait_answer(path)
    before = bench.state.classification
    other = next(layer.key for layer in bench.state.model.layers if layer.leaf and layer.key != bench.state.layer)
    bench.state.set_layer(other)
    bench.wait_idle()
    assert bench.state.activations.layer.key == other
    assert bench.state.classification is before


def test_the_last_layer_of_the_built_in_model_is_a_vector_with_its_categories(launch, picture):
    bench = launch()
    path = picture()
    drop(bench.window, files(path))
    bench.wait_answer(path)
    bench.state.set_layer("classifier")
    bench.wait_idle()
    vector = bench.state.activations
    assert isinstance(vector, ActivationVector)
    assert vector.strongest[0] == bench.state.classification.predictions[0].index
    assert vector.labels[0] == bench.state.classification.predictions[0].category
    logits = vector.values.astype(np.float64)
    softmax = np.exp(logits - logits.max())
    softmax /= softmax.sum()
    shown = [p.probability for p in bench.state.classification.predictions]
    np.testing.assert_allclose(sorted(softmax)[::-1][:10], shown, atol=1e-5)


def test_bad_file_names_itself_and_the_rest_goes_on(launch, picture, tmp_path):
    bench = launch()
    good, broken, empty = picture("good.png"), tmp_path / "broken.jpg", tmp_path / "empty.png"
    broken.write_bytes(b"\xff\xd8\xff\xe0 this is no picture")
    empty.touch()
    drop(bench.window, files(broken, empty, good))
    bench.qtbot.waitUntil(lambda: len(bench.state.images) == 3 and bench.conductor.idle, timeout=LONG)
    assert bench.state.image == ImageRef(broken)
    assert "broken.jpg" in bench.state.failure.message
    assert bench.state.classification is None
    assert "empty.png" in bench.state.verdict(ImageRef(empty)).failure.message
    assert bench.state.verdict(ImageRef(good)).prediction is not None
    bench.state.set_image(ImageRef(good))
    bench.wait_answer(good)
    assert bench.state.failure is None


def test_switching_the_model_while_the_strip_is_classified_answers_everything_with_the_new_one(launch, picture):
    bench = launch()
    paths = [picture(f"{number}.png", f"#{number:02x}8040") for number in range(24)]
    drop(bench.window, files(*paths))
    bench.qtbot.waitUntil(lambda: len(bench.state.images) == 24, timeout=LONG)
    spec = ModelSpec("squeezenet1_1", WeightsSpec("random", seed=3))
    bench.state.choose_spec(spec)
    bench.qtbot.waitUntil(lambda: bench.conductor.idle and bench.state.model.spec == spec, timeout=LONG)
    assert bench.state.classification.model == spec
    assert len(bench.state.model.categories) == 1000
    assert all(bench.state.verdict(image).prediction.index < 1000 for image in bench.state.images)


def test_switching_weights_changes_the_answer_and_back_again_restores_it(launch, picture):
    bench = launch()
    path = picture()
    drop(bench.window, files(path))
    bench.wait_answer(path)
    before = bench.state.classification.predictions
    for weights in (WeightsSpec("random", seed=1), WeightsSpec("builtin")):
        spec = ModelSpec("compact_vgg", weights)
        bench.state.choose_spec(spec)
        bench.qtbot.waitUntil(lambda spec=spec: bench.conductor.idle and bench.state.model.spec == spec, timeout=LONG)
        same = bench.state.classification.predictions == before
        assert same == (weights.kind == "builtin")


def test_failed_load_keeps_the_last_good_model_and_says_why(launch, picture, tmp_path):
    bench = launch()
    path, junk = picture(), tmp_path / "junk.pth"
    junk.write_text("<html>404 not found</html>")
    drop(bench.window, files(path))
    bench.wait_answer(path)
    good, answer = bench.state.model, bench.state.classification.predictions
    drop(bench.window, files(junk))
    bench.qtbot.waitUntil(lambda: bench.window.admission.doctor is not None and bench.conductor.idle, timeout=LONG)
    assert "junk.pth" in bench.window.admission.doctor.report.headline.text()
    bench.window.admission.doctor.reject()
    assert bench.state.model is good
    assert bench.state.spec == good.spec
    assert bench.state.classification.predictions == answer
    picker = bench.window.findChild(QWidget, "weightsPicker")
    assert "junk" not in picker.currentText()


def test_the_newest_of_many_choices_is_the_one_that_is_shown(launch, picture):
    bench = launch()
    paths = [picture(f"{number}.png", f"#{number:02x}8040") for number in range(200)]
    drop(bench.window, files(*paths))
    bench.qtbot.waitUntil(lambda: len(bench.state.images) == 200 and bench.state.model is not None, timeout=LONG)
    forwards: list[object] = []
    bench.conductor.inference.inspected.connect(lambda request, _: forwards.append(request))
    for image in bench.state.images:
        bench.state.set_image(image)
    last = bench.state.images[-1]
    bench.qtbot.waitUntil(
        lambda: bench.state.classification is not None and bench.state.classification.image == last, timeout=LONG
    )
    assert len(forwards) < 20
    bench.conductor.cancel_strip()
    bench.wait_idle()


def test_removed_pictures_leave_the_strip_and_the_neighbour_becomes_current(launch, picture):
    bench = launch()
    paths = [picture(f"{number}.png") for number in range(3)]
    drop(bench.window, files(*paths))
    bench.wait_answer(paths[0])
    bench.state.remove_images(bench.state.images[:1])
    bench.wait_answer(paths[1])
    bench.state.remove_images(bench.state.images)
    bench.wait_idle()
    assert bench.state.image is None
    assert bench.state.classification is None
    assert all(path.exists() for path in paths)


def test_predictions_are_copied_as_text_and_as_csv(launch, picture):
    bench = launch()
    path = picture()
    drop(bench.window, files(path))
    bench.wait_answer(path)
    top = bench.state.classification.predictions[0]
    bench.window.actions_by_key["copy"].trigger()
    assert top.category in QGuiApplication.clipboard().text()
    bench.window.actions_by_key["copy_csv"].trigger()
    lines = QGuiApplication.clipboard().text().strip().splitlines()
    assert len(lines) == 6
    assert repr(top.probability) in lines[1]


def test_dropped_weights_file_is_loaded_into_the_architecture_that_it_fits(launch, picture, tmp_path):
    network = backend.build("squeezenet1_1", 5)
    path, weights = picture(), tmp_path / "five.pth"
    torch.save(network.state_dict(), weights)
    bench = launch()
    drop(bench.window, files(path, weights))
    bench.qtbot.waitUntil(
        lambda: bench.conductor.idle and bench.state.model is not None and bench.state.model.spec.weights.kind == "file",
        timeout=LONG,
    )
    bench.wait_answer(path)
    assert bench.state.model.spec == ModelSpec("squeezenet1_1", WeightsSpec("file", path=weights))
    assert len(bench.state.classification.predictions) == 5
    assert bench.window.findChild(QWidget, "modelPicker").currentText() == "squeezenet1_1"


def test_picking_a_model_without_weights_at_hand_takes_random_ones_and_says_so(launch):
    bench = launch()
    bench.wait_idle()
    bench.window.model_bar.model_picker.architecture_chosen.emit("resnet18")
    bench.qtbot.waitUntil(lambda: bench.state.model.spec.architecture == "resnet18" and bench.conductor.idle, timeout=LONG)
    assert bench.state.model.spec.weights.kind == "random"
    assert any("random" in notice for notice in bench.notices)

"""The window says when a model is not sure, in words."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt

from core.types import ModelSpec, WeightsSpec
from core.weights.builtin import card
from gui.itemmodels.image_list_model import ImageListModel
from gui.itemmodels.prediction_model import as_text


@pytest.fixture
def doubtful(tmp_path):
    """The built-in weights with a card beside them that has a threshold which only few answers reach."""
    folder = tmp_path / "model"
    folder.mkdir()
    shutil.copy(card().weights, folder)
    how = card().preprocessing
    preprocessing = {name: getattr(how, name) for name in ("resize", "crop", "interpolation", "mean", "std")}
    content = {"architecture": "compact_vgg", "categories": card().categories, "preprocessing": preprocessing}
    (folder / "model.json").write_text(json.dumps({**content, "not_sure_below": 0.999}))
    return ModelSpec("compact_vgg", WeightsSpec("file", path=folder / "weights.safetensors"))


def test_a_picture_of_nothing_is_not_sure_everywhere(launch, doubtful, tmp_path, qtbot):
    path = tmp_path / "noise.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(path)
    bench = launch(doubtful)
    bench.conductor.open_paths((path,))
    bench.wait_answer(path)
    bench.wait_idle()
    table = bench.window.inspect.predictions
    assert table.doubt.isVisible()
    assert table.doubt.text() == "Not sure"
    assert "99.9 %" in table.doubt.toolTip()
    assert "not sure" in table.view.accessibleDescription()
    rows = bench.window.inspect.strip.view.model()
    qtbot.waitUntil(lambda: "not sure" in rows.index(0, 0).data(ImageListModel.PROBABILITY))
    assert "not sure" in rows.index(0, 0).data(int(Qt.ItemDataRole.AccessibleTextRole))
    assert as_text(bench.state.classification, 5, unsure=bench.state.unsure).endswith("Not sure\n")



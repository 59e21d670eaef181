"""The patches of an answer as rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from core.types import ImageRef, Patch, Patches, frozen
from gui.itemmodels.patch_model import PatchModel, format_value
from tests.gui.samples import layer

ROLE = Qt.ItemDataRole


def patch(number: int = 0, value: float = 1.5, pixels: bool = True, box=(1.2, 2.0, 33.7, 40.0)) -> Patch:
    shown = frozen(np.full((8, 6, 3), 20 * number % 256, np.uint8)) if pixels else None
    return Patch(ImageRef(Path(f"pictures/{number}.jpg").absolute()), value, 3, number, box, shown)


def answer(*patches: Patch, **more: object) -> Patches:
    facts = {"layer": layer("blocks.0.conv"), "channel": 2, "total": len(patches), "looked_at": len(patches), **more}
    return Patches(patches=patches, **facts)


@pytest.mark.parametrize(("value", "words"), [
    (1.5, "1.50"), (-0.31, "−0.310"), (123.4, "123"), (0.0, "0"), (-0.0, "0"), (1234567, "1.23e+06"), (float("inf"), "inf"),
])  # fmt: skip
def test_values_have_three_figures(value, words):
    assert format_value(value) == words


def test_rows_say_value_file_and_place(styled_app):
    model = PatchModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_answer(answer(patch(0, 2.5), patch(1, -0.5)))
    index = model.index(1)
    assert model.rowCount() == 2
    assert index.data() == "−0.500"
    assert index.data(ROLE.AccessibleTextRole) == (
        "1.jpg, value −0.500, row 3, column 1 of the map, pixels 1–34 across, 2–40 down"
    )
    assert index.data(ROLE.ToolTipRole).splitlines()[0] == "1.jpg"
    assert "Patch 2 of 2" in index.data(ROLE.AccessibleDescriptionRole)
    assert index.data(PatchModel.PATCH).column == 1
    assert index.data(ROLE.DecorationRole).toImage().pixelColor(0, 0).red() == 20
    model.set_answer(None)
    assert model.rowCount() == 0
    assert model.patch_at(0) is None
    del tester


def test_whole_crops_units_and_fields_outside_are_said(styled_app):
    model = PatchModel()
    model.set_answer(answer(patch(box=None), whole_crop=True))
    words = model.index(0).data(ROLE.ToolTipRole)
    assert "the whole crop" in words
    assert "outside the picture" in words
    model.set_answer(answer(patch(), layer=layer("head", "Linear", (1, 10))))
    assert "row" not in model.index(0).data(ROLE.ToolTipRole)


def test_pixels_that_stay_are_converted_once_and_come_when_they_are_there(styled_app):
    model = PatchModel()
    first = patch(1)
    model.set_answer(answer(first, patch(2, pixels=False)))
    before = model.index(0).data(ROLE.DecorationRole).cacheKey()
    assert model.index(1).data(ROLE.DecorationRole) is None
    model.set_answer(answer(patch(3), replace(first), patch(2)))
    assert model.index(1).data(ROLE.DecorationRole).cacheKey() == before
    assert model.index(2).data(ROLE.DecorationRole) is not None
    assert model.row_of(first) == 1
    assert model.row_of(patch(9)) == -1

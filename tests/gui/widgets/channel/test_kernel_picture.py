from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from core.types import ChannelDetails, Kernel, Normalisation, frozen
from gui import colourmaps, theme
from gui.state import AppState
from gui.widgets.channel.kernel_picture import KernelPicture, rgb_pixels
from gui.widgets.channel.kernel_view import KernelView
from tests.gui.painted import painted


def kernel(inputs: int, height: int, width: int, **facts: object) -> Kernel:
    weights = np.random.default_rng(inputs).normal(size=(inputs, height, width)).astype(np.float32)
    return Kernel("conv", facts.pop("kind", "Conv2d"), frozen(weights), **facts)


@pytest.fixture
def shown(state: AppState, qtbot: QtBot) -> KernelPicture:
    widget = KernelPicture()
    qtbot.addWidget(widget)
    widget.resize(280, 168)
    widget.show()
    return widget


@pytest.mark.parametrize("shape", [(64, 3, 3), (512, 3, 3), (2048, 1, 1), (1, 7, 7), (32, 3, 1), (16, 5, 5)])
def test_kernels_stand_by_norm_with_the_colours_of_their_weights(shown, shape):
    found = kernel(*shape)
    shown.set_kernel(found)
    shown.resize(280, shown.sizeHint().height())
    image = painted(shown)
    order = np.argsort(-np.linalg.norm(found.weights.reshape(len(found.weights), -1), axis=1), kind="stable")
    colours = colourmaps.diverging(found.weights, zero=theme.colours().panel, dark=theme.is_dark())
    for place in {0, len(order) // 2, len(order) - 1}:
        rect = shown.kernel_rect(place)
        assert image.shape[0] >= rect.bottom() + 1
        for row, column in ((0, 0), (shape[1] - 1, shape[2] - 1)):
            x = rect.left() + int((column + 0.5) * rect.width() / shape[2])
            y = rect.top() + int((row + 0.5) * rect.height() / shape[1])
            assert (image[y, x] == colours[order[place], row, column]).all()
        assert shown.place_at(rect.center()) == place
        assert shown.kernel_words(place).startswith(f"input channel {order[place]}: norm ")
    assert shown.sizeHint().height() <= 200


def test_input_channels_of_a_group_have_their_own_numbers(shown):
    shown.set_kernel(kernel(4, 3, 3, first_input=8, groups=4))
    assert {int(shown.kernel_words(place).split()[2].rstrip(":")) for place in range(4)} == {8, 9, 10, 11}
    assert shown.place_at(QPoint(279, 0)) == -1


def test_pointer_and_keys_mark_a_kernel(shown, qtbot):
    told = []
    shown.kernel_marked.connect(told.append)
    shown.set_kernel(kernel(64, 3, 3))
    shown.resize(280, shown.sizeHint().height())
    qtbot.mouseMove(shown, shown.kernel_rect(5).center())
    assert told == [shown.kernel_words(5)]
    qtbot.keyClick(shown, Qt.Key.Key_Right)
    assert told[-1] == shown.kernel_words(6)
    qtbot.keyClick(shown, Qt.Key.Key_Home)
    qtbot.keyClick(shown, Qt.Key.Key_Up)
    assert told[-1] == shown.kernel_words(0)
    qtbot.keyClick(shown, Qt.Key.Key_End)
    assert told[-1] == shown.kernel_words(63)
    shown.set_kernel(kernel(16, 3, 3))
    assert told[-1] == ""


def test_three_inputs_are_one_picture_in_colours(shown):
    found = kernel(3, 5, 5)
    pixels = rgb_pixels(found).astype(float)
    reach = np.abs(found.weights).max()
    np.testing.assert_allclose((pixels / 255 - 0.5) * 2 * reach, found.weights.transpose(1, 2, 0), atol=reach / 250)
    shown.set_kernel(found)
    rect = shown.kernel_rect(0)
    image = painted(shown)
    at = rect.topLeft() + QPoint(rect.width() // 10, rect.height() // 10)
    assert (image[at.y(), at.x()] == rgb_pixels(found)[0, 0]).all()


def test_a_kernel_of_zeros(shown):
    shown.set_kernel(Kernel("conv", "Conv2d", frozen(np.zeros((3, 3, 3), np.float32))))
    assert set(np.unique(rgb_pixels(Kernel("conv", "Conv2d", frozen(np.zeros((3, 3, 3), np.float32)))))) == {128}
    shown.set_kernel(Kernel("conv", "Conv2d", frozen(np.zeros((8, 3, 3), np.float32))))
    shown.grab()


def test_words_of_the_view(state: AppState, qtbot: QtBot) -> None:
    view = KernelView()
    qtbot.addWidget(view)
    assert view.isHidden()
    view.show_details(ChannelDetails("conv", 1, kernel(3, 5, 5)))
    assert "norm of red" in view.text
    assert "no bias" in view.text
    view.show_details(ChannelDetails("conv", 1, kernel(100, 1, 1, kind="Linear", bias=-0.25)))
    assert view.text.startswith("Weights\n100 weights · norm ")
    assert "bias −0.25" in view.text
    assert not view.strip.isHidden()
    assert view.picture.isHidden()
    view.strip.unit_chosen.emit(7)
    assert "input unit 7: weight " in view.text
    numbers = Normalisation("bn", "BatchNorm2d", 2.0, 1.0, 3.0, 4.0, 0.0)
    view.show_details(ChannelDetails("bn", 1, None, numbers, "BatchNorm2d has no kernel of its own."))
    assert view.text.splitlines() == [
        "Normalisation", "BatchNorm2d has no kernel of its own.", "gamma 2 · beta 1", "mean 3 · variance 4", "value × 1 − 2",
    ]  # fmt: skip
    view.show_details(ChannelDetails("ln", 1, None, Normalisation("ln", "LayerNorm", 2.0, 1.0, None, None, 1e-5)))
    assert "those of the picture" in view.text

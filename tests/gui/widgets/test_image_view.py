from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QPainter, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from core.types import Failure, ImageRef, Pixels
from gui import theme
from gui.state import AppState
from gui.widgets.image_view import ImageView
from gui.widgets.picture_viewport import PictureViewport
from tests.gui.painted import painted, rgb, where
from tests.gui.pictures import checkers, network_input, noise, picture, plain, refs

Key = Qt.Key
WHITE = (255, 255, 255)
ORANGE, LEMON = refs(2)


@pytest.fixture
def view(state: AppState, qtbot: QtBot) -> ImageView:
    theme.choose(theme.QApplication.instance(), "light")
    view = ImageView(state)
    qtbot.addWidget(view)
    view.resize(431, 337)
    with qtbot.waitExposed(view):
        view.show()
    view.setFocus()
    return view


def show(state: AppState, pixels: Pixels, size: tuple[int, int] | None = None, image: ImageRef = ORANGE) -> None:
    state.append_images((ORANGE, LEMON))
    state.set_image(image)
    state.set_picture(picture(image, pixels, size, "16-bit, scaled by its range"))


def bare(view: ImageView) -> np.ndarray:
    """What is painted without the controls, which may be fading in."""
    view._controls.hide()
    return painted(view)


def wheel(view: ImageView, notches: float, at: QPoint) -> None:
    event = QWheelEvent(
        QPointF(at), view.mapToGlobal(QPointF(at)), QPoint(), QPoint(0, round(120 * notches)), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


# --- what is painted; these run once more at device pixel ratio 2


@pytest.mark.parametrize("reduced", [1, 2], ids=["all pixels", "reduced pixels"])
@pytest.mark.parametrize("size", [(431, 337), (300, 500)])
def test_crop_lies_where_the_network_looks(
    state: AppState, view: ImageView, reduced: int, size: tuple[int, int]
) -> None:
    width, height = 602, 398
    view.resize(*size)
    show(state, plain(width // reduced, height // reduced), (width, height))
    state.set_network_input(network_input((102.4, 35.0, 500.4, 391.0)))
    seen = bare(view)
    ratio = view.devicePixelRatioF()
    inside = where(seen, WHITE)
    view.set_crop_visible(False)
    whole = where(bare(view)[: round(view.viewport.area.height() * ratio)], WHITE)
    zoom = (whole[2] - whole[0]) / width
    expected = [whole[0] + 102.4 * zoom, whole[1] + 35 * zoom, whole[0] + 500.4 * zoom, whole[1] + 391 * zoom]
    below_caption = seen[: round(view.viewport.area.height() * ratio)]
    inside = where(below_caption, WHITE)
    assert inside == pytest.approx(expected, abs=1.01)
    middle = (inside[1] + inside[3]) // 2
    accent = rgb(theme.LIGHT.accent)
    assert tuple(seen[middle, inside[0] - 1]) == accent
    assert tuple(seen[middle, inside[2]]) == accent
    assert tuple(seen[inside[1] - 1, (inside[0] + inside[2]) // 2]) == accent
    outside = seen[middle, (whole[0] + inside[0]) // 2 - 2]
    assert 100 < outside[0] < 200, "the outside is dimmed, not hidden"


def test_actual_size_is_exact_on_device_pixels(state: AppState, view: ImageView, qtbot: QtBot) -> None:
    pixels = noise(121, 87)
    show(state, pixels)
    qtbot.keyClick(view, Key.Key_1)
    ratio = view.devicePixelRatioF()
    corner = view.to_view(QPointF(0, 0)) * ratio
    left, top = round(corner.x()), round(corner.y())
    assert np.array_equal(bare(view)[top : top + 87, left : left + 121], pixels)


@pytest.mark.parametrize(("zoom", "squares"), [(2.0, False), (2.9, False), (3.0, True), (7.3, True)])
def test_single_pixels_are_squares_from_300_percent(
    state: AppState, view: ImageView, zoom: float, squares: bool
) -> None:
    show(state, checkers(300, 300))
    view.viewport.set_zoom(zoom)
    area = bare(view)[8:200, 8:300]
    assert set(np.unique(area)) == {0, 255} if squares else len(np.unique(area)) > 2


def test_shrunk_by_averaging(state: AppState, view: ImageView) -> None:
    show(state, checkers(2000, 1500))
    ratio = view.devicePixelRatioF()
    rect = view.viewport.picture_rect()
    x, y = round(rect.center().x() * ratio), round(rect.center().y() * ratio)
    area = bare(view)[y - 40 : y + 40, x - 40 : x + 40]
    assert area.min() > 100, "no moiré"
    assert area.max() < 156


def test_the_same_at_device_pixel_ratio_2(request: pytest.FixtureRequest) -> None:
    command = [sys.executable, "-m", "pytest", __file__, "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"]
    chosen = "crop_lies or actual_size_is or single_pixels or shrunk"
    environment = os.environ | {"QT_SCALE_FACTOR": "2"}
    root = request.config.rootpath
    done = subprocess.run(
        [*command, "-k", chosen], env=environment, cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "10 passed" in done.stdout


# --- zooming and panning


def test_keys_zoom(state: AppState, view: ImageView, qtbot: QtBot) -> None:
    show(state, plain(800, 600))
    fitted = view.zoom
    with qtbot.waitSignal(view.zoom_changed, timeout=0) as changed:
        qtbot.keyClicks(view, "1")
    assert changed.args == [1.0]
    qtbot.keyClicks(view, "++")
    assert view.zoom == pytest.approx(1.25**2)
    qtbot.keyClicks(view, "-")
    assert view.zoom == pytest.approx(1.25)
    qtbot.keyClicks(view, "0")
    assert view.zoom == pytest.approx(fitted)
    view.resize(231, 337)
    assert view.zoom < fitted, "a fitted picture stays fitted"


def test_wheel_zooms_around_the_pointer(state: AppState, view: ImageView) -> None:
    show(state, plain(4000, 3000))
    view.zoom_to_actual()
    at = QPoint(61, 222)
    before = view.to_picture(QPointF(at))
    wheel(view, 3, at)
    assert view.zoom == pytest.approx(1.25**3)
    assert (view.to_picture(QPointF(at)) - before).manhattanLength() < 2
    wheel(view, 100, at)
    assert view.zoom == 32
    wheel(view, -100, at)
    assert view.zoom == pytest.approx(view.viewport.fit_zoom / 4)


def test_dragging_pans(state: AppState, view: ImageView, qtbot: QtBot) -> None:
    show(state, plain(4000, 3000))
    view.zoom_to_actual()
    start, end = QPoint(200, 150), QPoint(140, 180)
    held = view.to_picture(QPointF(start))
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(view, end)
    qtbot.waitUntil(lambda: (view.to_picture(QPointF(end)) - held).manhattanLength() < 2)
    assert view.cursor().shape() == Qt.CursorShape.ClosedHandCursor
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)
    assert view.cursor().shape() == Qt.CursorShape.OpenHandCursor


def test_double_click_goes_to_actual_size_and_back(state: AppState, view: ImageView, qtbot: QtBot) -> None:
    show(state, plain(1600, 1200))
    fitted = view.zoom
    at = QPoint(100, 100)
    under = view.to_picture(QPointF(at))
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=at)
    assert view.zoom == 1.0
    assert (view.to_picture(QPointF(at)) - under).manhattanLength() < 1 / fitted + 1
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=at)
    assert view.zoom == pytest.approx(fitted)


def test_arrows_pan_only_where_there_is_more_to_see(state: AppState, view: ImageView, qtbot: QtBot) -> None:
    show(state, plain(1600, 1200))
    middle = view.to_picture(QPointF(200, 150))
    qtbot.keyClick(view, Key.Key_Right)
    assert view.to_picture(QPointF(200, 150)) == middle
    view.zoom_to_actual()
    left = view.to_picture(QPointF(200, 150)).x()
    qtbot.keyClick(view, Key.Key_Right)
    assert view.to_picture(QPointF(200, 150)).x() == pytest.approx(left + 48 * view.devicePixelRatioF())


def test_buttons_do_what_the_keys_do(state: AppState, view: ImageView, qtbot: QtBot) -> None:
    show(state, plain(800, 600))
    buttons = {button.accessibleName(): button for button in view.findChildren(QToolButton)}
    assert len(buttons) == 5
    for button in buttons.values():
        assert button.toolTip()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    qtbot.mouseClick(buttons["Actual size"], Qt.MouseButton.LeftButton)
    assert view.zoom == 1.0
    qtbot.mouseClick(buttons["Zoom in"], Qt.MouseButton.LeftButton)
    assert view.zoom == 1.25
    qtbot.mouseClick(buttons["Zoom out"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(buttons["Fit the picture"], Qt.MouseButton.LeftButton)
    assert view.viewport.fitted
    crop = buttons["Show the crop the network sees"]
    with qtbot.waitSignal(view.crop_visible_changed, timeout=0) as changed:
        qtbot.mouseClick(crop, Qt.MouseButton.LeftButton)
    assert changed.args == [False]
    qtbot.keyClicks(view, "c")
    assert view.crop_visible
    assert crop.isChecked()


# --- following the state


def test_old_picture_stays_until_the_next_is_there(state: AppState, view: ImageView, qtbot: QtBot) -> None:
    show(state, plain(80, 60, (1, 200, 3)))
    before = bare(view)[:250]
    state.set_image(LEMON)
    assert np.array_equal(bare(view)[:250], before)
    qtbot.keyClicks(view, "1")
    state.set_picture(picture(LEMON, plain(60, 80, (200, 1, 3))))
    assert view.viewport.fitted, "the next picture is fitted"
    assert where(bare(view), (200, 1, 3)) is not None
    assert where(bare(view), (1, 200, 3)) is None


def test_same_picture_again_keeps_the_zoom(state: AppState, view: ImageView) -> None:
    show(state, plain(800, 600))
    view.zoom_to_actual()
    state.set_picture(picture(ORANGE, plain(800, 600)))
    assert view.zoom == 1.0


def test_failure_stands_in_place_of_the_picture(state: AppState, view: ImageView) -> None:
    show(state, plain(80, 60, (1, 200, 3)))
    state.set_failure(Failure("truncated", "The file ends too early.", ORANGE.path))
    seen = bare(view)
    assert where(seen, (1, 200, 3)) is None
    assert where(seen, rgb(theme.LIGHT.error_soft)) is not None
    assert view.accessibleDescription() == "00000.jpg: The file ends too early."
    assert not view.has_content()
    state.set_failure(None)
    assert where(bare(view), (1, 200, 3)) is not None


def test_caption_and_description(state: AppState, view: ImageView) -> None:
    show(state, plain(301, 199), (602, 398))
    state.set_network_input(network_input((102.4, 35.0, 500.4, 391.0)))
    assert view.accessibleDescription() == "Picture 00000.jpg, 602 by 398 pixels, crop from 102, 35 to 500, 391"
    assert view._caption.toolTip() == "00000.jpg\n602 × 398  ·  PNG  ·  16-bit, scaled by its range"


def test_pixel_under_the_pointer(state: AppState, view: ImageView, qtbot: QtBot) -> None:
    pixels = noise(50, 40)
    show(state, pixels, (100, 80))
    at = view.to_view(QPointF(31.5, 20.5)).toPoint()
    point = view.to_picture(QPointF(at))
    red, green, blue = pixels[int(point.y() / 2), int(point.x() / 2)]
    with qtbot.waitSignal(view.pixel_hovered) as hovered:
        qtbot.mouseMove(view, at)
    assert hovered.args == [f"x {int(point.x())}  y {int(point.y())}   R {red}  G {green}  B {blue}"]


def test_invitation_and_drop_hint(state: AppState, view: ImageView) -> None:
    accent = rgb(theme.LIGHT.accent)
    empty = painted(view)
    assert where(empty, rgb(theme.LIGHT.text)) is not None
    assert where(empty, accent) is None
    view.set_drop_hint(True)
    assert where(painted(view), accent) is not None
    view.set_drop_hint(False)
    assert np.array_equal(painted(view), empty)
    state.append_images((ORANGE,))
    state.set_image(ORANGE)
    assert where(painted(view)[:250], rgb(theme.LIGHT.text)) is None, "no invitation while the first picture is read"


def test_overlays_are_painted_in_order_on_the_picture(state: AppState, view: ImageView) -> None:
    class Spot:
        visible = True

        def __init__(self, colour: str, right: float) -> None:
            self.colour, self.right = colour, right

        def paint(self, painter: QPainter, viewport: PictureViewport) -> None:
            painter.fillRect(viewport.box_to_view((10, 10, self.right, 30)), self.colour)

    show(state, plain(100, 80))
    red, blue = Spot("#ff0000", 50), Spot("#0000ff", 30)
    view.add_overlay(red)
    view.add_overlay(blue)
    ratio = view.devicePixelRatioF()
    expected = [value * ratio for point in ((30, 10), (50, 30)) for value in view.to_view(QPointF(*point)).toTuple()]
    assert where(bare(view), (255, 0, 0)) == pytest.approx(expected, abs=1.01)
    blue.visible = False
    view.update()
    assert where(bare(view), (0, 0, 255)) is None
    view.remove_overlay(red)
    assert where(bare(view), (255, 0, 0)) is None


def test_theme_change_repaints(state: AppState, view: ImageView) -> None:
    show(state, plain(80, 60))
    app = theme.QApplication.instance()
    try:
        theme.choose(app, "dark")
        seen = painted(view)
        assert tuple(seen[2, 2]) == rgb(theme.DARK.canvas)
        assert tuple(seen[-3, -3]) == rgb(theme.DARK.panel)
    finally:
        theme.choose(app, "light")

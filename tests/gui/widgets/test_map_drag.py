from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from gui.widgets.map_drag import DragOut, Load, to_mime

LEFT = Qt.MouseButton.LeftButton
NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


def load(tmp_path=None):
    image = QImage(64, 32, QImage.Format.Format_RGB32)
    image.fill(QColor("#f08010"))
    return Load(image, tmp_path / "resnet50 layer1 ch12 ü.png" if tmp_path else None, "channel 12 of layer1")


class Pressed(QWidget):
    """A widget that counts the presses that reach it."""

    def __init__(self):
        super().__init__()
        self.presses = 0
        self.resize(200, 100)

    def mousePressEvent(self, event):
        self.presses += 1


class Canceller(QObject):
    """Ends a drag with Escape, from within the loop that the drag runs."""

    def __init__(self, drag):
        super().__init__()
        self.begun, self.ended, self.timer = [], [], QTimer(self, interval=20)
        self.timer.timeout.connect(self.cancel)
        drag.begun.connect(self.begin)
        drag.ended.connect(self.end)

    @Slot(object)
    def begin(self, load):
        self.begun.append(load)
        self.timer.start()

    @Slot()
    def cancel(self):
        QTest.keyClick(QApplication.activeWindow() or QApplication.topLevelWidgets()[0], Qt.Key.Key_Escape)

    @Slot(object)
    def end(self, action):
        self.timer.stop()
        self.ended.append(action)


@pytest.fixture
def widget(qtbot, styled_app):
    made = Pressed()
    qtbot.addWidget(made)
    made.show()
    return made


def pull(widget, start, end, modifier=NONE):
    QTest.mousePress(widget, LEFT, modifier, start)
    for share in range(1, 6):
        at = start + (end - start) * share / 5
        QTest.mouseMove(widget, at)
        QApplication.processEvents()
    QTest.mouseRelease(widget, LEFT, modifier, end)


def test_what_is_offered(styled_app, tmp_path):
    mime = to_mime(load(tmp_path))
    assert mime.hasImage()
    assert QImage(mime.imageData()).pixelColor(0, 0).name() == "#f08010"
    assert [Path(url.toLocalFile()).name for url in mime.urls()] == ["resnet50 layer1 ch12 ü.png"]
    assert mime.text() == "channel 12 of layer1"
    without = to_mime(load())
    assert without.hasImage()
    assert not without.urls()


def test_a_click_is_no_drag(widget):
    asked = []
    drag = DragOut(widget, lambda position: position, lambda picked: asked.append(picked))
    QTest.mouseClick(widget, LEFT, NONE, QPoint(50, 50))
    near = QPoint(50 + QApplication.startDragDistance() - 1, 50)
    pull(widget, QPoint(50, 50), near)
    assert widget.presses == 2
    assert asked == []
    assert drag.parent() is widget


def test_far_enough_it_is_a_drag_of_what_was_pressed(widget):
    picked = []

    def make(what):
        picked.append(what)
        return load()

    drag = DragOut(widget, lambda position: "tile" if position.x() < 100 else None, make)
    end = Canceller(drag)
    pull(widget, QPoint(50, 50), QPoint(150, 50))
    assert picked == ["tile"]
    assert [type(one) for one in end.begun] == [Load]
    assert end.ended == [Qt.DropAction.IgnoreAction]
    assert widget.presses == 1
    pull(widget, QPoint(150, 50), QPoint(50, 50))
    assert picked == ["tile"]
    pull(widget, QPoint(40, 50), QPoint(90, 50))
    assert picked == ["tile", "tile"]


def test_with_a_key_only_and_then_the_widget_is_left_out(widget):
    drag = DragOut(widget, lambda _position: "picture", lambda _picked: load(), CTRL)
    end = Canceller(drag)
    pull(widget, QPoint(50, 50), QPoint(150, 50))
    assert (widget.presses, end.begun) == (1, [])
    pull(widget, QPoint(50, 50), QPoint(150, 50), CTRL)
    assert widget.presses == 1
    assert len(end.begun) == len(end.ended) == 1


def test_what_is_gone_is_not_dragged(widget):
    end = Canceller(DragOut(widget, lambda _position: 3, lambda _picked: None))
    pull(widget, QPoint(50, 50), QPoint(150, 50))
    assert end.begun == []


def test_other_buttons_do_not_drag(widget):
    end = Canceller(DragOut(widget, lambda _position: 3, lambda _picked: load()))
    QTest.mousePress(widget, Qt.MouseButton.RightButton, NONE, QPoint(20, 20))
    QTest.mouseMove(widget, QPoint(150, 50))
    QTest.mouseRelease(widget, Qt.MouseButton.RightButton, NONE, QPoint(150, 50))
    assert end.begun == []

"""What a screen reader and the Tab key find in a window: a list of complaints, one line each."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGraphicsView,
    QLabel,
    QLineEdit,
    QTabBar,
    QWidget,
)

CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QGraphicsView,
    QLineEdit,
    QTabBar,
)

TABS_AT_MOST = 200


def name_of(widget: QWidget) -> str:
    """What the accessibility interface says first."""
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface is not None else ""


def words_of(widget: QWidget) -> str:
    """What the accessibility interface says after the name."""
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Description) if interface is not None else ""


def shown(window: QWidget) -> Iterator[QWidget]:
    """Every visible widget of our own making or given a job by it; not the insides of Qt's composites."""
    for widget in [window, *window.findChildren(QWidget)]:
        if widget.isVisible() and widget.width() > 0 and not _is_inside(widget):
            yield widget


def _is_inside(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    name = widget.objectName()
    if name.startswith("qt_"):
        return not name.startswith("qt_tabwidget") or not widget.isVisible()
    if isinstance(parent, (QComboBox, QAbstractSpinBox, QTabBar, QLineEdit)):
        return True
    inner = widget.metaObject().className() in ("QHeaderView", "QTableCornerButton", "QScrollBar")
    return inner or (widget.parentWidget() is not None and widget.metaObject().className() == "QComboBoxPrivateContainer")


def _ours(widget: QWidget, method: str) -> bool:
    return any(method in vars(kind) for kind in type(widget).__mro__ if kind.__module__.startswith("gui."))


def is_picture(widget: QWidget) -> bool:
    """Whether a person sees more in a widget than its text: it paints by itself, or shows a pixmap or a scene."""
    if isinstance(widget, QLabel):
        return not widget.pixmap().isNull()
    if isinstance(widget, (QAbstractButton, QComboBox)):
        return False
    if isinstance(widget, QGraphicsView):
        return True
    if isinstance(widget, QAbstractItemView):
        model = widget.model()
        kinds = [type(widget.itemDelegateForColumn(c)) for c in range(_columns(model))] if model else []
        return any(kind.__module__.startswith("gui.") for kind in [type(widget.itemDelegate()), *kinds])
    return _ours(widget, "paintEvent")


def _columns(model: QAbstractItemModel) -> int:
    return 1 if isinstance(model, QAbstractListModel) else model.columnCount(QModelIndex())


def complaints(window: QWidget, *, decorations: tuple[type, ...] = ()) -> list[str]:
    """Say what a picture or a control in a window lacks."""
    found: list[str] = []
    for widget in shown(window):
        who = f"{type(widget).__name__} {widget.objectName()!r} in {_where(widget)}"
        if is_picture(widget) and not isinstance(widget, decorations):
            if not name_of(widget):
                found.append(f"{who}: a picture without a name")
            if not words_of(widget) or widget.accessibleDescription() != words_of(widget):
                found.append(f"{who}: a picture that nothing describes, but {words_of(widget)!r}")
        if isinstance(widget, CONTROLS) and widget.isEnabled():
            if not name_of(widget) and not isinstance(widget, QTabBar):
                found.append(f"{who}: a control without a name")
            if not _has_hint(widget):
                found.append(f"{who}: a control without a tooltip")
    return found


def _where(widget: QWidget) -> str:
    names = []
    parent = widget.parentWidget()
    while parent is not None:
        if type(parent).__module__.startswith("gui."):
            names.append(type(parent).__name__)
        parent = parent.parentWidget()
    return " < ".join(names)


def _has_hint(widget: QWidget) -> bool:
    if isinstance(widget, QTabBar):
        return all(widget.tabToolTip(place) for place in range(widget.count()) if widget.isTabVisible(place))
    if isinstance(widget, (QAbstractItemView, QGraphicsView)):
        return True  # Their items have tips, and one over the whole would hide those.
    return bool(widget.toolTip())


def walk_by_tab(window: QWidget, key: Qt.Key = Qt.Key.Key_Tab) -> list[QWidget]:
    """Press Tab until the focus comes back to where it was; the widgets that had it, in order."""
    order: list[QWidget] = []
    while len(order) < TABS_AT_MOST:
        here = QApplication.focusWidget()
        if here is None or here in order:
            break
        order.append(here)
        QTest.keyClick(here, key)
    return order


def unreached(window: QWidget, order: list[QWidget]) -> list[str]:
    """The controls that Tab passed by; one of a group of exclusive buttons stands for all: arrows reach them."""
    found = []
    for widget in shown(window):
        if not isinstance(widget, CONTROLS) or not widget.isEnabled():
            continue
        if any(widget is one or widget.isAncestorOf(one) or widget is one.focusProxy() for one in order):
            continue
        if isinstance(widget, QAbstractButton) and _stands_for(widget, order):
            continue
        found.append(f"{type(widget).__name__} {name_of(widget)!r} in {_where(widget)}, {widget.focusPolicy()}")
    return found


def _stands_for(button: QAbstractButton, order: list[QWidget]) -> bool:
    group = button.group()
    mates = group.buttons() if group is not None else []
    if button.autoExclusive():
        mates = [one for one in button.parentWidget().findChildren(QAbstractButton) if one.autoExclusive()]
    return any(one in order for one in mates)

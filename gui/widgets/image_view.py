"""The picture being looked at, with what may be laid over it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from core.types import Failure, ImageRef, NetworkInput, Picture
from gui import theme
from gui.itemmodels.view_words import top_words
from gui.state import AppState
from gui.widgets.busy_dimmer import BusyDimmer
from gui.widgets.crop_overlay import CropOverlay
from gui.widgets.field_overlay import FieldOverlay
from gui.widgets.heat_overlay import HeatOverlay
from gui.widgets.overlay_legend import OverlayLegend
from gui.widgets.picture_caption import PictureCaption
from gui.widgets.picture_layer import PictureLayer
from gui.widgets.picture_overlay import PictureOverlay
from gui.widgets.picture_viewport import MAX_ZOOM
from gui.widgets.placeholder import open_shortcut, paint_failure, paint_frame, paint_hint
from gui.widgets.view_controls import ViewControls
from gui.widgets.zoom_pan_view import ZoomPanView

_INSET = 3 * theme.GRID
_NARROW = 320


class ImageView(ZoomPanView):
    """Shows :attr:`AppState.picture`, or why there is none, or what to do.

    ``overlays`` are painted over the picture in their order; ``to_view`` and ``to_picture`` map between pixels of the
    upright original and points of this widget. ``C`` shows or hides the crop; for the rest see :class:`ZoomPanView`.
    """

    crop_visible_changed = Signal(bool)
    pixel_hovered = Signal(str)  # "x 12  y 34   R 1  G 2  B 3"; "" when the pointer leaves the picture

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._layer: PictureLayer | None = None
        self._picture: Picture | None = None
        self._crop = CropOverlay(state)
        self.overlays: list[PictureOverlay] = [HeatOverlay(state), self._crop, FieldOverlay(state)]
        self._drop_hint = False
        self._focus_shown = False
        self._pressed_at: QPointF | None = None
        self.setObjectName("imageView")
        self.setAccessibleName("Picture")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._caption = PictureCaption(self)
        self._legend = OverlayLegend(state, self)
        self._controls = ViewControls(self)
        self._dimmer = BusyDimmer(self, state)
        self._connect()
        self._show_picture(state.picture)

    def _connect(self) -> None:
        self._state.picture_changed.connect(self._show_picture)
        self._state.image_changed.connect(self._follow_image)
        self._state.failure_changed.connect(self._follow_failure)
        self._state.network_input_changed.connect(self._follow_network_input)
        self._state.unit_hovered.connect(self._follow_unit)
        self._state.overlays.changed.connect(self._follow_overlays)
        protocols, look = self._state.protocols, self._state.protocols.look
        for fact in (protocols.answer_changed, protocols.watched_changed, look.scale_changed, look.view_changed):
            fact.connect(self._describe)
        self._controls.zoom_in.connect(self.zoom_in)
        self._controls.zoom_out.connect(self.zoom_out)
        self._controls.fit.connect(self.zoom_to_fit)
        self._controls.actual.connect(self.zoom_to_actual)
        self._controls.crop_toggled.connect(self.set_crop_visible)

    @Slot(object)
    def _follow_unit(self, _unit: tuple[int, int] | None) -> None:
        self.update()

    @Slot()
    def _describe(self) -> None:
        self.setAccessibleDescription(self._description())

    @Slot(str)
    def _follow_overlays(self, _name: str) -> None:
        self.setAccessibleDescription(self._description())
        self._legend.place(self.viewport.area.toRect(), wanted=self.has_content())
        self.update()

    @property
    def crop_visible(self) -> bool:
        """Whether the crop is drawn."""
        return self._crop.visible

    @Slot(bool)
    def set_crop_visible(self, visible: bool) -> None:
        """Draw the crop that the network sees, or not."""
        if visible != self._crop.visible:
            self._crop.visible = visible
            self._controls.set_crop_checked(visible)
            self.crop_visible_changed.emit(visible)
            self.update()

    @Slot(bool)
    def set_drop_hint(self, hovering: bool) -> None:
        """Show that what is being dragged over the window can be dropped."""
        if hovering != self._drop_hint:
            self._drop_hint = hovering
            self.update()

    def add_overlay(self, overlay: PictureOverlay) -> None:
        """Lay something over the picture, on top of what lies there."""
        self.overlays.append(overlay)
        self.update()

    def remove_overlay(self, overlay: PictureOverlay) -> None:
        """Take an overlay away."""
        self.overlays.remove(overlay)
        self.update()

    def has_content(self) -> bool:
        """Whether a picture is on the screen, not a message or nothing."""
        return self._shown() is not None

    def sizeHint(self) -> QSize:
        """Room for a picture."""
        return QSize(640, 480)

    def minimumSizeHint(self) -> QSize:
        """Room for a small picture and its caption."""
        return QSize(176, 144)

    @Slot(object)
    def _show_picture(self, picture: Picture | None) -> None:
        same = picture is not None and self._picture is not None and picture.image == self._picture.image
        self._picture = picture
        self._layer = PictureLayer(picture.pixels) if picture is not None else None
        if picture is not None:
            self.viewport.set_picture(*picture.size, keep=same)
        self._follow_facts()

    @Slot(object)
    def _follow_image(self, _image: ImageRef | None) -> None:
        self._follow_facts()

    @Slot(object)
    def _follow_failure(self, _failure: Failure | None) -> None:
        self._follow_facts()

    @Slot(object)
    def _follow_network_input(self, _seen: NetworkInput | None) -> None:
        self._follow_facts()

    def _follow_facts(self) -> None:
        self._caption.set_text(*self._words())
        self._caption.setVisible(self._state.image is not None)
        self.setAccessibleDescription(self._description())
        self._controls.setVisible(self.has_content())
        self._lay_out()

    def _shown(self) -> Picture | None:
        return self._picture if self._state.image is not None and self._state.failure is None else None

    def _words(self) -> tuple[str, str]:
        """Name and details for the caption."""
        picture, image = self._shown(), self._state.image
        if picture is None:
            return (image.name if image is not None else "", "")
        width, height = picture.size
        facts = (f"{width} × {height}", picture.format, picture.note)
        return picture.image.name, "  ·  ".join(filter(None, facts))

    def _description(self) -> str:
        picture, failure, seen = self._shown(), self._state.failure, self._state.network_input
        if failure is not None and self._state.image is not None:
            return self._failure_words(failure)
        if picture is None:
            return "No picture"
        words = f"Picture {picture.image.name}, {picture.size[0]} by {picture.size[1]} pixels"
        if seen is not None:
            left, top, right, bottom = (round(edge) for edge in seen.box)
            words += f", crop from {left}, {top} to {right}, {bottom}"
        words += self._view_words()
        heats = [overlay.heat.words for _, overlay in self._state.overlays.shown() if overlay.heat is not None]
        return f"{words}; over it: {', '.join(heats)}" if heats else words

    def _view_words(self) -> str:
        """What there is to say about the views of a test protocol that are drawn."""
        protocols = self._state.protocols
        crops = protocols.look.crops
        if not crops or not protocols.drawn(self._picture):
            return ""
        same = sum(map(protocols.look.agrees, crops))
        chosen = protocols.look.view
        words = f"; {len(crops)} views drawn, {same} agree with the whole"
        return f"{words}; chosen: {top_words(protocols.look.views[chosen])}" if chosen in crops else words

    def _after_move(self) -> None:
        """Show the zoom in the controls as well."""
        low, high = self.viewport.min_zoom * 1.001, MAX_ZOOM / 1.001
        self._controls.set_zoom(self.zoom, can_zoom_out=self.zoom > low, can_zoom_in=self.zoom < high)
        super()._after_move()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Toggle the crop, or what the base class does."""
        if event.key() == Qt.Key.Key_C and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self.set_crop_visible(not self.crop_visible)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to pan, or a click."""
        left = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        self._pressed_at = event.position() if left else None
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End panning; a press that did not move is a click on a point of the picture."""
        super().mouseReleaseEvent(event)
        pressed, self._pressed_at = self._pressed_at, None
        if pressed is not None and (event.position() - pressed).manhattanLength() < QApplication.startDragDistance():
            point = self._point_at(event.position())
            if point is not None:
                self._state.selection.choose_point(point)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan, and tell the pixel under the pointer."""
        super().mouseMoveEvent(event)
        self._state.selection.hover_point(self._point_at(event.position()))
        self.pixel_hovered.emit(self._pixel_words(event.position()))

    def _point_at(self, position: QPointF) -> tuple[float, float] | None:
        """The point of the upright original that is shown there."""
        picture = self._shown()
        if picture is None or not self.viewport.area.contains(position):
            return None
        at, (width, height) = self.to_picture(position), picture.size
        return (at.x(), at.y()) if 0 <= at.x() < width and 0 <= at.y() < height else None

    def _pixel_words(self, position: QPointF) -> str:
        picture, point = self._shown(), self._point_at(position)
        if picture is None or point is None:
            return ""
        at, (width, height) = QPointF(*point), picture.size
        rows, columns = picture.pixels.shape[:2]
        pixel = picture.pixels[int(at.y() * rows / height), int(at.x() * columns / width)]
        place = f"x {int(at.x())}  y {int(at.y())}"
        if pixel.ndim == 0:
            return f"{place}   grey {pixel}"
        red, green, blue = pixel
        return f"{place}   R {red}  G {green}  B {blue}"

    def enterEvent(self, event: QEnterEvent) -> None:
        """Bring the controls."""
        super().enterEvent(event)
        self._controls.set_wanted(True)

    def leaveEvent(self, event: QEvent) -> None:
        """Let the controls go, unless the keyboard is here."""
        super().leaveEvent(event)
        self.pixel_hovered.emit("")
        self._state.selection.hover_point(None)
        self._controls.set_wanted(self.hasFocus())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Bring the controls."""
        super().focusInEvent(event)
        self._focus_shown = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._controls.set_wanted(True)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Let the controls go, unless the pointer is here."""
        super().focusOutEvent(event)
        self._focus_shown = False
        self._controls.set_wanted(self.underMouse())
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep caption and controls in their corners."""
        super().resizeEvent(event)
        self._lay_out()

    def changeEvent(self, event: QEvent) -> None:
        """Repaint in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.update()

    def event(self, event: QEvent) -> bool:
        """Stay sharp on another screen, besides what the base class takes."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._lay_out()
        return super().event(event)

    def _lay_out(self) -> None:
        bar = self._caption.sizeHint().height() if self._caption.isVisibleTo(self) else 0
        self._caption.setGeometry(0, self.height() - bar, self.width(), bar)
        self.viewport.set_area(QRectF(0, 0, self.width(), self.height() - bar), self.devicePixelRatioF())
        self._legend.place(self.viewport.area.toRect(), wanted=self.has_content())
        self._controls.make_narrow(self.width() < _NARROW)
        size = self._controls.sizeHint()
        inset = min(_INSET, max(0, (self.width() - size.width()) // 2))
        self._controls.setGeometry(self.width() - size.width() - inset, inset, size.width(), size.height())
        self._after_move()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture and its overlays, or a message, and the frame that invites a drop."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(theme.colours().canvas))
        painter.setClipRect(self.viewport.area)
        failure = self._state.failure
        if self._state.image is None:
            self._paint_invitation(painter)
        elif failure is not None:
            words = self._failure_words(failure)
            paint_failure(painter, self._message_place(), "This picture has no answer", words)
        elif self._layer is not None:
            self._layer.paint(painter, self.viewport)
            for overlay in self.overlays:
                if overlay.visible:
                    overlay.paint(painter, self.viewport)
        if self._drop_hint:
            self._paint_drop_hint(painter)
        elif self._focus_shown:
            paint_frame(painter, self.viewport.area.toRect(), theme.colours().accent, dashed=False, width=2)

    def _failure_words(self, failure: Failure) -> str:
        name = self._state.image.name if self._state.image is not None else ""
        return failure.message if name in failure.message else f"{name}: {failure.message}"

    def _message_place(self) -> QRect:
        return self.viewport.area.toRect().adjusted(_INSET, _INSET, -_INSET, -_INSET)

    def _paint_invitation(self, painter: QPainter) -> None:
        place = self._message_place()
        if not self._drop_hint:
            paint_frame(painter, place, theme.colours().muted, dashed=True, width=1)
        detail = f"or paste one, or press {open_shortcut()}"
        icon = theme.icon("open", self, 32)
        paint_hint(painter, place.adjusted(16, 16, -16, -16), "Drop pictures here", detail, icon)

    def _paint_drop_hint(self, painter: QPainter) -> None:
        c = theme.colours()
        tint = QColor(c.accent)
        tint.setAlpha(28)
        painter.fillRect(self.viewport.area, tint)
        paint_frame(painter, self._message_place(), c.accent, dashed=False, width=2)

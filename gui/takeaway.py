"""Taking it away: the export dialog, the clipboard, and drags out of the window."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QWidget

from core.errors import LayerscopeError
from core.settings import Settings
from core.types import ActivationGrid, Failure
from gui.desks.export_desk import ExportDesk
from gui.figures.kinds import CHANNEL, MAPS, PICTURE
from gui.inspect_workspace import InspectWorkspace
from gui.later import later
from gui.state import AppState
from gui.widgets.map_drag import DragOut, Load

if TYPE_CHECKING:
    from core.jobs import export_files
    from gui.dialogs.export_choice import Choice
    from gui.figures import formats, paper
    from gui.figures.figure import Figure
    from gui.figures.shown import Shown
else:
    formats, paper = later("gui.figures.formats"), later("gui.figures.paper")
    export_files = later("core.jobs.export_files")


class TakeAway(QObject):
    """Answers the actions "export" and "copy_image", and lets maps and the picture be dragged to other programs."""

    def __init__(
        self, state: AppState, desk: ExportDesk, workspace: InspectWorkspace, settings: Settings, window: QWidget
    ) -> None:
        super().__init__(window)
        self._state, self._desk, self._workspace, self._settings, self._window = state, desk, workspace, settings, window
        self._folder: Path | None = None
        maps, picture = workspace.activations.grid, workspace.image_view
        self.map_drag = DragOut(maps.viewport(), self._pick_map, self._load)
        self.picture_drag = DragOut(picture, self._pick_picture, self._load, Qt.KeyboardModifier.ControlModifier)
        app = QApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self._tidy)

    @cached_property
    def shown(self) -> Shown:
        """What the window shows, as figures; nobody needs them before they take something away."""
        from gui.figures.shown import Shown

        return Shown(self._state, self._workspace.activations, self._workspace.image_view)

    # --- the dialog

    @Slot()
    def export(self) -> None:
        """Ask what to export."""
        self.shown.note_unit()
        from gui.dialogs.export_dialog import ExportDialog

        dialog = ExportDialog(self._state, self.shown, self._settings, self._window)
        dialog.setObjectName("exportDialog")
        dialog.chosen.connect(self.carry_out)
        dialog.open()

    @Slot(object)
    def carry_out(self, choice: Choice) -> None:
        """Export what was chosen; what goes wrong is said in a notice."""
        try:
            if choice.is_figure:
                self._write_figure(choice)
            else:
                self._export_values(choice)
        except LayerscopeError as error:
            self._state.raise_notice(Failure.of(error))

    def _write_figure(self, choice: Choice) -> None:
        figure = self.shown.figure(choice.what, choice.ink(), bare=not choice.labels)
        if figure.in_any_thread:
            self._desk.write(choice.target, partial(formats.FORMATS[choice.suffix], figure, choice.scale))
        elif choice.suffix == ".png":
            self._desk.write(choice.target, partial(formats.png_bytes, formats.to_image(figure, choice.scale)))
        else:
            self._desk.write(choice.target, partial(bytes, formats.FORMATS[choice.suffix](figure, choice.scale)))

    def _export_values(self, choice: Choice) -> None:
        images = self._state.images if choice.strip else tuple(filter(None, (self._state.image,)))
        activations = self._state.activations
        if images and activations is not None:
            layer = activations.layer.key
            self._desk.export(images, layer, choice.suffix, choice.target, folder=choice.strip, replace=choice.replace)

    # --- the clipboard

    @Slot()
    def copy_image(self) -> None:
        """Copy what has the keyboard: a channel, all maps, or else the picture with what lies over it."""
        figure = self._focused_figure()
        if figure is None:
            self._state.raise_notice(Failure("note", "There is no picture to copy yet. Open one first."))
            return
        try:
            QGuiApplication.clipboard().setImage(formats.to_image(figure))
        except LayerscopeError as error:
            self._state.raise_notice(Failure.of(error))
            return
        self._desk.told.emit(f"Copied: {figure.title}")

    def _focused_figure(self) -> Figure | None:
        self.shown.note_unit()
        available = self.shown.available()
        wanted = [what for what in self._wishes() if what in available]
        return self.shown.figure(wanted[0], paper.as_on_screen(), bare=True) if wanted else None

    def _wishes(self) -> tuple[str, ...]:
        focus, workspace = QApplication.focusWidget(), self._workspace
        if focus is None:
            return (PICTURE,)
        if _is_within(focus, workspace.activations.grid) or _is_within(focus, workspace.details.page("channel")):
            return CHANNEL, MAPS, PICTURE
        if _is_within(focus, workspace.activations) or _is_within(focus, workspace.layers):
            return MAPS, PICTURE
        return PICTURE, MAPS

    # --- drags

    def _pick_map(self, position: QPoint) -> int | None:
        grid = self._workspace.activations.grid
        channel = grid.channel_at(position)
        return channel if channel >= 0 and isinstance(self._state.activations, ActivationGrid) else None

    def _pick_picture(self, _position: QPoint) -> str | None:
        self.shown.note_unit()
        return PICTURE if PICTURE in self.shown.available() else None

    def _load(self, picked: Any) -> Load | None:
        """Make the pixels, the file and the words of a channel (its number) or of the picture."""
        try:
            if picked == PICTURE:
                figure = self.shown.figure(PICTURE, paper.as_on_screen(), bare=True)
            else:
                figure = self.shown.channel_figure(picked, paper.as_on_screen(), bare=True)
            image = formats.to_image(figure)
        except (KeyError, LayerscopeError):
            return None  # what was pressed on is not there any more
        return Load(image, self._keep(image, self._drag_name(picked)), figure.description)

    def _drag_name(self, picked: Any) -> str:
        state = self._state
        model = state.model.spec.architecture if state.model is not None else ""
        stem = state.picture.image.path.stem if state.picture is not None else ""
        if picked == PICTURE:
            return export_files.file_name(model, stem, "overlays", suffix=".png", between=" ")
        layer = state.activations.layer.key if state.activations is not None else ""
        return export_files.file_name(model, layer, f"ch{picked}", stem, suffix=".png", between=" ")

    def _keep(self, image: QImage, name: str) -> Path | None:
        """Write a file for whoever takes the drag; it stays until the program ends, for some copy it later."""
        try:
            path = self._temporary_folder() / name
            export_files.write_whole(path, formats.png_bytes(image))
        except LayerscopeError as error:
            self._state.raise_notice(Failure.of(error))
            return None
        except OSError as error:
            message = f"There is no place for the file that is dragged ({error.strerror}). Only its pixels come along."
            self._state.raise_notice(Failure("unwritable", message))
            return None
        return path

    def _temporary_folder(self) -> Path:
        if self._folder is None or not self._folder.is_dir():
            self._folder = Path(tempfile.mkdtemp(prefix="layerscope-"))
            atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder

    @Slot()
    def _tidy(self) -> None:
        # The program may end without ``atexit``, where a thread is stuck.
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _is_within(widget: QWidget, panel: QWidget) -> bool:
    return widget is panel or panel.isAncestorOf(widget)

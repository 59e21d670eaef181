"""The window: its layout and its menus. What the menus do stands in ``commands``.

The window is on the screen before what fills it is loaded (see ``shell`` and ``early``), so little is imported here
and the rest where it is used first.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, Qt, Slot
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QVBoxLayout, QWidget

from core import paths
from core.settings import Settings
from gui import theme
from gui.later import later
from gui.panels import PANELS
from gui.shell import Shell

if TYPE_CHECKING:
    from gui import commands, session
    from gui.conductor import Conductor
    from gui.state import AppState
else:
    commands, session = later("gui.commands"), later("gui.session")

TELL = 8000
"""Milliseconds that a sentence stands in the line at the bottom."""


class MainWindow(Shell):
    """The main window. Without a state it is a :class:`Shell`, which :meth:`furnish` fills."""

    def __init__(
        self, state: AppState | None = None, conductor: Conductor | None = None, settings: Settings | None = None
    ) -> None:
        super().__init__()
        self.saves_session = True
        self.furnished = False
        if state is not None and conductor is not None and settings is not None:
            for _ in self.furnish(state, conductor, settings):
                pass

    def furnish(self, state: AppState, conductor: Conductor, settings: Settings) -> Iterator[None]:
        """Build what is in it, in steps that are short enough to let the window draw and take drops in between."""
        from gui.admission import Admission
        from gui.correction_windows import CorrectionWindows
        from gui.desks.all_desks import Desks
        from gui.inspect_workspace import InspectWorkspace
        from gui.preferences import Preferences
        from gui.protocol_windows import ProtocolWindows
        from gui.recovery import Recovery
        from gui.takeaway import TakeAway
        from gui.training_windows import TrainingWindows
        from gui.widgets.download_bar import DownloadBar
        from gui.widgets.model_bar import ModelBar
        from gui.widgets.notice_bar import NoticeBar
        from gui.widgets.status_line import StatusLine

        self.state, self.conductor, self.settings = state, conductor, settings
        self.model_bar = ModelBar(state, default_weights=commands.usual_weights)
        self.desks = Desks(state, conductor)
        yield
        self.downloads = DownloadBar(state)
        self.notices = NoticeBar(state)
        self.inspect = InspectWorkspace(state, at_once=False)
        yield from self.inspect.furnish()
        self.status = StatusLine(state)
        self.admission = Admission(state, settings, self)
        self.preferences = Preferences(state, settings, self)
        self.protocol_windows = ProtocolWindows(state, self.desks.export, self.inspect.details, self)
        self.takeaway = TakeAway(state, self.desks.export, self.inspect, settings, self)
        self.training_windows = TrainingWindows(state, settings, self)
        self.correcting = CorrectionWindows(state, self.inspect.strip, self)
        self.recovery = Recovery(state, settings, self, self.notices)
        yield
        self._fill_menus()
        self._connect()
        yield
        self._lay_out()
        self._take_settings()
        self.inspect.strip.setFocus()
        self.furnished = True

    def _lay_out(self) -> None:
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.model_bar)
        layout.addWidget(self.downloads)
        layout.addWidget(self.notices)
        layout.addWidget(self.inspect, 1)
        self.setCentralWidget(centre)
        self.setStatusBar(self.status)

    def _fill_menus(self) -> None:
        from gui.actions import MAP_ACTIONS, TABLE, make_actions
        from gui.correction_windows import STRIP_ACTIONS

        self.leave_quitting()
        self.actions_by_key = make_actions(self, self._handlers())
        self.desks.compare.name_actions(self.actions_by_key)
        menus = self.menus
        for spec in TABLE:
            if spec.separator_before:
                menus[spec.menu].addSeparator()
            menus[spec.menu].addAction(self.actions_by_key[spec.key])
        self._recent_menu = QMenu("Open &Recent", self)
        menus["File"].insertMenu(self.actions_by_key["samples"], self._recent_menu)
        menus["File"].insertMenu(self.actions_by_key["samples"], self.admission.menu)
        self._recent_menu.aboutToShow.connect(self._fill_recent_menu)
        menus["View"].addMenu(self.preferences.theme_menu)
        self.actions_by_key["crop"].setChecked(True)
        self._dress_actions()
        self.correcting.name_actions(self.actions_by_key)
        for key in (*STRIP_ACTIONS, "compare_selected", "open", "open_folder", "paste", "remove", "select_all"):
            self.inspect.strip.view.addAction(self.actions_by_key[key])
        for key in MAP_ACTIONS:
            self.inspect.activations.grid.addAction(self.actions_by_key[key])

    def _handlers(self) -> dict[str, object]:
        view = self.inspect.image_view
        return {
            "open": self._open, "open_folder": self._open_folder, "open_weights": self._open_weights,
            "open_code": self.admission.ask_for_code,
            "samples": self._open_samples, "quit": self.close, "paste": self._paste, "copy": self._copy,
            "copy_csv": self._copy_csv, "remove": self._remove, "select_all": self.inspect.strip.view.selectAll,
            "previous": self._previous, "next": self._next, "previous_layer": self._previous_layer,
            "next_layer": self._next_layer, "find_layer": self.inspect.layers.focus_filter,
            "layer_stages": self.inspect.layers.set_stages,
            "find_model": self._focus_model_picker, "zoom_in": view.zoom_in, "zoom_out": view.zoom_out,
            "zoom_fit": view.zoom_to_fit, "zoom_actual": view.zoom_to_actual, "crop": view.set_crop_visible,
            "next_order": self.inspect.activations.next_order,
            "previous_channel": self.inspect.activations.previous_channel,
            "next_channel": self.inspect.activations.next_channel,
            **{f"panel_{name}": self._show_panel for name in PANELS},
            "find_patches": self._find_patches,
            "channel_overlay": self.state.channel.toggle_mode, "effective_field": self.desks.field.measure,
            "reset_layout": self.inspect.reset_layout, "cancel": self.conductor.cancel_strip,
            "mute": self.desks.lesions.toggle_mute, "undo": self.state.history.undo,
            "redo": self.state.history.redo, "clear_lesions": self.state.lesions.clear,
            "explain": self.desks.explain.toggle,
            "run_protocol": self.protocol_windows.run, "compare_protocols": self.protocol_windows.show_table,
            "diagnostics": self.recovery.copy_diagnostics,
            "train": self.training_windows.show_training, **self.correcting.handlers(),
            "export": self.takeaway.export, "copy_image": self.takeaway.copy_image,
            "shortcuts": self._show_shortcuts, "about": self._show_about,
            "settings": self.preferences.open,
            "preprocessing": self.admission.edit_preprocessing, "ledger": self._show_ledger,
            "compare": self.desks.compare.toggle, "compare_selected": self._compare_selected,
            "compare_model": self._compare_model, "compare_next": self.desks.compare.next_picture,
            "compare_previous": self.desks.compare.previous_picture, "compare_side": self.desks.compare.next_side,
        }  # fmt: skip

    def _dress_actions(self) -> None:
        from gui.actions import TABLE

        for spec in TABLE:
            if spec.icon:
                self.actions_by_key[spec.key].setIcon(theme.icon(spec.icon, self))

    def _connect(self) -> None:
        self.recovery.told.connect(self._tell)
        self.inspect.strip.remove_requested.connect(self._remove_images)
        self.inspect.predictions.copy_text_requested.connect(self._copy)
        self.inspect.predictions.copy_csv_requested.connect(self._copy_csv)
        self.model_bar.weights_file_requested.connect(self._open_weights_for)
        self.status.cancel_requested.connect(self.conductor.cancel_strip)
        self.actions_by_key["cancel"].triggered.connect(self.desks.explain.cancel)
        for cancelled in (self.status.cancel_requested, self.actions_by_key["cancel"].triggered):
            cancelled.connect(self.desks.export.stop)
            cancelled.connect(self.desks.doctor.stop)
        self.desks.export.told.connect(self._tell)
        self.desks.doctor.told.connect(self._tell)
        self.conductor.recent_added.connect(self._add_recent)
        self.inspect.image_view.crop_visible_changed.connect(self.actions_by_key["crop"].setChecked)
        self.inspect.layers.stages_changed.connect(self.actions_by_key["layer_stages"].setChecked)
        self.actions_by_key["cancel"].triggered.connect(self.desks.patches.stop)
        self.actions_by_key["cancel"].triggered.connect(self.desks.protocols.cancel)
        self.actions_by_key["cancel"].triggered.connect(self.desks.trials.stop)
        self.actions_by_key["cancel"].triggered.connect(self.state.downloads.pause)
        self.correcting.told.connect(self._tell)
        self.desks.fetch.told.connect(self._tell)
        self.state.image_changed.connect(self._name_window)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system_theme)

    def _take_settings(self) -> None:
        self.inspect.set_splitter_sizes(self.settings.splitters)
        self.inspect.layers.set_stages(self.settings.layer_stages)
        if self.settings.layer_columns:
            self.inspect.layers.set_columns(tuple(self.settings.layer_columns))
        if not self.isVisible():
            self.take_geometry(self.settings.geometry)

    @Slot()
    def _open(self) -> None:
        commands.ask_for_pictures(self.conductor, self)

    @Slot()
    def _open_folder(self) -> None:
        commands.ask_for_folder(self.conductor, self)

    @Slot()
    def _open_weights(self) -> None:
        if not commands.ask_for_weights(self.state, self):
            self.model_bar.show_truth()

    @Slot(str)
    def _open_weights_for(self, picked: str) -> None:
        if not commands.ask_for_weights(self.state, self, picked):
            self.model_bar.show_truth()

    @Slot()
    def _open_samples(self) -> None:
        commands.add_paths(self.conductor, paths.sample_pictures())

    @Slot()
    def _paste(self) -> None:
        commands.paste(self.state, self.conductor)

    @Slot()
    def _copy(self) -> None:
        commands.copy_predictions_as_text(self.state)

    @Slot()
    def _copy_csv(self) -> None:
        commands.copy_predictions_as_csv(self.state)

    @Slot()
    def _remove(self) -> None:
        commands.remove_images(self.state, self.inspect.strip.selected_images())

    @Slot(object)
    def _remove_images(self, images: object) -> None:
        commands.remove_images(self.state, images)

    @Slot()
    def _compare_selected(self) -> None:
        self.desks.compare.begin_with(self.inspect.strip.selected_images())

    @Slot()
    def _compare_model(self) -> None:
        from gui.dialogs.compare_dialog import CompareDialog

        CompareDialog(self.state, self).open()

    @Slot()
    def _show_ledger(self) -> None:
        from gui.dialogs.ledger_dialog import LedgerDialog

        LedgerDialog.bring_up(self.state, self)

    @Slot()
    def _previous(self) -> None:
        commands.step_image(self.state, -1)

    @Slot()
    def _next(self) -> None:
        commands.step_image(self.state, 1)

    @Slot()
    def _previous_layer(self) -> None:
        commands.step_layer(self.state, -1)

    @Slot()
    def _next_layer(self) -> None:
        commands.step_layer(self.state, 1)

    @Slot()
    def _focus_model_picker(self) -> None:
        self.model_bar.model_picker.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def _show_shortcuts(self) -> None:
        from gui.dialogs.shortcuts_dialog import ShortcutsDialog

        ShortcutsDialog(self.actions_by_key, self).open()

    @Slot()
    def _show_about(self) -> None:
        from gui.dialogs.about_dialog import AboutDialog

        AboutDialog(self).open()

    @Slot()
    def _show_panel(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.inspect.details.show_panel(action.objectName().removeprefix("action_panel_"))

    @Slot()
    def _find_patches(self) -> None:
        self.inspect.details.show_panel("patches")
        self.state.patches.find()

    @Slot(str)
    def _tell(self, sentence: str) -> None:
        self.status.showMessage(sentence, TELL)

    @Slot(object)
    def _name_window(self, image: object) -> None:
        name = getattr(image, "name", "")
        self.setWindowTitle(f"{name} \u2014 Layerscope" if name else "Layerscope")

    @Slot(object)
    def _add_recent(self, path: Path) -> None:
        if paths.SAMPLES not in path.parents:
            self.settings.add_recent(path)

    @Slot()
    def _fill_recent_menu(self) -> None:
        self._recent_menu.clear()
        for text in self.settings.recent:
            action = self._recent_menu.addAction(text.replace("&", "&&"))
            action.setData(text)
            action.triggered.connect(self._open_recent)
        if self._recent_menu.isEmpty():
            self._recent_menu.addAction("Nothing opened yet").setEnabled(False)

    @Slot()
    def _open_recent(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            commands.add_paths(self.conductor, [action.data()])

    @Slot()
    def _follow_system_theme(self) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme with the icons."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "actions_by_key"):
            self._dress_actions()

    def set_drop_hint(self, visible: bool) -> None:
        """Say on the picture where a drag would go."""
        if self.furnished:
            self.inspect.image_view.set_drop_hint(visible)

    def take_in(self, mime: QMimeData) -> None:
        """Open what was dropped; keep it until that can be done."""
        if self.furnished and not self.keeps_drops:
            commands.take_in(self.state, self.conductor, mime)
        else:
            super().take_in(mime)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the session; ``app`` stops the threads once the event loop has ended."""
        if not self.furnished:
            super().closeEvent(event)
            return
        if not self.training_windows.may_close():
            event.ignore()
            return
        if self.saves_session:
            self.settings.geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
            self.settings.splitters = self.inspect.splitter_sizes()
            self.settings.layer_stages = self.inspect.layers.stages
            self.settings.layer_columns = ["name", *self.inspect.layers.columns]
            session.remember(self.state, self.settings)
            session.save(self.settings)
        super().closeEvent(event)

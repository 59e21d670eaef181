"""What a person prefers from one start to the next: applied at once, and written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from core.settings import Settings
from gui import theme
from gui.state import AppState

if TYPE_CHECKING:
    from gui.dialogs.settings_dialog import SettingsDialog


class Preferences(QObject):
    """Stands between the settings and their places: the menu of themes and the dialog."""

    theme_changed = Signal(str)
    single_window_changed = Signal(bool)

    def __init__(self, state: AppState, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._state, self._settings, self._window = state, settings, window
        self._dialog: SettingsDialog | None = None
        state.downloads.mirror = settings.weights_mirror
        self.theme_menu = QMenu("&Theme", window)
        self._themes = QActionGroup(self)
        for name in theme.THEMES:
            action = self.theme_menu.addAction(name.capitalize())
            action.setData(name)
            action.setCheckable(True)
            action.setChecked(name == settings.theme)
            self._themes.addAction(action)
        self._themes.triggered.connect(self._take_action)

    @property
    def dialog(self) -> SettingsDialog | None:
        """The dialog, while it is open."""
        return self._dialog

    @Slot()
    def open(self) -> None:
        """Open the dialog."""
        if self._dialog is not None:
            self._dialog.raise_()
            self._dialog.activateWindow()
            return
        from gui.dialogs.settings_dialog import SettingsDialog

        self._dialog = SettingsDialog(self._state, self._settings.theme, self._window)
        self._dialog.theme_chosen.connect(self.choose_theme)
        self._dialog.mirror_chosen.connect(self.choose_mirror)
        self._dialog.single_window.setChecked(self._settings.single_window)
        self._dialog.single_window.toggled.connect(self.choose_single_window)
        self._dialog.finished.connect(self._went)
        self._dialog.open()

    @Slot()
    def _went(self) -> None:
        self._dialog = None

    @Slot(QAction)
    def _take_action(self, action: QAction) -> None:
        self.choose_theme(action.data())

    @Slot(str)
    def choose_theme(self, name: str) -> None:
        """Take "system", "light" or "dark"."""
        self._settings.theme = name
        for action in self._themes.actions():
            action.setChecked(action.data() == name)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.choose(app, name)

    @Slot(str)
    def choose_mirror(self, mirror: str) -> None:
        """Fetch weights from there first; "" for nowhere else than where they were published."""
        self._settings.weights_mirror = self._state.downloads.mirror = mirror

    @Slot(bool)
    def choose_single_window(self, wanted: bool) -> None:
        """Open files of later starts in this window, or let each start have a window of its own."""
        self._settings.single_window = wanted
        self.single_window_changed.emit(wanted)

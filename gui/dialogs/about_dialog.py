"""About Layerscope."""

from __future__ import annotations

import platform

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QTextDocumentFragment
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core import paths
from core.version import program_version
from gui import theme


class AboutDialog(QDialog):
    """Name, version, licence, and where the program keeps its things."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Layerscope")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        icon = QLabel()
        icon.setPixmap(QIcon(str(theme.ICONS / "layerscope.svg")).pixmap(64, 64))
        icon.setAccessibleName("Layerscope")
        icon.setAccessibleDescription("The icon of the program")
        icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setToolTip("Close this window (Esc)")
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(20)
        row.addWidget(icon)
        row.addWidget(self._words(), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addLayout(row)
        layout.addWidget(buttons)

    def _words(self) -> QLabel:
        label = QLabel(
            f"<h3 style='margin:0'>Layerscope {program_version()}</h3>"
            "<p>See what an image classifier sees.<br>Works offline; pictures never leave this computer.</p>"
            "<p>BSD-3-Clause licence. Built on PyTorch, torchvision, Qt for Python (LGPL-3.0) and Pillow.</p>"
            f"<p>Python {platform.python_version()} · PySide6 {pyside_version}<br>"
            f"Settings: {paths.config_dir()}<br>Log: {paths.cache_dir() / 'layerscope.log'}</p>"
        )
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        label.setWordWrap(True)
        label.setMinimumWidth(380)
        label.setAccessibleName(QTextDocumentFragment.fromHtml(label.text()).toPlainText())
        return label

"""Help > Shortcuts: the table of actions, and the keys inside the panels."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from gui.actions import TABLE, plain_text

IN_PANELS = (
    ("Pictures", (("Up, Down", "previous, next picture"), ("Del", "remove the selected pictures"))),
    ("Picture", (("+, -", "zoom"), ("0", "fit in window"), ("1", "actual size"), ("Wheel, drag", "zoom, pan"),
                 ("Ctrl+drag", "take the picture out of the window"))),
    ("Layers", (("Up, Down", "previous, next layer"), ("Left, Right", "fold, unfold"), ("/", "filter by name or kind"))),
    ("Lesions", (("Space", "switch a lesion off and on"), ("Del", "remove it"), ("Return", "mute a ranked channel"))),
    ("Feature maps", (("Arrows", "walk through the channels"), ("Ctrl+Wheel", "size of the maps"),
                      ("Drag", "take a map out of the window"))),
)


class ShortcutsDialog(QDialog):
    """Every shortcut, menu by menu and panel by panel."""

    def __init__(self, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(520, 560)
        text = QTextBrowser()
        text.setAccessibleName("Shortcuts")
        text.setHtml(_menus(actions) + _panels())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setToolTip("Close this window (Esc)")
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(text)
        layout.addWidget(buttons)


def _menus(actions: dict[str, QAction]) -> str:
    parts = []
    for menu in dict.fromkeys(spec.menu for spec in TABLE):
        rows = [
            (_keys(actions[spec.key]), plain_text(actions[spec.key]))
            for spec in TABLE
            if spec.menu == menu and actions[spec.key].shortcuts()
        ]
        parts.append(_table(menu, tuple(rows)))
    return "".join(parts)


def _keys(action: QAction) -> str:
    """The first two shortcuts; the special keys of some keyboards ("Open", "F18") are left out."""
    texts = (sequence.toString(QKeySequence.SequenceFormat.NativeText) for sequence in action.shortcuts())
    usual = [text for text in texts if "+" in text or (len(text) <= 3 and not text.startswith("F1")) or text == "F1"]
    return ", ".join(usual[:2])


def _panels() -> str:
    return "".join(_table(f"In the panel \u201c{title}\u201d", rows) for title, rows in IN_PANELS)


def _table(title: str, rows: tuple[tuple[str, str], ...]) -> str:
    body = "".join(
        f"<tr><td width='170' style='padding:2px 16px 2px 0'><b>{escape(keys)}</b></td><td>{escape(what)}</td></tr>"
        for keys, what in rows
    )
    return f"<h4 style='margin:12px 0 4px 0'>{escape(title)}</h4><table>{body}</table>"

"""Help > Shortcuts: the table of actions, and the keys inside the panels."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from gui.actions import TABLE, plain_text

Rows = tuple[tuple[str, str], ...]

INSPECT_GROUPS = {
    "previous_layer": "Layers and Maps", "channel_overlay": "Chosen Channel", "explain": "Why", "mute": "Lesions",
    "compare": "A and B", "find_patches": "Patches", "run_protocol": "Test Protocols",
}  # fmt: skip
"""What the groups of the menu "Inspect" are about, by the action that each begins with."""

IN_PANELS: tuple[tuple[str, Rows], ...] = (
    ("Pictures", (("Up, Down", "Previous, next picture"),)),
    ("Picture", (("+, -", "Zoom"), ("0", "Fit in window"), ("1", "Actual size"), ("C", "Show what the network sees"),
                 ("Arrows", "Pan"), ("Wheel, drag", "Zoom, pan"), ("Ctrl+drag", "Take the picture out of the window"))),
    ("Predictions", (("Up, Down", "Walk through the categories"), ("Return", "Choose one, so that all is about it"))),
    ("Layers", (("Up, Down", "Previous, next layer"), ("Left, Right", "Fold, unfold"), ("/", "Filter by name or kind"))),
    ("Feature Maps", (("Arrows", "Walk through the channels"), ("Home, End", "First, last channel"),
                      ("Return", "Sort by similarity to this one anew"), ("Ctrl+Wheel", "Size of the maps"),
                      ("Drag", "Take a map out of the window"))),
    ("Channel", (("Arrows", "Walk through the units of the map"),
                 ("Return", "Choose the unit under the cursor"))),
    ("Lesions", (("Space", "Switch a lesion off and on"), ("Del", "Remove it"), ("Return", "Mute a ranked channel"))),
    ("Patches", (("Return", "Show where a patch lies"), ("Esc", "Take its outline away"))),
    ("Protocols", (("Up, Down", "Walk through the views"), ("Arrows", "Walk over the cells of a dense map"),
                   ("Home", "The strongest cell"), ("Esc", "Let the view or the cell go"))),
    ("Notices", (("Esc", "Dismiss"),)),
)


class ShortcutsDialog(QDialog):
    """Every shortcut, menu by menu at the left and panel by panel at the right."""

    def __init__(self, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(848, 560)
        text = QTextBrowser()
        text.setAccessibleName("Shortcuts")
        menus = "".join(_table(title, rows) for title, rows in groups(actions))
        panels = "".join(_table(f"In the panel \u201c{title}\u201d", rows) for title, rows in IN_PANELS)
        text.setHtml(f"<table width='100%'><tr><td width='50%'>{menus}</td><td width='50%'>{panels}</td></tr></table>")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setToolTip("Close this window (Esc)")
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(text)
        layout.addWidget(buttons)


def groups(actions: dict[str, QAction]) -> tuple[tuple[str, Rows], ...]:
    """What works wherever the keyboard is: a title and its keys with what they do, in the order of the menus.

    The walk through the network comes first.
    """
    made: dict[str, list[tuple[str, str]]] = {}
    title = ""
    for spec in sorted(TABLE, key=lambda spec: spec.menu != "Inspect"):
        title = INSPECT_GROUPS.get(spec.key, title if spec.menu == "Inspect" else spec.menu)
        if actions[spec.key].shortcuts():
            made.setdefault(title, []).append((_keys(actions[spec.key]), plain_text(actions[spec.key])))
    return tuple((title, tuple(rows)) for title, rows in made.items())


def _keys(action: QAction) -> str:
    """The first two shortcuts; the special keys of some keyboards ("Open", "F18") are left out."""
    texts = (sequence.toString(QKeySequence.SequenceFormat.NativeText) for sequence in action.shortcuts())
    usual = [text for text in texts if "+" in text or (len(text) <= 3 and not text.startswith("F1")) or text == "F1"]
    return ", ".join(usual[:2])


def _table(title: str, rows: Rows) -> str:
    body = "".join(
        f"<tr><td width='140'><b>{escape(keys)}</b></td><td>{escape(what)}</td></tr>" for keys, what in rows
    )
    return f"<h4 style='margin:12px 0 4px 0'>{escape(title)}</h4><table cellspacing='0' cellpadding='2'>{body}</table>"
